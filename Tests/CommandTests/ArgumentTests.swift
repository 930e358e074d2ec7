import Foundation
import TestSupport
import Testing

/// How the command reads its options.
@Suite struct ArgumentTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.writeAudio("a.wav", tones(4800, channels: 1, rate: 24_000), rate: 24_000)
    }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    private struct Option {
        var verb: [String]
        var names: [String]
        var help: String
        var defaultValue: String?
    }

    /// Every option of one value of every verb, as the parser describes them.
    private func options() throws -> [Option] {
        func collect(_ command: [String: Any], _ path: [String]) throws -> [Option] {
            let own = try (command["arguments"] as? [[String: Any]] ?? []).filter {
                $0["kind"] as? String == "option" && $0["isRepeating"] as? Bool != true
            }.map { argument in
                let names = try #require(argument["names"] as? [[String: String]])
                return Option(
                    verb: path, names: names.map { ($0["kind"] == "long" ? "--" : "-") + ($0["name"] ?? "") },
                    help: argument["abstract"] as? String ?? "", defaultValue: argument["defaultValue"] as? String)
            }
            return try (command["subcommands"] as? [[String: Any]] ?? []).reduce(own) { sum, sub in
                try sum + collect(sub, path + [try #require(sub["commandName"] as? String)])
            }
        }
        let dump = try run("--experimental-dump-help").json()
        return try collect(try #require(dump["command"] as? [String: Any]), [])
    }

    @Test func anOptionOfOneValueIsNotGivenTwice() throws {
        let options = try options()
        #expect(options.count > 80)
        for option in options {
            let long = try #require(option.names.first { $0.hasPrefix("--") })
            for pair in [[long, "1", option.names[0], "2"], [long + "=1", long + "=2"]] {
                let result = try Command.run(option.verb + pair, in: scratch.url)
                #expect(result.status == 64, "\(option.verb) \(pair)")
                #expect(result.errors.contains("\(long) takes one value, and it is given more than once"), "\(option.verb) \(pair): \(result.errors)")
            }
        }
        // One that may be repeated is not refused for that, nor is a flag.
        let several = try run("evaluate", "--dataset", "none", "--model", "a", "--model", "b")
        #expect(several.status == 66, "\(several.errors)")
        #expect(try run("encode", "a.wav", "-q", "--quiet", "-f", "-f", "-m", Command.tinyModel).status == 0)
    }

    @Test(arguments: [
        ["--quiet", "encode", "a.wav", "-m", "M"], ["-q", "-m", "M", "encode", "a.wav"], ["--model=M", "encode", "a.wav", "-q"],
        ["encode", "a.wav", "-qm", "M"], ["encode", "a.wav", "-mM", "-q"], ["encode", "-m=M", "-fqoa.codetta", "a.wav"],
        ["-c2", "-qfoa.codetta", "encode", "-mM", "a.wav"], ["-o", "encode", "encode", "-mM", "-q", "a.wav"],
    ])
    func optionsStandWhereTheyLike(arguments: [String]) throws {
        let result = try Command.run(arguments.map { $0.replacing("M", with: Command.tinyModel) }, in: scratch.url)
        #expect(result.status == 0 && result.errors.isEmpty, "\(arguments): \(result.errors)")
        #expect(try scratch.entries().count == 2)
    }

    @Test func optionsBeforeAVerbOfAGroupReachIt() throws {
        let listed = try run("models", "list", "--json")
        for arguments in [["--json", "models", "list"], ["models", "--json", "list"], ["--json", "models"], ["models", "--json"]] {
            let result = try Command.run(arguments, in: scratch.url)
            #expect(result.status == 0 && result.output == listed.output, "\(arguments)")
        }
        #expect(try run("--seed", "3", "quantizer", "fit", "-i", "none.npy", "-o", "q.safetensors").status == 66)
    }

    @Test func joinedValuesMayBeginWithADash() throws {
        let result = try Command.shell("\"$codetta\" encode a.wav -q -m\"$model\" -o- | \"$codetta\" verify -", in: scratch.url)
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test func wordsBehindTheEndOfOptionsAreNotTouched() throws {
        try scratch.writeAudio("-b3", tones(100, channels: 1, rate: 24_000), rate: 24_000, container: .wav)
        #expect(try run("encode", "-q", "-m", Command.tinyModel, "--", "-b3").status == 0)
        #expect(scratch.exists("-b3.codetta"))
    }

    @Test func unknownOptionsAreStillNamed() throws {
        for arguments in [["encode", "a.wav", "--frob"], ["encode", "a.wav", "-z3"], ["--frob", "encode", "a.wav"], ["encode", "a.wav", "-b"]] {
            let result = try Command.run(arguments, in: scratch.url)
            #expect(result.status == 64 && result.errors.contains("Error:"), "\(arguments)")
        }
    }

    @Test func helpShowsTheDefaultsThatAre() throws {
        for option in try options() where option.defaultValue != nil || option.help.contains("default") {
            let value = option.defaultValue ?? ""
            let isNumber = Double(value) != nil
            let takesNumber = option.help.isEmpty || !["entropy", "weights", "format"].contains { option.names.contains("--" + $0) }
            #expect(!isNumber || takesNumber, "\(option.verb) \(option.names) shows \(value)")
        }
        for verb in ["encode", "convert", "evaluate"] {
            let help = try run(verb, "--help").text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(help.contains("(values: none, adaptive, lm; default: none)"), "\(verb)")
        }
        let score = try run("lm", "score", "--help").text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(score.contains("(values: float, int8, int4; default: float)"))
    }

    /// Damage, other weights, too many channels and the input itself have switches of their own, or none.
    @Test func forceOverwritesAndNoMore() throws {
        #expect(try run("encode", "a.wav", "-qm", Command.tinyModel).status == 0)
        let (audio, tokens) = (try scratch.bytes("a.wav"), try scratch.bytes("a.codetta"))
        try scratch.write(audio.dropLast(100), to: "cut.wav")
        try scratch.write(tokens.dropLast(), to: "cut.codetta")
        try scratch.write("precious", to: "x.codetta")
        try scratch.write("precious", to: "x.wav")
        for (arguments, status) in [
            (["encode", "cut.wav", "-o", "x.codetta", "-m", Command.tinyModel], 65), (["decode", "cut.codetta", "-o", "x.wav", "-m", Command.tinyModel], 65),
            (["decode", "a.codetta", "-o", "x.wav", "-m", Command.otherTinyModel], 65), (["convert", "cut.codetta", "-o", "x.codetta"], 65),
            (["encode", "a.wav", "-o", "x.wav", "-m", Command.tinyModel], 64), (["encode", "a.wav", "-b", "1000", "-o", "x.codetta", "-m", Command.tinyModel], 64),
        ] {
            #expect(try Command.run(arguments + ["--force"], in: scratch.url).status == Int32(status), "\(arguments)")
        }
        #expect(try scratch.text("x.codetta") == "precious" && scratch.text("x.wav") == "precious")
    }

    @Test func valuesMayBeInAnyCase() throws {
        #expect(try run("encode", "a.wav", "-qm", Command.tinyModel, "--format", "NPZ", "-o", "x").status == 0)
        #expect(try scratch.bytes("x").starts(with: [0x50, 0x4B]))
        #expect(try run("encode", "a.wav", "-qm", Command.tinyModel, "--entropy", "Adaptive", "-o", "y").status == 0)
        #expect(try run("plot", "a.wav", "-q", "--kind", "Waveform", "--format", "SVG", "-o", "z").status == 0)
    }
}
