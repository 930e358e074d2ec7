import Codetta
import Foundation
import TestSupport
import Testing

/// `codetta quantizer` and `codetta encode --features`.
@Suite struct QuantizerVerbTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    /// Vectors that look random, 6 channels.
    private func writeLatents(_ name: String, count: Int = 500) throws {
        var state: UInt32 = 1
        let values = (0..<(count * 6)).map { i in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 8) / Float(1 << 24) * Float(1 + i % 6) - 1
        }
        try scratch.write(NumPyFloats.encode(values, shape: [count, 6]), to: name)
    }

    @Test(arguments: ["fit", "statistics", "compare"]) func helpFitsATerminal(verb: String) throws {
        let help = try Command.run(["quantizer", verb, "--help"])
        #expect(help.status == 0 && help.text.contains("  codetta quantizer \(verb)"))
        for line in help.lines { #expect(line.count <= 80, "\(line)") }
    }

    @Test func aFitIsAFileThatStatisticsRead() throws {
        try writeLatents("z.npy")
        let fit = try run("quantizer", "fit", "--kind", "rvq", "--codebooks", "3", "--size", "16", "-i", "z.npy", "-o", "q.safetensors", "--json")
        #expect(fit.status == 0, "\(fit.errors)")
        let score = try #require(try fit.json()["score"] as? [String: Any])
        #expect(score["bitsPerFrame"] as? Double == 12)
        #expect(try #require(score["relativeError"] as? Double) < 0.5)
        let again = try run("quantizer", "fit", "--codebooks", "3", "--size", "16", "-i", "z.npy", "-o", "r.safetensors")
        #expect(again.status == 0 && again.output.isEmpty && again.errors.contains("3 × 16"))
        #expect(try scratch.bytes("q.safetensors") == scratch.bytes("r.safetensors"))
        #expect(try run("quantizer", "fit", "--size", "16", "-i", "z.npy", "-o", "q.safetensors").status == 73)

        let statistics = try run("quantizer", "statistics", "z.npy", "--quantizer", "q.safetensors", "--plot", "use.png", "--json")
        #expect(statistics.status == 0, "\(statistics.errors)")
        let report = try statistics.json()
        #expect((report["codebooks"] as? [Any])?.count == 3 && (report["stability"] as? [Any])?.count == 3)
        #expect(try scratch.bytes("use.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @Test func statisticsOfAudioAndItsTokensAgree() throws {
        try scratch.writeAudio("a.wav", tones(24000, channels: 1, rate: 24000), rate: 24000)
        #expect(try run("encode", "a.wav", "-m", Command.tinyModel).status == 0)
        let audio = try run("quantizer", "statistics", "a.wav", "-m", Command.tinyModel, "--passes", "1", "--json").json()
        let tokens = try run("quantizer", "statistics", "a.codetta", "--json").json()
        #expect(audio["entropy"] as? Double == tokens["entropy"] as? Double)
        let text = try run("quantizer", "statistics", "a.codetta")
        #expect(text.status == 0 && text.text.contains("perplexity"))
    }

    @Test func kindsAreComparedAtTheirBitrates() throws {
        try writeLatents("z.npy", count: 800)
        let result = try run(
            "quantizer", "compare", "--fit", "z.npy", "--test", "z.npy", "--kinds", "rvq,fsq", "--size", "16", "--bitrate", "0.4,0.8",
            "--frame-rate", "100", "--passes", "2")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.lines.count == 6 && result.lines[0].hasPrefix("| kind |"))
        #expect(try run("quantizer", "compare", "--fit", "z.npy", "--test", "z.npy").status == 64)
    }

    @Test func wrongUsageAndWrongFilesAreRefused() throws {
        try writeLatents("z.npy", count: 20)
        try scratch.write("not latents".utf8, to: "bad.npy")
        for (arguments, status) in [
            (["fit", "--kind", "odd", "-i", "z.npy", "-o", "q"], 64), (["fit", "--kind", "vq", "--codebooks", "2", "-i", "z.npy", "-o", "q"], 64),
            (["fit", "-i", "missing.npy", "-o", "q"], 66), (["fit", "-i", "bad.npy", "-o", "q"], 65),
            (["fit", "-i", "z.npy", "-o", "q"], 65), (["statistics", "z.npy", "--quantizer", "bad.npy"], 65),
            (["statistics", "z.npy", "--passes", "x"], 64),
        ] as [([String], Int32)] {
            let result = try Command.run(["quantizer"] + arguments, in: scratch.url)
            #expect(result.status == status, "\(arguments): \(result.errors)")
            #expect(!scratch.exists("q"))
        }
    }

    @Test func featuresHaveAHundredFramesASecond() throws {
        try scratch.writeAudio("a.wav", tones(44100, channels: 2, rate: 44100), rate: 44100)
        for (kind, width) in [("mel", 80), ("mfcc", 13)] {
            let result = try run("encode", "a.wav", "--features", kind, "-o", "\(kind).safetensors", "--json")
            #expect(result.status == 0, "\(result.errors)")
            let file = try SafetensorsFile(path: scratch.path("\(kind).safetensors"))
            let features = try file.load("features")
            #expect(features.shape == [101, width])
            #expect(file.header.metadata["frame_rate"] == "100.0")
            if kind == "mfcc" { #expect(Set(features.values.prefix(13)).count == 13) }
        }
        #expect(try run("encode", "a.wav", "--features", "mel", "--latents").status == 64)
    }
}
