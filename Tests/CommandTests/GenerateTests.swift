import Codetta
import Foundation
import Platform
import TestSupport
import Testing

/// `generate` and `lm` as commands, with a tiny codec and a tiny random language model of its first two codebooks.
@Suite struct GenerateTests {
    private let scratch: ScratchFolder
    private let lm: String

    init() throws {
        scratch = try ScratchFolder()
        lm = try TinyLanguageModel.write(to: scratch.url)
        try scratch.writeAudio("a.wav", tones(12_010, channels: 1, rate: 24000), rate: 24000)
    }

    private func run(_ arguments: String..., input: Data = Data()) throws -> CommandResult {
        try Command.run(arguments, in: scratch.url, input: input)
    }

    private func generate(_ output: String, _ arguments: String...) throws -> CommandResult {
        try Command.run(
            ["generate", "-o", output, "-m", Command.tinyModel, "--lm", lm, "--seconds", "0.5"] + arguments, in: scratch.url)
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        for (name, seed) in [("a1.wav", "1"), ("a2.wav", "1"), ("b.wav", "2")] {
            let result = try generate(name, "--seed", seed)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.errors.contains("0.50 s generated, 24000 Hz"))
        }
        #expect(try scratch.bytes("a1.wav") == scratch.bytes("a2.wav"))
        #expect(try scratch.bytes("a1.wav") != scratch.bytes("b.wav"))
        let (audio, rate) = try scratch.readAudio("a1.wav")
        #expect(rate == 24000 && audio.sampleCount == 12_000 && audio.channelCount == 1)
    }

    @Test func promptAndContinuationJoinAsOneDecoding() throws {
        #expect(try generate("whole.wav", "--prompt", "a.wav", "--subtype", "float").status == 0)
        #expect(try generate("rest.wav", "--prompt", "a.wav", "--subtype", "float", "--continuation-only").status == 0)
        #expect(try generate("whole.codetta", "--prompt", "a.wav").status == 0)
        #expect(try generate("rest.codetta", "--prompt", "a.wav", "--continuation-only").status == 0)
        // 12010 samples are 200 whole frames of 60.
        let whole = try scratch.readAudio("whole.wav").audio.channels[0]
        #expect(whole.count == 24_000)
        #expect(try scratch.readAudio("rest.wav").audio.channels[0] == Array(whole[12_000...]))
        let decoded = try run("decode", "whole.codetta", "-m", Command.tinyModel, "-o", "decoded.wav", "--subtype", "float")
        #expect(decoded.status == 0, "\(decoded.errors)")
        #expect(try scratch.readAudio("decoded.wav").audio.channels[0] == whole)
        // The prompt is what the codec makes of the recording with as many codebooks.
        _ = try run("encode", "a.wav", "-c", "2", "-m", Command.tinyModel)
        _ = try run("decode", "a.codetta", "-m", Command.tinyModel, "-o", "a-decoded.wav", "--subtype", "float")
        let plain = try scratch.readAudio("a-decoded.wav").audio.channels[0]
        #expect(Array(whole[..<11_000]) == Array(plain[..<11_000]))
        let rest = try run("info", "rest.codetta", "--json").json()
        let header = try #require(rest["header"] as? [String: Any])
        #expect((header["original"] as? [String: Any])?["subtype"] as? String == "generated")
        #expect((rest["totals"] as? [String: Any])?["samples"] as? Int == 12_000)
        #expect((try run("info", "rest.codetta")).text.contains("generated"))
    }

    @Test func tokensAreAPromptAsTheRecordingIs() throws {
        _ = try run("encode", "a.wav", "-m", Command.tinyModel)
        #expect(try generate("from-audio.wav", "--prompt", "a.wav").status == 0)
        #expect(try generate("from-tokens.wav", "--prompt", "a.codetta").status == 0)
        // The last frames of the token file saw the padding behind the end.
        let (audio, tokens) = (try scratch.readAudio("from-audio.wav").audio, try scratch.readAudio("from-tokens.wav").audio)
        #expect(audio.sampleCount == tokens.sampleCount)
        #expect(Array(audio.channels[0][..<11_000]) == Array(tokens.channels[0][..<11_000]))
    }

    @Test func aPipeGetsTheBytesOfAFileAndRawStreams() throws {
        #expect(try generate("file.wav").status == 0)
        let piped = try generate("-")
        #expect(try piped.status == 0 && Array(piped.output) == scratch.bytes("file.wav"))
        let raw = try generate("-", "--format", "raw")
        #expect(try raw.output.count == 24_000 && Array(raw.output) == scratch.bytes("file.wav").suffix(24_000))
        let early = try Command.shell(
            "\"$codetta\" generate -o - --format raw -m \"$model\" --lm tiny-waveform-causal-lm --seconds 3600 | head -c 2000 | wc -c",
            in: scratch.url)
        #expect(early.text.contains("2000"), "audio starts long before an hour of tokens is made: \(early.errors)")
    }

    @Test func samplesOfABatchAreNumberedAndTheFirstIsTheSingleOne() throws {
        #expect(try generate("take.wav", "-n", "3", "--prompt", "a.wav").status == 0)
        #expect(try generate("one.wav", "--prompt", "a.wav").status == 0)
        let takes = try (1...3).map { try scratch.bytes("take-\($0).wav") }
        #expect(try takes[0] == scratch.bytes("one.wav"))
        #expect(Set(takes).count == 3)
        let again = try generate("take.wav", "-n", "3")
        #expect(again.status == 73 && again.errors.contains("take-1.wav"))
    }

    @Test func draftsAndGreedyAndWeightsWork() throws {
        #expect(try generate("greedy.codetta", "--greedy").status == 0)
        #expect(try generate("zero.codetta", "--temperature", "0", "--seed", "5").status == 0)
        for (index, draft) in ["ngram", "ngram:1:3", "heads", "heads:1"].enumerated() {
            let result = try generate("draft\(index).codetta", "--greedy", "--draft", draft, "-v")
            #expect(result.status == 0 && result.errors.contains("drafted steps kept"), "\(result.errors)")
            #expect(try scratch.bytes("draft\(index).codetta") == scratch.bytes("greedy.codetta"))
        }
        #expect(try scratch.bytes("zero.codetta") == scratch.bytes("greedy.codetta"))
        for weights in ["int8", "int4"] { #expect(try generate("\(weights).wav", "--weights", weights).status == 0) }
        let limits = [
            ("k", ["--top-k", "3"]), ("p", ["--top-p", "0.5"]), ("min", ["--min-p", "0.3"]), ("typical", ["--typical", "0.5"]),
            ("again", ["--repetition-threshold", "0", "--repetition-window", "4"]), ("warm", ["--temperature", "2"]),
        ]
        var outcomes: Set<[UInt8]> = []
        for (name, arguments) in limits {
            let result = try Command.run(
                ["generate", "-o", name + ".codetta", "-m", Command.tinyModel, "--lm", lm, "--seconds", "0.5"] + arguments,
                in: scratch.url)
            #expect(result.status == 0, "\(result.errors)")
            outcomes.insert(try scratch.bytes(name + ".codetta"))
        }
        #expect(outcomes.count == limits.count)
    }

    @Test(arguments: [
        ["--seconds=-1"], ["--seconds", "0"], ["--seconds", "nan"], ["--seconds", "1e300"], ["--seconds", "3601"],
        ["--temperature", "nan"], ["--temperature=-1"], ["--temperature", "inf"], ["--top-k", "17"], ["--top-k", "0"],
        ["--top-k=-1"], ["--top-p", "0"], ["--top-p", "1.5"], ["--min-p", "2"], ["--typical", "0"],
        ["--repetition-threshold", "2"], ["--repetition-window", "5"], ["--repetition-threshold", "0.1", "--repetition-window", "0"],
        ["--guidance", "2"], ["--class", "0"], ["--text", "a"], ["--draft", "magic"], ["--draft", "heads:2"], ["--draft", "ngram:0"],
        ["--draft", "ngram:1:99"], ["--count", "0"], ["--count", "1000"], ["--count", "2", "--draft", "heads"], ["--weights", "int2"],
        ["--format", "gif"], ["--subtype", "pcm99"], ["--continuation-only"], ["--greedy", "--temperature", "2"], ["--seed=-1"],
    ])
    func senselessArgumentsAre64(arguments: [String]) throws {
        let base = ["generate", "-o", "x.wav", "-m", Command.tinyModel, "--lm", lm]
        let result = try Command.run(base + arguments, in: scratch.url)
        #expect(result.status == 64, "\(arguments): \(result.errors)")
        #expect(result.output.isEmpty && !scratch.exists("x.wav"))
    }

    @Test func maskedModelsFillWindowAfterWindow() throws {
        let masked = try TinyLanguageModel.write(to: scratch.url, name: "masked", pattern: "parallel", kind: "masked")
        func fill(_ output: String, _ arguments: String...) throws -> CommandResult {
            try Command.run(
                ["generate", "-o", output, "-m", Command.tinyModel, "--lm", masked, "--seconds", "0.5", "--prompt", "a.wav"] + arguments,
                in: scratch.url)
        }
        let result = try fill("a.codetta", "--seed", "1", "-v")
        #expect(result.status == 0 && result.errors.contains("0.50 s generated"), "\(result.errors)")
        #expect(try fill("b.codetta", "--seed", "1").status == 0)
        #expect(try scratch.bytes("a.codetta") == scratch.bytes("b.codetta"))
        #expect(try fill("c.codetta", "--seed", "2").status == 0)
        #expect(try scratch.bytes("a.codetta") != scratch.bytes("c.codetta"))
        #expect(try fill("quick.wav", "--steps", "2").status == 0)
        #expect(try scratch.readAudio("quick.wav").audio.sampleCount == 24_000)
        for arguments in [["--draft", "heads"], ["--steps", "0"], ["--steps", "17"]] {
            let wrong = try Command.run(
                ["generate", "-o", "x.wav", "-m", Command.tinyModel, "--lm", masked, "--seconds", "0.1"] + arguments, in: scratch.url)
            #expect(wrong.status == 64 && !scratch.exists("x.wav"), "\(wrong.errors)")
        }
        let speeds = try run("lm", "benchmark", "-m", Command.tinyModel, "--lm", masked, "--seconds", "0.2", "--json").json()
        let variants = try #require(speeds["variants"] as? [[String: Any]])
        #expect(variants.compactMap { $0["name"] as? String } == ["float", "int8", "int4"])
    }

    @Test func missingCodebooksAreDrawnFromTheLanguageModel() throws {
        _ = try run("encode", "a.wav", "-m", Command.tinyModel, "-c", "1", "-o", "coarse.codetta")
        func decode(_ input: String, _ output: String, _ arguments: String...) throws -> CommandResult {
            try Command.run(
                ["decode", input, "-o", output, "-m", Command.tinyModel, "--subtype", "float", "--json"] + arguments, in: scratch.url)
        }
        let result = try decode("coarse.codetta", "fine.wav", "--predict-fine", "--lm", lm)
        #expect(result.status == 0, "\(result.errors)")
        let details = try #require(try result.jsonLines()[0]["details"] as? [String: Any])
        #expect(details["predictedCodebooks"] as? Int == 1)
        // The same by hand: the first codebook known from end to end, the second one drawn.
        let codec = try Model(ModelFolder(path: Command.tinyModel))
        let model = try LoadedLanguageModel(ModelFolder(path: lm)).model
        let reader = try TokenFileReader(source: InputFile(PathName(argument: scratch.path("coarse.codetta"))).byteSource())
        var audio: [Float] = []
        var decoder = try codec.codec.makeDecoder(codebooks: 2)
        let chunk = try #require(try reader.next())
        var generation = try TokenGeneration(
            model: model, frames: chunk[0].streams[0].count, prompts: [Codes(streams: [chunk[0].streams[0], []])], seed: 0)
        while try generation.advance() {}
        let codes = generation.takeComplete(0)
        #expect(codes.streams[0] == chunk[0].streams[0])
        audio += try decoder.push(codes).channels[0]
        let written = try scratch.readAudio("fine.wav").audio.channels[0]
        #expect(written.count == 12_010)
        let count = min(audio.count, written.count)
        #expect(count > 10_000 && Array(audio[..<count]) == Array(written[..<count]))

        // Nothing is missing: the same audio as without, and a word about it.
        _ = try run("encode", "a.wav", "-m", Command.tinyModel, "-o", "whole.codetta")
        #expect(try decode("whole.codetta", "plain.wav").status == 0)
        let whole = try decode("whole.codetta", "whole.wav", "--predict-fine", "--lm", lm)
        #expect(whole.status == 0 && whole.errors.contains("none was predicted"))
        #expect(try scratch.bytes("plain.wav") == scratch.bytes("whole.wav"))

        #expect(try decode("coarse.codetta", "x.wav", "--lm", lm).status == 64)
        #expect(try decode("coarse.codetta", "x.wav", "--predict-fine", "--lm", "missing").status == 66)
        let other = try TinyLanguageModel.write(to: scratch.url, name: "size", size: 8)
        #expect(try decode("coarse.codetta", "x.wav", "--predict-fine", "--lm", other).status == 65)
        #expect(!scratch.exists("x.wav"))
    }

    @Test func longFilesAreFilledPieceByPiece() throws {
        try scratch.writeAudio("long.wav", tones(100_000, channels: 2, rate: 24000), rate: 24000)
        _ = try run("encode", "long.wav", "-m", Command.tinyModel, "-c", "1", "-o", "long.codetta")
        let masked = try TinyLanguageModel.write(to: scratch.url, name: "masked", pattern: "parallel", kind: "masked")
        for model in [lm, masked] {
            let result = try run("decode", "long.codetta", "-o", "out.wav", "-m", Command.tinyModel, "--predict-fine", "--lm", model, "-f")
            #expect(result.status == 0, "\(result.errors)")
            let audio = try scratch.readAudio("out.wav").audio
            #expect(audio.sampleCount == 100_000 && audio.channelCount == 2)
        }
    }

    @Test func codecsThatDoNotFitAre65AndSayWhy() throws {
        let others = [
            ("rate", try TinyLanguageModel.write(to: scratch.url, name: "rate", frameRate: 50), "50.0 frames per second"),
            ("size", try TinyLanguageModel.write(to: scratch.url, name: "size", size: 8), "2 × 8"),
            ("many", try TinyLanguageModel.write(to: scratch.url, name: "many", codebooks: 4), "4 × 16"),
            ("name", try TinyLanguageModel.write(to: scratch.url, name: "name", codec: "other"), "another name"),
        ]
        for (name, folder, words) in others {
            let result = try run("generate", "-o", "x.wav", "-m", Command.tinyModel, "--lm", folder, "--seconds", "0.1")
            #expect(result.status == 65 && result.errorLines.count == 1 && result.errors.contains(words), "\(name): \(result.errors)")
        }
        #expect(try run("generate", "-o", "x.wav", "-m", Command.tinyModel, "--lm", "./name", "--seconds", "0.1", "--force").status == 65)
        #expect(
            try run("generate", "-o", "x.wav", "-m", Command.tinyModel, "--lm", "./name", "--seconds", "0.1", "--ignore-weights").status == 0)
        let missing = try run("generate", "-o", "y.wav", "-m", Command.tinyModel)
        #expect(missing.status == 66 && missing.errors.contains("tiny-waveform-causal-lm"), "\(missing.errors)")
        let codec = try run("generate", "-o", "y.wav", "--lm", Command.tinyModel)
        #expect(codec.status == 78 && codec.errors.contains("model_type"), "\(codec.errors)")
        #expect(!scratch.exists("y.wav"))
    }

    @Test func promptsThatDoNotFitAre65() throws {
        try scratch.writeAudio("stereo.wav", tones(6000, channels: 2, rate: 24000), rate: 24000)
        let stereo = try generate("x.wav", "--prompt", "stereo.wav")
        #expect(stereo.status == 65 && stereo.errors.contains("--downmix"))
        #expect(try generate("mixed.wav", "--prompt", "stereo.wav", "--downmix").status == 0)
        try scratch.writeAudio("short.wav", tones(10, channels: 1, rate: 24000), rate: 24000)
        let short = try generate("x.wav", "--prompt", "short.wav")
        #expect(short.status == 65 && short.errors.contains("too short"))
        _ = try run("encode", "a.wav", "-m", Command.tinyModel, "-c", "1", "-o", "one.codetta")
        let few = try generate("x.wav", "--prompt", "one.codetta")
        #expect(few.status == 65 && few.errors.contains("1 codebooks"))
        _ = try run("encode", "a.wav", "-m", Command.otherTinyModel, "-o", "other.codetta")
        #expect(try generate("x.wav", "--prompt", "other.codetta").status == 65)
        #expect(try generate("x.wav", "--prompt", "missing.wav").status == 66)
        #expect(!scratch.exists("x.wav"))
    }

    @Test func theScoreIsThatOfTheLibrary() throws {
        let result = try run("lm", "score", "a.wav", "-m", Command.tinyModel, "--lm", lm, "--json")
        #expect(result.status == 0, "\(result.errors)")
        let lines = try result.jsonLines()
        let details = try #require(lines[0]["details"] as? [String: Any])
        let total = try #require(lines[1]["total"] as? [String: Any])
        let codec = try Model(ModelFolder(path: Command.tinyModel))
        let model = try LoadedLanguageModel(ModelFolder(path: lm)).model
        let reader = CodeReader(model: codec, codebooks: 2)
        let codes = try reader.codes(of: AudioReader(path: scratch.path("a.wav")))
        #expect(codes.count == 1 && codes[0].streams.allSatisfy { $0.count == 200 })
        let score = try model.score(codes[0])
        for found in [details, total] {
            #expect(abs((found["bitsPerToken"] as? Double ?? 0) - score.bitsPerCode) < 1e-9)
            #expect(found["tokens"] as? Int == 400 && (found["codebooks"] as? [Any])?.count == 2)
            #expect(abs((found["bitsPerSecond"] as? Double ?? 0) - score.bitsPerFrame * 400) < 1e-6)
        }
        let rounded = try run("lm", "score", "a.wav", "-m", Command.tinyModel, "--lm", lm, "--weights", "int4")
        #expect(rounded.status == 0 && rounded.text.contains("Perplexity") && rounded.text.contains("codebook 1"))
        let failed = try run("lm", "score", "a.wav", "missing.wav", "-m", Command.tinyModel, "--lm", lm)
        #expect(failed.status == 66 && failed.text.contains("a.wav:") && failed.errors.contains("1 failed"))
    }

    @Test func theBenchmarkComparesWeightsAndDrafts() throws {
        let result = try run("lm", "benchmark", "-m", Command.tinyModel, "--lm", lm, "--seconds", "0.2", "--json").json()
        let variants = try #require(result["variants"] as? [[String: Any]])
        #expect(variants.compactMap { $0["name"] as? String } == ["float", "int8", "int4", "float, ngram", "float, heads"])
        let weights = variants.compactMap { $0["weightMemory"] as? Int }
        // So small a model is mostly filler of the packed panels.
        #expect(Set(weights).count == 3 && weights[2] < weights[1] && weights[3] == weights[0])
        for variant in variants {
            for key in ["tokensPerSecond", "framesPerSecond", "realTimeFactor", "timeToFirstAudio"] {
                #expect((variant[key] as? Double ?? 0) > 0, "\(variant)")
            }
        }
        #expect((result["peakMemory"] as? Int ?? 0) > 0)
    }

    @Test func modelsListShowsLanguageModels() throws {
        let environment = ["CODETTA_MODELS": scratch.url.path]
        let list = try Command.run(["models", "list", "--json"], environment: environment)
        let models = try #require(JSONSerialization.jsonObject(with: list.output) as? [[String: Any]])
        #expect(models.contains { $0["name"] as? String == "tiny-waveform-causal-lm" && $0["modelType"] as? String == "codetta-lm" })
        let shown = try Command.run(["models", "show", "tiny-waveform-causal-lm", "--json"], environment: environment).json()
        #expect(shown["codec"] as? String == "tiny-waveform-causal" && shown["pattern"] as? String == "delay")
        #expect(try run("info", lm).text.contains("tiny-waveform-causal"))
    }

    @Test(arguments: [["generate"], ["lm"], ["lm", "score"], ["lm", "benchmark"]])
    func helpFitsATerminal(verb: [String]) throws {
        let help = try Command.run(verb + ["--help"])
        #expect(help.status == 0 && help.text.contains("codetta " + verb.joined(separator: " ")))
        for line in help.lines { #expect(line.count <= 80, "\(line)") }
    }
}
