import Codetta
import Evaluation
import Foundation
import Platform
import TestSupport
import Testing

/// Names of files that are no text, that steer terminals, or that look like the spelling of another.
@Suite struct NameTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// Twins among them: a byte and its spelling, a mark that turns text and its spelling, a name that begins as the mark of others does.
    private static let names: [PathName] = [
        PathName(bytes: Array("a".utf8) + [0xFF] + Array(".wav".utf8)), PathName("a\\xFF.wav"), PathName("escaped:a\\xFF.wav"),
        PathName("a\u{1B}[31m\n.wav"), PathName("a\\x1B[31m\\x0A.wav"), PathName("\u{202E}b\u{200F}.wav"), PathName("Grüße-测试.wav"),
        PathName("\u{85}\u{2028}.wav"), PathName("back\\slash.wav"),
    ]

    @Test func printedAndWrittenNamesAreTheNamesOfNothingElse() {
        var random = SplitMix64(seed: 5)
        let pieces: [[UInt8]] = [Array("\\".utf8), Array("x".utf8), Array("\\xFF".utf8), Array("\\x5C".utf8), [0xFF], [0xE2, 0x80], [0x1B], [0x0A],
            Array("\u{202E}".utf8), Array("\u{200F}".utf8), Array("é".utf8), Array("escaped:".utf8), Array("/".utf8), Array("A".utf8)]
        let made = (0..<4000).map { _ in PathName(bytes: (0..<random.index(below: 6)).flatMap { _ in pieces[random.index(below: pieces.count)] }) }
        let paths = Set(made + Self.names)
        #expect(Set(paths.map(\.description)).count == paths.count && Set(paths.map(\.documentText)).count == paths.count)
        for path in paths {
            #expect(PathName(printed: path.description) == path && PathName(documentText: path.documentText) == path)
            #expect(!path.description.unicodeScalars.contains { $0.properties.generalCategory == .control || $0.properties.isBidiControl })
        }
        #expect(PathName("Grüße-测试.wav").description == "Grüße-测试.wav")
    }

    @Test func jsonHoldsTheExactNames() throws {
        try scratch.writeAudio("tone.wav", tones(1000, channels: 1, rate: 24000), rate: 24000)
        let audio = try scratch.bytes("tone.wav")
        try FileManager.default.removeItem(atPath: scratch.path("tone.wav"))
        for name in Self.names { try write(audio, to: PathName(scratch.path).appending(PathName("in")).appending(name)) }
        let run = try Command.run(["encode", "in", "-o", "out", "--json", "-m", Command.tinyModel], in: scratch.url)
        #expect(run.status == 0, "\(run.errors)")
        let lines = try run.jsonLines().filter { $0["summary"] == nil }
        let inputs = lines.compactMap { ($0["input"] as? String).map(PathName.init(documentText:)) }
        #expect(Set(inputs) == Set(Self.names.map { PathName("in").appending($0) }) && inputs.count == Self.names.count)
        for line in lines {
            let output = PathName(documentText: try #require(line["output"] as? String))
            #expect(FileStatus(of: PathName(scratch.path).appending(output).filePath)?.type == .regular, "\(output)")
        }
        // A name that is text stands as it is; the terminal that shows the line does not obey it.
        #expect(lines.contains { $0["input"] as? String == "in/a\\xFF.wav" } && lines.contains { $0["input"] as? String == "in/\u{202E}b\u{200F}.wav" })
        #expect(run.text.contains(#"\u202Eb\u200F.wav"#) && !run.text.contains("\u{202E}"))
    }

    @Test func anEvaluationKeepsEachItemApartAndItsReportFindsThem() throws {
        try scratch.writeAudio("tone.wav", tones(6000, channels: 1, rate: 24000), rate: 24000)
        let audio = try scratch.bytes("tone.wav")
        let names = Self.names
        for name in names { try write(audio, to: PathName(scratch.path).appending(PathName("clips")).appending(name)) }
        let run = try Command.run(
            ["evaluate", "--dataset", "clips", "--model", Command.tinyModel, "--codebooks", "1", "--json", "r.json", "--keep-audio", "kept"],
            in: scratch.url)
        #expect(run.status == 0, "\(run.errors)")
        let results = try EvaluationResults(json: Data(try scratch.bytes("r.json")))
        #expect(Set(results.dataset.items.map { PathName(documentText: $0.path) }) == Set(names.map { PathName("clips").appending($0) }))
        #expect(Set(results.scores.compactMap(\.audio)).count == names.count)
        for arguments in [[], ["--audio", "."]] {
            let report = try Command.run(
                ["report", "r.json", "--html", "r.html", "--force", "--report-items", "20"] + arguments, in: scratch.url)
            #expect(report.status == 0 && !report.errors.contains("warning"), "\(report.errors)")
            #expect(try scratch.text("r.html").components(separatedBy: "<article").count == names.count + 1)
        }
    }

    @Test func cardsAndListsDoNotSteerTheTerminal() throws {
        let model = try ModelFolder(path: Command.tinyModel)
        try FileManager.default.createDirectory(atPath: scratch.path("models"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: model.path, toPath: scratch.path("models/m"))
        try scratch.write("---\nlicense: mit\u{202E}\u{1B}[2J\n---\n# A \u{202E}card\u{2066}\u{200F}\n\tindented\n", to: "models/m/README.md")
        let environment = ["CODETTA_MODELS": scratch.path("models")]
        for arguments in [["models", "show", "m"], ["models", "list"], ["models", "show", "m", "--json"], ["models", "list", "--json"]] {
            let run = try Command.run(arguments, in: scratch.url, environment: environment)
            #expect(run.status == 0)
            for text in [run.text, run.errors] {
                #expect(!text.unicodeScalars.contains { $0.properties.isBidiControl || $0 == "\u{1B}" }, "\(arguments)")
            }
        }
        let show = try Command.run(["models", "show", "m"], environment: environment).text
        #expect(show.contains("# A \\u{202E}card\\u{2066}\\u{200F}\n\tindented"))
    }

    /// A file of the format's first version names the weights by the hash of their file, which a file saved again does not have; the installed
    /// model of that name does.
    @Test func codesThatNameTheFirstFileOfWeightsDecodeWithThoseSavedAgain() throws {
        for folder in ["models", "again"] { try FileManager.default.createDirectory(atPath: scratch.path(folder), withIntermediateDirectories: true) }
        try FileManager.default.copyItem(atPath: Command.tinyModel, toPath: scratch.path("models/m"))
        let first = try Checkpoint(path: scratch.path("models/m/model.safetensors"))
        let tensors = try first.names.map { ($0, try first.load($0)) }
        for (file, metadata) in [("models/m", [:]), ("again", ["saved": "again"])] as [(String, [String: String])] {
            var writer = SafetensorsWriter(metadata: metadata)
            for (name, tensor) in tensors { writer.add(name, tensor) }
            try scratch.write(writer.serialized(), to: "\(file)/model.safetensors")
        }
        let checkpoint = try Checkpoint(path: scratch.path("models/m/model.safetensors"))
        try FileManager.default.copyItem(atPath: scratch.path("models/m/config.json"), toPath: scratch.path("again/config.json"))
        var codes = try Model.load(scratch.path("models/m")).encode(tones(2400, channels: 1, rate: 24000), sampleRate: 24000)
        codes.header.codecName = "m"
        codes.header.weights = try checkpoint.fileDigest()
        try codes.write(to: scratch.url.appendingPathComponent("a.codetta"))
        for (models, status) in [("models", 0), ("none", 65)] as [(String, Int32)] {
            let run = try Command.run(
                ["decode", "a.codetta", "-o", "a.wav", "--force", "-m", scratch.path("again")], in: scratch.url,
                environment: ["CODETTA_MODELS": scratch.path(models), "HF_HUB_CACHE": scratch.path("none")])
            #expect(run.status == status, "\(run.errors)")
        }
    }

    /// Names that Foundation cannot write.
    private func write(_ bytes: [UInt8], to path: PathName) throws {
        try Files.createFolder(path.parent.filePath)
        let file = try FileDescriptor.opened(path.filePath, .writeOnly, options: .create, permissions: .ownerReadWrite)
        defer { try? file.closeOnce() }
        try bytes.withUnsafeBytes { try file.writeAll(bytes: $0) }
    }
}

/// Nowhere to put temporary files: one line and the exit code of what cannot be created, however many files there are.
@Suite struct TemporaryFolderTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.write("no folder", to: "file")
        for name in ["clips/a.wav", "clips/b.wav"] {
            try FileManager.default.createDirectory(atPath: scratch.path("clips"), withIntermediateDirectories: true)
            try scratch.writeAudio(name, tones(6000, channels: 1, rate: 24000), rate: 24000)
        }
    }

    private func evaluate(_ arguments: String..., folder: String) throws -> CommandResult {
        try Command.run(
            ["evaluate", "--dataset", "clips", "--model", Command.tinyModel, "--codebooks", "1", "--json", "r.json"] + arguments, in: scratch.url,
            environment: ["TMPDIR": folder, "PATH": "/usr/bin:/bin:\(scratch.path("bin"))"])
    }

    @Test(arguments: ["missing", "file"]) func evaluationsThatNeedOneSayItOnce(name: String) throws {
        _ = try scratch.script("bin/c2enc", "exec cp \"$2\" \"$3\"")
        _ = try scratch.script("bin/c2dec", "exec cp \"$2\" \"$3\"")
        for arguments in [["--peer", "codec2:3200"], ["--scorer", "s=cat"]] {
            let run = try evaluate(arguments[0], arguments[1], folder: scratch.path(name))
            #expect(run.status == 73 && run.errorLines.count == 1 && run.errors.contains(scratch.path(name)), "\(run.status) \(run.errors)")
            #expect(!scratch.exists("r.json"))
        }
        // A model needs none.
        #expect(try evaluate(folder: scratch.path(name)).status == 0)
    }

    /// Formats that are gone back to need one on their way out of a pipe's reach, and in from a pipe.
    @Test(arguments: ["missing", "file"]) func formatsThatAreGoneBackToNameTheFolder(name: String) throws {
        let run = try Command.shell(
            """
            "$codetta" encode -q clips/a.wav -o a.codetta -m "$model" && "$codetta" decode -q a.codetta -o a.flac -m "$model" || exit 1
            export TMPDIR="$PWD/\(name)"
            { "$codetta" decode a.codetta -o - --container flac -m "$model"; echo "status $?" >&2; } | cat
            cat a.flac | { "$codetta" encode - -o out.codetta -m "$model"; echo "status $?" >&2; }
            """, in: scratch.url)
        #expect(run.errorLines.count == 4 && run.errorLines[1] == "status 73" && run.errorLines[3] == "status 73", "\(run.errors)")
        #expect(run.errorLines.count { $0.contains("no temporary file can be made in \(scratch.path(name))") } == 2, "\(run.errors)")
        #expect(run.output.isEmpty && !scratch.exists("out.codetta"))
    }

    @Test(arguments: ["missing", "file"]) func reportsWithSoundSayItOnce(name: String) throws {
        let run = try evaluate("--keep-audio", "kept", folder: "/tmp")
        #expect(run.status == 0, "\(run.errors)")
        for arguments in [["--html", "r.html"], ["--html", "r.html", "--audio", "."]] {
            let report = try Command.run(["report", "r.json"] + arguments, in: scratch.url, environment: ["TMPDIR": scratch.path(name)])
            #expect(report.status == 73 && report.errorLines.count == 1 && report.errors.contains(scratch.path(name)), "\(report.errors)")
            #expect(!scratch.exists("r.html"))
        }
        let bare = try Command.run(
            ["report", "r.json", "--html", "r.html", "--report-items", "0"], in: scratch.url, environment: ["TMPDIR": scratch.path(name)])
        #expect(bare.status == 0, "\(bare.errors)")
    }
}
