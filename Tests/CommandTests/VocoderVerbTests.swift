import Codetta
import Foundation
import TestSupport
import Testing

/// `codetta encode --features mel` and `decode` with a vocoder.
@Suite struct VocoderVerbTests {
    static let vocoder = PackageFolder.path("Tests/CodecsTests/Fixtures/tiny-vocos-mel")

    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    @Test func featuresComeBackAsAudio() throws {
        try scratch.writeAudio("a.wav", tones(24_000, channels: 2, rate: 24_000), rate: 24_000)
        let encoded = try run("encode", "a.wav", "--features", "mel", "-m", Self.vocoder, "--json", "-o", "a.npy")
        #expect(encoded.status == 0, "\(encoded.errors)")
        let details = try #require(try encoded.json()["details"] as? [String: Any])
        #expect(details["dimension"] as? Int == 12 && details["frameRate"] as? Double == 100 && details["frames"] as? Int == 101)
        let decoded = try run("decode", "a.npy", "-m", Self.vocoder, "-o", "b.wav", "--json")
        #expect(decoded.status == 0, "\(decoded.errors)")
        #expect(try #require(try decoded.json()["details"] as? [String: Any])["samples"] as? Int == 4000)
        let (audio, rate) = try scratch.readAudio("b.wav")
        #expect(rate == 4000 && audio.channelCount == 1 && audio.sampleCount == 4000)
    }

    @Test func safetensorsAndPipesGiveTheSameAudio() throws {
        try scratch.writeAudio("a.wav", tones(4000, channels: 1, rate: 4000), rate: 4000)
        for name in ["a.npy", "a.safetensors"] {
            #expect(try run("encode", "a.wav", "--features", "mel", "-m", Self.vocoder, "-o", name).status == 0)
        }
        #expect(try run("decode", "a.npy", "-m", Self.vocoder, "-o", "b.wav").status == 0)
        #expect(try run("decode", "a.safetensors", "-m", Self.vocoder, "-o", "c.wav").status == 0)
        #expect(try scratch.bytes("b.wav") == scratch.bytes("c.wav"))
        let pipe = try run("decode", "a.npy", "-m", Self.vocoder, "-o", "-")
        #expect(pipe.status == 0, "\(pipe.errors)")
        #expect(try Array(pipe.output) == scratch.bytes("b.wav"))
    }

    @Test func aFolderOfFeaturesIsDecoded() throws {
        try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent("mel"), withIntermediateDirectories: true)
        for name in ["a", "b"] {
            try scratch.writeAudio("\(name).wav", tones(400, channels: 1, rate: 4000), rate: 4000)
            #expect(try run("encode", "\(name).wav", "--features", "mel", "-m", Self.vocoder, "-o", "mel/\(name).npy").status == 0)
        }
        let result = try run("decode", "mel", "-m", Self.vocoder, "-o", "out")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try scratch.entries("out") == ["a.wav", "b.wav"])
    }

    @Test func wrongInputsAreOneLine() throws {
        try scratch.writeAudio("a.wav", tones(4000, channels: 1, rate: 4000), rate: 4000)
        try scratch.writeAudio("short.wav", tones(80, channels: 1, rate: 4000), rate: 4000)
        try scratch.write(NumPyFloats.encode([Float](repeating: 0, count: 160), shape: [2, 80]), to: "other.npy")
        try scratch.write(NumPyFloats.encode([Float](repeating: .infinity, count: 24), shape: [2, 12]), to: "infinite.npy")
        let cases: [(arguments: [String], status: Int32, message: String)] = [
            (["decode", "other.npy", "-m", Self.vocoder], 65, "80 values a frame, the vocoder takes 12"),
            (["decode", "infinite.npy", "-m", Self.vocoder], 65, "frame 0 of the features holds a NaN or an infinity"),
            (["decode", "missing.npy", "-m", Self.vocoder], 66, "missing.npy: no such file"),
            (["encode", "short.wav", "--features", "mel", "-m", Self.vocoder], 65, "80 samples, reflect padding needs 81"),
            (["encode", "a.wav", "-m", Self.vocoder], 64, "is a vocoder, which has no codes"),
            (["encode", "a.wav", "--features", "mel", "-m", Command.tinyModel], 64, "is no vocoder"),
        ]
        for (arguments, status, message) in cases {
            let result = try Command.run(arguments, in: scratch.url)
            #expect(result.status == status && result.errorLines.count == 1, "\(arguments): \(result.errors)")
            #expect(result.errors.contains(message), "\(result.errors)")
        }
        #expect(try run("decode", "other.npy", "-m", Self.vocoder, "--lenient").status == 64)
        #expect(try run("encode", "a.wav", "--features", "mfcc", "-m", Self.vocoder).status == 64)
        #expect(!scratch.exists("other.wav") && !scratch.exists("infinite.wav"))
    }

    @Test func modelsShowSaysWhatAVocoderIs() throws {
        let text = try run("models", "show", Self.vocoder)
        #expect(text.status == 0 && text.text.contains("a vocoder") && text.text.contains("12 mel bands"))
        #expect(try run("models", "show", Self.vocoder, "--json").json()["features"] as? Int == 12)
    }
}
