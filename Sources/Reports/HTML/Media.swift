import Codetta
import Evaluation
import Foundation
import Plots

/// Makes what a report embeds, until its budget is spent.
final class Media {
    /// Bytes of data that may still be embedded.
    private var remaining: Int
    /// Whether anything was left out for want of budget.
    private(set) var isExhausted = false
    private let folder: PathName?
    private let seconds: Double

    init(budget: Int, folder: PathName?, seconds: Double) {
        (remaining, self.folder, self.seconds) = (budget, folder, seconds)
    }

    /// The file that a path in the results means: as it is, or below the folder given instead.
    func locate(_ path: String?) -> PathName? {
        guard let path else { return nil }
        let name = PathName(path)
        let candidates = (folder.map { [$0.appending(name), $0.appending(name.lastComponent)] } ?? []) + [name]
        return candidates.first { FileSystem.status($0)?.type == .regular }
    }

    /// The beginning of the audio as a FLAC data URI; nil when it cannot be read or does not fit the budget.
    func audio(_ path: PathName) -> String? {
        let temporary = FileManager.default.temporaryDirectory.appendingPathComponent("codetta-report-\(UUID().uuidString).flac")
        defer { try? FileManager.default.removeItem(at: temporary) }
        do {
            let reader = try InputFile(path).audioReader()
            let channels = min(2, reader.channelCount)
            let writer = try AudioWriter(
                path: temporary.path,
                settings: AudioWriter.Settings(
                    sampleRate: reader.sampleRate, channelCount: channels, container: .flac, sampleFormat: .pcm16))
            try reader.forEachBlock(in: TimeSpan(seconds: seconds)) { block in
                try writer.write(AudioBlock(channels: Array(block.channels.prefix(channels))))
            }
            try writer.finish()
            return embed(Array(try Data(contentsOf: temporary)), type: "audio/flac")
        } catch {
            return nil
        }
    }

    /// The spectrogram of the same stretch; nil when the audio cannot be read.
    func spectrogram(_ path: PathName) -> Spectrogram? {
        try? InputFile(path).audioReader().spectrogram(TimeSpan(seconds: seconds), columns: 1024)
    }

    /// A picture as a data URI; nil when it cannot be drawn or does not fit the budget.
    func picture(_ draw: () throws -> [UInt8]) -> String? {
        (try? draw()).flatMap { embed($0, type: "image/png") }
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
