import Codetta
import Foundation

/// The repository.
let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// A small model with random weights: 24 kHz, mono, streaming.
let tinyFolder = packageRoot.appendingPathComponent("Tests/CodecsTests/Fixtures/tiny-waveform-causal")

func tinyModel() throws -> Model { try Model(contentsOf: tinyFolder) }

/// Two tones per channel, other ones on each.
func tones(_ samples: Int, channels: Int) -> AudioBlock {
    AudioBlock(
        channels: (0..<channels).map { c in
            (0..<samples).map { t in 0.3 * sinf(Float(t) * 0.031 * Float(c + 1)) + 0.1 * sinf(Float(t) * 0.17) }
        })
}

/// A folder that is gone with its owner.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("codetta-door-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// All names, hidden ones included, sorted.
    func entries() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }

    /// A WAV file of 16 bits.
    func writeAudio(_ name: String, _ audio: AudioBlock, rate: Int) throws {
        let output = try OutputFile(PathName(file(name).path), overwrite: true)
        let writer = try AudioWriter(
            descriptor: output.descriptor, name: name,
            settings: AudioWriter.Settings(sampleRate: rate, channelCount: audio.channelCount, container: .wav))
        try writer.write(audio)
        try writer.finish()
        try output.commit()
    }
}
