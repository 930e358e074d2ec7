import Codetta
import Evaluation
import Foundation
import Platform
import Plots

/// Makes what a report embeds, until its budget is spent, and notes what could not be made.
final class Media {
    /// Bytes of data that may still be embedded.
    private var remaining: Int
    /// Whether anything was left out for want of budget.
    private(set) var isExhausted = false
    /// What could not be made and why, one line each, in order and each once.
    private(set) var failures: [String] = []
    private let folder: PathName?
    private let seconds: Double
    private var temporary: TemporaryFolder?
    private var audioCount = 0

    init(budget: Int, folder: PathName?, seconds: Double) {
        (remaining, self.folder, self.seconds) = (budget, folder, seconds)
    }

    /// The file that a path in the results means: as it is, or below the folder given instead, which it cannot leave: not by `..`, nor
    /// from the root, nor by a link.
    func locate(_ text: String?) -> PathName? {
        guard let text else { return nil }
        let name = PathName(documentText: text)
        guard let folder else { return FileSystem.status(name)?.type == .regular ? name : nil }
        guard let root = Files.resolved(folder.filePath) else { return nil }
        // The folder may be any of those that the path names.
        let parts = name.bytes.split(separator: UInt8(ascii: "/")).filter { $0 != Array(".".utf8)[...] }
        for start in parts.indices.prefix(64) where !parts[start...].contains(Array("..".utf8)[...]) {
            let candidate = folder.appending(PathName(bytes: parts[start...].joined(separator: [UInt8(ascii: "/")])))
            guard FileSystem.status(candidate)?.type == .regular, let file = Files.resolved(candidate.filePath) else { continue }
            if file.starts(with: root) { return candidate }
            note("\(candidate): a link that leaves \(folder)")
        }
        return nil
    }

    /// The beginning of the audio as a FLAC data URI; nil when it cannot be read, which is noted, or does not fit the budget.
    /// - Throws: `TemporaryFolder.Unmade` where no temporary file can be made.
    func audio(_ path: PathName) throws -> String? {
        let folder = try temporary ?? TemporaryFolder()
        temporary = folder
        audioCount += 1
        let file = folder.path("\(audioCount).flac")
        defer { Files.remove(FilePath(file)) }
        return noting("\(path): no sound of it") {
            let reader = try InputFile(path).audioReader()
            let channels = min(2, reader.channelCount)
            let writer = try AudioWriter(
                path: file,
                settings: AudioWriter.Settings(
                    sampleRate: reader.sampleRate, channelCount: channels, container: .flac, sampleFormat: .pcm16))
            try reader.forEachBlock(in: TimeSpan(seconds: seconds)) { block in
                try writer.write(AudioBlock(channels: Array(block.channels.prefix(channels))))
            }
            try writer.finish()
            return embed(Array(try Data(contentsOf: URL(fileURLWithPath: file))), type: "audio/flac")
        } ?? nil
    }

    /// The spectrogram of the same stretch; nil when the audio cannot be read, which is noted.
    func spectrogram(_ path: PathName) -> Spectrogram? {
        noting("\(path): no picture of it") {
            try InputFile(path).audioReader().spectrogram(TimeSpan(seconds: seconds), columns: 1024)
        }
    }

    /// A picture as a data URI; nil when it cannot be drawn, which is noted, or does not fit the budget.
    /// - Parameter name: what it is of, for the note.
    func picture(_ name: String, _ draw: () throws -> [UInt8]) -> String? {
        noting("\(name): no picture") { embed(try draw(), type: "image/png") } ?? nil
    }

    /// Notes that something is not there that the results name.
    func note(_ failure: String) {
        if !failures.contains(failure) { failures.append(failure) }
    }

    private func noting<Result>(_ what: String, _ body: () throws -> Result) -> Result? {
        do {
            return try body()
        } catch {
            note("\(what): \(error)")
            return nil
        }
    }

    private func embed(_ bytes: [UInt8], type: String) -> String? {
        let text = Data(bytes).base64EncodedString()
        guard text.utf8.count <= remaining else {
            isExhausted = true
            return nil
        }
        remaining -= text.utf8.count
        return "data:\(type);base64,\(text)"
    }
}
