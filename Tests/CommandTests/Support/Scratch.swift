import Codetta
import Foundation

/// A folder that vanishes with its owner.
final class Scratch {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("codetta-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url.appendingPathComponent(name))) }
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(bytes).write(to: url.appendingPathComponent(name))
    }

    /// Every entry, hidden ones included.
    func entries(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
    }

    @discardableResult
    func writeAudio(_ name: String, _ audio: AudioBlock, rate: Int, format: SampleFormat = .pcm16) throws -> String {
        let writer = try AudioWriter(
            path: path(name),
            settings: AudioWriter.Settings(
                sampleRate: rate, channelCount: audio.channelCount, sampleFormat: format))
        try writer.write(audio)
        try writer.finish()
        return path(name)
    }

    func readAudio(_ name: String) throws -> (audio: AudioBlock, rate: Int) {
        let reader = try AudioReader(path: path(name))
        return (try reader.readAll(), reader.sampleRate)
    }
}
