import Codetta
import Foundation
import Platform
import TestSupport
import Testing

/// The command itself, with a tiny model: what each verb prints, and how it ends.
@Suite struct VerbTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func run(_ arguments: String..., input: Data = Data()) throws -> CommandResult {
        try Command.run(arguments, in: scratch.url, input: input)
    }

    private func writeSpeechlike(_ name: String = "a.wav", seconds: Double = 0.5, channels: Int = 1, rate: Int = 24000) throws {
        try scratch.writeAudio(name, tones(Int(seconds * Double(rate)), channels: channels, rate: rate), rate: rate)
    }

    @Test(arguments: [
        "encode", "decode", "convert", "roundtrip", "evaluate", "info", "verify", "models", "benchmark",
        "plot", "report", "generate", "lm", "quantizer",
    ])
    func everyVerbHasHelpWithExamplesThatFitsATerminal(verb: String) throws {
        let help = try Command.run([verb, "--help"])
        #expect(help.status == 0 && help.errors.isEmpty)
        #expect(help.text.contains("OVERVIEW:") && help.text.contains("USAGE: codetta \(verb)"))
        #expect(help.lines.filter { $0.hasPrefix("  codetta \(verb)") }.count >= 2 || verb == "models" || verb == "info")
        for line in help.lines { #expect(line.count <= 80, "\(line)") }
    }

    @Test func theHelpListsTheVerbsAndTheExitCodes() throws {
        let help = try run("--help").text
        for word in ["encode", "decode", "convert", "roundtrip", "evaluate", "info", "verify", "models", "benchmark", "plot", "report", "generate", "lm", "66", "73", "74", "NO_COLOR"] {
            #expect(help.contains(word))
        }
    }

    @Test func wrongUsageExitsWith64() throws {
        for arguments in [
            ["frobnicate"], ["encode"], ["encode", "a.wav", "-c", "2", "-b", "3"], ["encode", "a.wav", "--channels", "2"],
            ["encode", "a.wav", "--bitrate", "nan"], ["decode", "a.codetta", "--subtype", "pcm99"], ["encode", "a", "--rate", "0"],
            ["encode", "a.wav", "-o", "-", "--json"], ["evaluate", "-", "-"], ["encode", "-", "a.wav"],
        ] {
            let result = try Command.run(arguments, in: scratch.url)
            #expect(result.status == 64, "\(arguments)")
            #expect(result.output.isEmpty && !result.errors.isEmpty)
        }
    }

    @Test func aMissingInputIsOneLineAnd66() throws {
        for verb in ["encode", "decode", "roundtrip", "verify", "info"] {
            let arguments = [verb, "missing.wav"] + (["verify", "info"].contains(verb) ? [] : ["-m", Command.tinyModel])
            let result = try Command.run(arguments, in: scratch.url)
            #expect(result.status == 66, "\(verb)")
            #expect(result.errors == "codetta: missing.wav: no such file\n")
            #expect(result.output.isEmpty)
        }
        #expect(try run("evaluate", "missing.wav", "missing.wav").status == 66)
    }

    @Test func aFolderWhereAFileIsMeantIs66() throws {
        try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent("folder"), withIntermediateDirectories: true)
        let roundTrip = try run("roundtrip", "folder", "-m", Command.tinyModel)
        #expect(roundTrip.status == 66 && roundTrip.errorLines.count == 1)
        let empty = try run("encode", "folder", "-m", Command.tinyModel)
        #expect(empty.status == 66 && empty.errors == "codetta: folder: holds no audio files\n")
    }

    @Test func badDataIs65() throws {
        try scratch.write([], to: "empty.wav")
        try scratch.write("no audio, no tokens at all".utf8, to: "text.wav")
        for name in ["empty.wav", "text.wav"] {
            for verb in ["encode", "decode"] {
                let result = try run(verb, name, "-m", Command.tinyModel, "-o", verb == "encode" ? "out.codetta" : "out.bin.wav")
                #expect(result.status == 65 && result.errorLines.count == 1, "\(verb) \(name): \(result.errors)")
            }
        }
        #expect(try scratch.entries() == ["empty.wav", "text.wav"])
    }

    @Test func anUnknownModelIsNamedWithThePlacesSearched() throws {
        try writeSpeechlike()
        let result = try run("encode", "a.wav", "-m", "no-such-model")
        #expect(result.status == 66 && result.errors.contains("no-such-model") && result.errors.contains("Models"))
    }

    @Test func encodingAndDecodingKeepRateAndLength() throws {
        for (rate, samples, channels) in [(8000, 0, 1), (22050, 1, 2), (44100, 100, 1), (48000, 48000, 2)] {
            let name = "\(rate)"
            try scratch.writeAudio(name + ".wav", tones(samples, channels: channels, rate: rate), rate: rate)
            #expect(try run("encode", name + ".wav", "-m", Command.tinyModel).status == 0)
            let decoded = try run("decode", name + ".codetta", "-m", Command.tinyModel, "-o", name + "-decoded.wav")
            #expect(decoded.status == 0, "\(decoded.errors)")
            let (audio, found) = try scratch.readAudio(name + "-decoded.wav")
            #expect(found == rate && audio.sampleCount == samples && audio.channelCount == channels)
        }
    }

    @Test func anExistingOutputNeedsForce() throws {
        try writeSpeechlike()
        try scratch.write("precious".utf8, to: "a.codetta")
        let refused = try run("encode", "a.wav", "-m", Command.tinyModel)
        #expect(refused.status == 73 && refused.errors == "codetta: a.codetta: exists already; --force replaces it\n")
        #expect(try scratch.bytes("a.codetta") == Array("precious".utf8))
        #expect(try run("encode", "a.wav", "-m", Command.tinyModel, "--force").status == 0)
        #expect(try run("verify", "a.codetta").status == 0)
        let same = try run("decode", "a.codetta", "-o", "./a.codetta", "-m", Command.tinyModel, "--force", "--container", "wav")
        #expect(same.status == 64, "the name is none of audio")
        try FileManager.default.copyItem(atPath: scratch.path("a.codetta"), toPath: scratch.path("b"))
        let input = try run("decode", "b", "-o", "b", "-m", Command.tinyModel, "--force", "--container", "wav")
        #expect(input.status == 73 && input.errors.contains("both input and output"))
    }

    @Test func aBeamGivesOtherCodesOfTheSameForm() throws {
        try writeSpeechlike()
        for search in ["greedy", "beam:1", "beam:1:4", "beam:8:0", "beam:8"] {
            let name = search.replacingOccurrences(of: ":", with: "-")
            let encoded = try run("encode", "a.wav", "-m", Command.tinyModel, "--search", search, "-o", name + ".codetta")
            #expect(encoded.status == 0, "\(encoded.errors)")
            #expect(try run("decode", name + ".codetta", "-m", Command.tinyModel).status == 0)
        }
        let greedy = try scratch.bytes("greedy.codetta")
        #expect(try scratch.bytes("beam-1.codetta") == greedy)
        #expect(try scratch.bytes("beam-8.codetta") != greedy)
        #expect(try scratch.bytes("beam-8.codetta").count == greedy.count)
        for wrong in ["beam", "beam:0", "beam:65", "beam:x", "beam:4:", "beam:4:65", "beam:4:1:1", "greedy:1", ""] {
            #expect(try run("encode", "a.wav", "-m", Command.tinyModel, "--search", wrong, "-f").status == 64, "\(wrong)")
        }
    }

    @Test func aSearchByRateMakesSmallerFilesThatAnyDecoderReads() throws {
        try writeSpeechlike()
        func encode(_ search: String, _ name: String) throws -> [UInt8] {
            let encoded = try run(
                "encode", "a.wav", "-m", Command.tinyModel, "--entropy", "adaptive", "--search", search, "-o", name + ".codetta")
            #expect(encoded.status == 0, "\(encoded.errors)")
            #expect(try run("verify", name + ".codetta").status == 0)
            #expect(try run("decode", name + ".codetta", "-m", Command.tinyModel).status == 0)
            return try scratch.bytes(name + ".codetta")
        }
        let byError = try encode("beam:8", "error")
        let light = try encode("rate:8:0.3", "light")
        let heavy = try encode("rate:8:3", "heavy")
        #expect(heavy.count < light.count && light.count < byError.count)
        for wrong in ["rate", "rate:", "rate:0", "rate:65", "rate:x", "rate:8:0", "rate:8:-1", "rate:8:101", "rate:8:nan", "rate:8:1:1"] {
            #expect(try run("encode", "a.wav", "-m", Command.tinyModel, "--entropy", "adaptive", "--search", wrong, "-f").status == 64, "\(wrong)")
        }
        let unpriced = try run("encode", "a.wav", "-m", Command.tinyModel, "--search", "rate:8", "-f")
        #expect(unpriced.status == 64 && unpriced.errors.contains("needs --entropy adaptive or lm"))
        for verb in ["roundtrip", "benchmark"] {
            #expect(try run(verb, "a.wav", "-m", Command.tinyModel, "--search", "rate:8").status == 64)
        }
        #expect(try run("evaluate", "--dataset", ".", "-m", Command.tinyModel, "--search", "rate:8").status == 64)
    }

    @Test func latentsAreAnArrayOfFloats() throws {
        try writeSpeechlike(channels: 2)
        #expect(try run("encode", "a.wav", "-m", Command.tinyModel, "--latents", "--downmix").status == 0)
        let array = try scratch.bytes("a.npy")
        #expect(array.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]))
        let header = String(decoding: array[10..<128], as: UTF8.self)
        let result = try run("encode", "a.wav", "-m", Command.tinyModel, "--latents", "-o", "a.safetensors", "--json")
        let details = try #require(try result.jsonLines()[0]["details"] as? [String: Any])
        let frames = try #require(details["frames"] as? Int)
        let dimension = try #require(details["dimension"] as? Int)
        #expect(header.contains("'<f4'") && header.contains("(\(frames), \(dimension))"))
        #expect(array.count == 128 + 4 * frames * dimension)
        let tensor = try Checkpoint(path: scratch.url.appendingPathComponent("a.safetensors").path).load("latents")
        #expect(tensor.shape == [2, frames, dimension])
        #expect(tensor.values.allSatisfy { $0.isFinite } && Set(tensor.values).count > frames)
        #expect(try run("encode", "a.wav", "-m", Command.tinyModel, "--latents", "--bitrate", "3", "-f").status == 64)
    }

    @Test func pipesGiveTheBytesThatFilesGive() throws {
        try writeSpeechlike(channels: 2, rate: 44100)
        let result = try Command.shell(
            """
            set -e
            "$codetta" encode a.wav -o a.codetta -m "$model" && "$codetta" decode a.codetta -o b.wav -m "$model"
            cat a.wav | "$codetta" encode - -o - -m "$model" > piped.codetta
            cat a.wav | "$codetta" encode - -o - -m "$model" | "$codetta" decode - -o - -m "$model" | cat > piped.wav
            """, in: scratch.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try scratch.bytes("piped.codetta") == scratch.bytes("a.codetta"))
        #expect(try scratch.bytes("piped.wav") == scratch.bytes("b.wav"))
    }

    @Test func rawAudioIsReadAsDescribed() throws {
        let samples = (0..<4000).flatMap { i -> [UInt8] in
            let value = UInt16(bitPattern: Int16(i % 100 * 100))
            return [UInt8(value & 0xFF), UInt8(value >> 8)]
        }
        try scratch.write(samples, to: "a.pcm")
        let result = try run(
            "encode", "a.pcm", "--rate", "8000", "--channels", "2", "-m", Command.tinyModel, "--json")
        let details = try #require(try result.json()["details"] as? [String: Any])
        #expect(details["samples"] as? Int == 2000 && details["sampleRate"] as? Int == 8000 && details["channels"] as? Int == 2)
    }

    @Test func infoDescribesTokensAudioAndModels() throws {
        try writeSpeechlike(channels: 2, rate: 44100)
        _ = try run("encode", "a.wav", "-m", Command.tinyModel)
        let tokens = try run("info", "a.codetta", "--json").json()
        #expect((tokens["header"] as? [String: Any])?["codecName"] as? String == "tiny-waveform-causal")
        #expect((tokens["totals"] as? [String: Any])?["samples"] as? Int == 22050)
        let audio = try run("info", "a.wav", "--json").json()
        #expect(audio["sampleRate"] as? Int == 44100 && audio["samples"] as? Int == 22050)
        let model = try run("info", Command.tinyModel, "--json").json()
        #expect(model["modelType"] as? String == "soundstream" && (model["bitrates"] as? [Double])?.count == 3)
        for subject in ["a.codetta", "a.wav", Command.tinyModel] {
            #expect(try run("info", subject).lines.count >= 4)
        }
    }

    @Test func verifyNamesTheFlawAndItsPlace() throws {
        try writeSpeechlike(seconds: 3)
        _ = try run("encode", "a.wav", "-m", Command.tinyModel)
        var bytes = try scratch.bytes("a.codetta")
        #expect(try run("verify", "a.codetta").status == 0)
        bytes[bytes.count / 2] ^= 1
        try scratch.write(bytes, to: "hurt.codetta")
        let hurt = try run("verify", "hurt.codetta", "--json")
        #expect(hurt.status == 65 && hurt.errors.contains("byte "))
        #expect(((try hurt.json())["details"] as? [String: Any])?["flawCount"] as? Int != 0)
        try scratch.write(bytes.prefix(bytes.count - 1), to: "cut.codetta")
        #expect(try run("verify", "a.codetta", "cut.codetta").status == 65)
    }

    @Test func decodingWithOtherWeightsNeedsASwitchOfItsOwn() throws {
        try writeSpeechlike()
        _ = try run("encode", "a.wav", "-m", Command.tinyModel)
        let refused = try run("decode", "a.codetta", "-o", "b.wav", "-m", Command.otherTinyModel)
        #expect(refused.status == 65 && refused.errorLines.count == 1 && !scratch.exists("b.wav"))
        #expect(refused.errors.contains("--ignore-weights"))
        #expect(try run("decode", "a.codetta", "-o", "b.wav", "-m", Command.otherTinyModel, "--force").status == 65)
        #expect(!scratch.exists("b.wav"))
        #expect(try run("decode", "a.codetta", "-o", "b.wav", "-m", Command.otherTinyModel, "--ignore-weights").status == 0)
    }

    @Test func roundtripAndEvaluateMeasure() throws {
        try writeSpeechlike(seconds: 2)
        let trip = try run("roundtrip", "a.wav", "-o", "b.wav", "-m", Command.tinyModel, "--json").json()
        #expect(trip["nominalBitrate"] as? Double == 4800 && (trip["actualBitrate"] as? Double ?? 0) > 4800)
        #expect(trip["reconstruction"] != nil && scratch.exists("b.wav"))
        _ = try run("encode", "a.wav", "-m", Command.tinyModel)
        let evaluation = try run("evaluate", "a.wav", "b.wav", "--tokens", "a.codetta", "--json").json()
        #expect((evaluation["tokens"] as? [String: Any])?["bytes"] as? Int == (try scratch.bytes("a.codetta")).count)
        #expect(evaluation["schema"] as? String == "codetta-comparison/1")
        let tokens = try #require(evaluation["tokens"] as? [String: Any])
        #expect((tokens["challengeBitrate"] as? Double ?? 0) >= (tokens["nominalBitrate"] as? Double ?? 1e9))
        #expect((tokens["codebooks"] as? [[String: Any]])?.allSatisfy { ($0["used"] as? Int ?? 0) > 0 } == true)
        let text = try run("evaluate", "a.wav", "b.wav").text
        for name in ["SNR", "SI-SDR", "STFT", "Mel distance", "STOI", "ESTOI"] { #expect(text.contains(name)) }
    }

    @Test func evaluateConvertsRatesAndMeasuresWhatIsAskedFor() throws {
        let tone = { (rate: Int) in
            AudioBlock(mono: sine(440, rate: rate, samples: rate))
        }
        try scratch.writeAudio("a.wav", tone(24000), rate: 24000, format: .float)
        try scratch.writeAudio("b.wav", tone(16000), rate: 16000, format: .float)
        let result = try run("evaluate", "a.wav", "b.wav", "--measures", "siSDR,loudnessDifference", "--json").json()
        #expect(result["degradedSampleRate"] as? Int == 16000)
        let report = try #require(result["reconstruction"] as? [String: Any])
        let overall = try #require(report["overall"] as? [String: [String: Any]])
        #expect(report["sampleRate"] as? Int == 24000)
        #expect((overall["siSDR"]?["value"] as? Double ?? 0) > 40)
        #expect(overall["stoi"]?["undefined"] != nil)
        let text = try run("evaluate", "a.wav", "b.wav", "--measures", "siSDR").text
        #expect(text.contains("from 16000 Hz") && text.contains("SI-SDR") && !text.contains("STOI"))
        #expect(try run("evaluate", "a.wav", "b.wav", "--measures", "siSDR,nonsense").status == 64)
    }

    @Test func modelsAreListedShownAndFound() throws {
        let folder = URL(fileURLWithPath: Command.tinyModel).deletingLastPathComponent().path
        let list = try Command.run(["models", "list", "--json"], environment: ["CODETTA_MODELS": folder])
        let models = try #require(JSONSerialization.jsonObject(with: list.output) as? [[String: Any]])
        #expect(models.contains { $0["name"] as? String == "tiny-waveform-causal" && $0["modelType"] as? String == "soundstream" })
        let path = try Command.run(["models", "path", "tiny-waveform-causal"], environment: ["CODETTA_MODELS": folder])
        #expect(path.text == folder + "/tiny-waveform-causal\n")
        let shown = try Command.run(["models", "show", "tiny-waveform-causal"], environment: ["CODETTA_MODELS": folder])
        #expect(shown.status == 0 && shown.text.contains("24000 Hz"))
    }

    @Test func benchmarkReportsBothDirectionsAndMemory() throws {
        let result = try run("benchmark", "--seconds", "1", "-m", Command.tinyModel, "--json").json()
        let step = try #require(result["step"] as? [String: Double])
        #expect(step["audio"]! > 0 && step["median"]! > 0 && step["median"]! <= step["percentile99"]!)
        for key in ["encodingSpeed", "decodingSpeed", "gigaflops", "peakGigaflops", "peakMemory"] { #expect((result[key] as? Double ?? 0) > 0) }
    }

    @Test func benchmarkListsTheKernelsTimes() throws {
        let result = try run("benchmark", "--seconds", "1", "-m", Command.tinyModel, "--profile", "--json").json()
        let kernels = try #require(result["profile"] as? [[String: Any]])
        #expect(kernels.contains { $0["kernel"] as? String == "codebook search" } && kernels.contains { $0["kernel"] as? String == "linear" })
        let seconds = kernels.map { $0["seconds"] as? Double ?? 0 }
        #expect(seconds == seconds.sorted(by: >) && seconds[0] > 0)
        let sum = kernels.reduce(0) { $0 + ($1["operations"] as? Double ?? 0) }
        let whole = try #require(result["operationsPerSecond"] as? Double)
        #expect(abs(sum - whole) < 0.01 * whole, "the kernels' operations are those of the whole")
        let table = try run("benchmark", "--seconds", "1", "-m", Command.tinyModel, "--profile").text
        #expect(table.contains("of peak") && table.contains("all else"))
    }

    @Test func warningsGoToTheStandardErrorUnlessQuiet() throws {
        let loud = AudioBlock(mono: Array(repeating: 1.5, count: 1000))
        try scratch.writeAudio("loud.wav", loud, rate: 24000, format: .float)
        let result = try run("encode", "loud.wav", "-m", Command.tinyModel)
        #expect(result.status == 0 && result.errors.contains("warning: loud.wav: peak 1.5"))
        #expect(result.output.isEmpty && !result.errors.contains("\u{1B}"))
        let quiet = try run("encode", "loud.wav", "-m", Command.tinyModel, "--force", "--quiet")
        #expect(quiet.status == 0 && quiet.errors.isEmpty)
    }

    @Test func namesWithDashesAndBytesThatAreNotUTF8Survive() throws {
        try writeSpeechlike("-dash.wav")
        let result = try Command.shell(
            """
            "$codetta" encode -q -m "$model" -- -dash.wav || exit 1
            name=$(printf 'odd\\377.wav') && cp ./-dash.wav "$name" && "$codetta" encode -m "$model" "$name" || exit 2
            test -f "$(printf 'odd\\377.codetta')"
            """, in: scratch.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(scratch.exists("-dash.codetta"))
        #expect(result.errors.contains("odd\\xFF.wav"))
    }
}
