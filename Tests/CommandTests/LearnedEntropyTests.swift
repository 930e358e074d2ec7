import Codetta
import Foundation
import Platform
import TestSupport
import Testing

/// Entropy mode `lm` through files and the command.
@Suite struct LearnedEntropyTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// A model that knows nothing but that `common` is the likeliest code: all weights zero but the output's biases.
    private func entropyModel(codebooks: Int, size: Int, common: Int) -> [UInt8] {
        var file = SafetensorsWriter()
        func add(_ name: String, _ shape: [Int], _ values: [Int32]? = nil) {
            file.add(name, shape: shape, integers: values ?? Array(repeating: 0, count: shape.reduce(1, *)))
        }
        add("embedding", [codebooks, size, 1])
        add("embedding.shift", [codebooks])
        for (name, rows) in [("recurrence.input", [3]), ("recurrence.state", [3])] {
            add(name, rows + [1])
            add(name + ".multiplier", rows)
            add(name + ".bias", rows)
        }
        for (name, rows) in [
            ("head.state", [codebooks, 1]), ("head.last", [codebooks, 1]), ("head.frame", [codebooks, 1]),
            ("output", [codebooks, size]),
        ] {
            add(name, rows + [1])
            add(name + ".multiplier", rows)
        }
        add("head.bias", [codebooks, 1])
        add("output.bias", [codebooks, size], (0..<codebooks * size).map { $0 % size == common ? 1024 : 0 })
        add("sigmoid", [8192])
        add("tanh", [8192])
        add("exponential", [4096], (0..<4096).map { max((1 << 20) >> Int32($0 / 177), 1) })
        return file.serialized()
    }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    /// The tiny model's folder with an entropy model beside the weights.
    private func installModel(_ name: String, common: Int = 3) throws {
        let parent = scratch.url.appendingPathComponent(name).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Command.tinyModel, toPath: scratch.path(name))
        let folder = try ModelFolder(path: scratch.path(name))
        let layout = try CodecRegistry.load(folder).description.layout
        try scratch.write(
            entropyModel(codebooks: layout.codebooks.count, size: layout.codebooks[0].size, common: common),
            to: name + "/entropy.safetensors")
    }

    @Test func theCommandCodesWithTheModelBesideTheWeights() throws {
        try installModel("model")
        try scratch.writeAudio("a.wav", tones(30_000, channels: 2, rate: 24000), rate: 24000)
        let encoded = try run("encode", "a.wav", "-m", "./model", "--entropy", "lm")
        #expect(encoded.status == 0, "\(encoded.errors)")
        #expect(try run("encode", "a.wav", "-m", "./model", "-o", "plain.codetta").status == 0)
        #expect(try run("encode", "a.wav", "-m", "./model", "--entropy", "lm", "--resume").status == 0)
        #expect(try run("decode", "a.codetta", "-m", "./model", "-o", "a-decoded.wav").status == 0)
        #expect(try run("decode", "plain.codetta", "-m", "./model").status == 0)
        #expect(try scratch.bytes("a-decoded.wav") == scratch.bytes("plain.wav"))
    }

    @Test func withoutTheModelTheBytesAreCheckedAndTheCodesRefused() throws {
        // Not where the file's label alone would find it.
        try installModel("away/model")
        try installModel("away/other", common: 5)
        try scratch.writeAudio("a.wav", tones(9000, channels: 1, rate: 24000), rate: 24000)
        #expect(try run("encode", "a.wav", "-m", "away/model", "--entropy", "lm").status == 0)
        let verified = try run("verify", "a.codetta")
        #expect(verified.status == 0 && verified.text.contains("codes unchecked"))
        let shown = try run("info", "a.codetta")
        #expect(shown.status == 0 && shown.text.contains("lm") && shown.text.contains("unchecked"))
        let other = try run("decode", "a.codetta", "-m", "away/other", "-o", "b.wav")
        #expect(other.status == 65 && other.errorLines.count == 1 && other.errors.contains("entropy model"))
        let none = try run("decode", "a.codetta", "-m", Command.tinyModel, "-o", "b.wav")
        #expect(none.status == 66 && none.errorLines.count == 1 && none.errors.contains("entropy model"))
        let cannot = try run("encode", "a.wav", "-m", Command.tinyModel, "--entropy", "lm", "-f")
        #expect(cannot.status == 66 && cannot.errors.contains("--entropy adaptive"))
        #expect(try scratch.entries() == ["a.codetta", "a.wav", "away"])
    }

    /// Contradiction 4 of `CommandVerdictTests`: an update of the codec's entropy model makes no archive unsound.
    @Test func contradiction4VerifyAndInfoTakeAnotherEntropyModelForNone() throws {
        try installModel("made/model")
        try installModel("installed/model", common: 5)
        try scratch.writeAudio("a.wav", tones(9000, channels: 1, rate: 24000), rate: 24000)
        #expect(try run("encode", "a.wav", "-m", "made/model", "--entropy", "lm").status == 0)
        for (folder, isChecked) in [("made", true), ("installed", false)] {
            let environment = ["CODETTA_MODELS": scratch.path(folder)]
            for verb in ["verify", "info"] {
                let result = try Command.run([verb, "a.codetta"], in: scratch.url, environment: environment)
                #expect(result.status == 0 && result.text.contains("sound") && result.text.contains("codes unchecked") != isChecked, "\(result.text)")
            }
            let decoded = try Command.run(["decode", "a.codetta", "-o", "\(folder).wav"], in: scratch.url, environment: environment)
            #expect(decoded.status == (isChecked ? 0 : 65), "\(decoded.errors)")
        }
    }

    @Test func entropyModelsAreLoadedOnceAndNamedByTheirTensors() throws {
        try installModel("model")
        let folder = try ModelFolder(path: scratch.path("model"))
        let models = EntropyModels()
        let model = try #require(try models.model(in: folder))
        #expect(try model.name == EntropyModelName(Checkpoint(path: scratch.path("model/entropy.safetensors")).identity()))
        try FileManager.default.removeItem(atPath: scratch.path("model/entropy.safetensors"))
        #expect(try models.model(in: folder)?.name == model.name)
        #expect(try EntropyModels().model(in: folder) == nil)
        try scratch.write([1, 2, 3], to: "model/entropy.safetensors")
        #expect(throws: CheckpointError.self) { try EntropyModels().model(in: folder) }
    }

    @Test func aNameThatCouldBeAPathIsNoPlainName() throws {
        #expect(ModelLabel.isPlain("codetta-24k_v1.2"))
        for name in ["../x", "/x", "a/b", ".x", "a b", "x\u{0}"] { #expect(!ModelLabel.isPlain(name)) }
    }
}
