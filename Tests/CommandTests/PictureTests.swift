import Codetta
import Foundation
import TestSupport
import Testing

/// `plot` and `report` as commands.
@Suite struct PictureCommandTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.writeAudio("a.wav", tones(12000, channels: 1, rate: 24000), rate: 24000)
    }

    private func run(_ arguments: String..., input: Data = Data()) throws -> CommandResult {
        try Command.run(arguments, in: scratch.url, input: input)
    }

    private let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47]

    @Test func audioAndTokensAreDrawnBesideTheirFiles() throws {
        #expect(try run("plot", "a.wav").status == 0)
        #expect(try scratch.bytes("a.png").starts(with: png))
        #expect(try run("plot", "a.wav").status == 73)
        #expect(try run("plot", "a.wav", "-o", "w.svg", "--kind", "waveform").status == 0)
        #expect(try String(decoding: scratch.bytes("w.svg"), as: UTF8.self).contains("<svg"))
        #expect(try run("encode", "a.wav", "-m", Command.tinyModel).status == 0)
        for kind in ["tokens", "histogram"] {
            #expect(try run("plot", "a.codetta", "-o", kind + ".png", "--kind", kind).status == 0)
            #expect(try scratch.bytes(kind + ".png").starts(with: png))
        }
    }

    /// Names in any script tell pictures apart, even on a machine without a single font.
    @Test func namesInAnyScriptAreDrawn() throws {
        try scratch.write("<fontconfig></fontconfig>", to: "no-fonts.conf")
        let names = ["Grüße-测试", "Grüße-测验", "Grüsse"]
        for fonts in [[:], ["FONTCONFIG_FILE": scratch.path("no-fonts.conf")]] as [[String: String]] {
            var pictures: Set<[UInt8]> = []
            for name in names {
                try scratch.write(scratch.bytes("a.wav"), to: name + ".wav")
                let result = try Command.run(["plot", name + ".wav", "--force"], in: scratch.url, environment: fonts)
                #expect(result.status == 0, "\(result.errors)")
                pictures.insert(try scratch.bytes(name + ".png"))
            }
            #expect(pictures.count == names.count)
        }
    }

    @Test func pipesAreDrawn() throws {
        let audio = try run("plot", "-", "-o", "-", input: Data(try scratch.bytes("a.wav")))
        #expect(audio.status == 0 && audio.output.starts(with: png))
        #expect(try run("encode", "a.wav", "-m", Command.tinyModel).status == 0)
        let tokens = try run("plot", "-", "-o", "-", "--kind", "tokens", input: Data(try scratch.bytes("a.codetta")))
        #expect(tokens.status == 0 && tokens.output.starts(with: png))
    }

    @Test func whatCannotBeDrawnIsOneLine() throws {
        try scratch.write("neither audio nor tokens".utf8, to: "text.wav")
        for (arguments, status) in [
            (["plot", "missing.wav"], Int32(66)), (["plot", "text.wav"], 65), (["plot", "a.wav", "--start", "99"], 65),
            (["plot", "a.wav", "--kind", "tokens"], 65), (["plot", "a.wav", "-o", "a.bmp"], 64),
            (["report", "text.wav", "--html", "r.html"], 65), (["report", "missing.json", "--html", "r.html"], 66),
        ] {
            let result = try Command.run(arguments, in: scratch.url)
            #expect(result.status == status && result.errorLines.count == 1, "\(arguments): \(result.errors)")
        }
        for arguments in [["plot"], ["plot", "a.wav", "--kind", "song"], ["plot", "a.wav", "--width", "1"], ["report", "r.json"]] {
            #expect(try Command.run(arguments, in: scratch.url).status == 64, "\(arguments)")
        }
        #expect(try scratch.entries() == ["a.wav", "text.wav"])
    }

    @Test func aDataSetsReportCanBeMadeAgainFromItsResults() throws {
        try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent("d"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: scratch.path("a.wav"), toPath: scratch.path("d/a.wav"))
        let evaluation = try run(
            "evaluate", "--dataset", "d", "--model", Command.tinyModel, "--keep-audio", "kept", "--json", "r.json", "--html", "r.html")
        #expect(evaluation.status == 0, "\(evaluation.errors)")
        #expect(try String(decoding: scratch.bytes("r.html"), as: UTF8.self).contains("data:audio/flac"))
        #expect(try run("report", "r.json", "--html", "again.html", "--latex", "r.tex").status == 0)
        #expect(try scratch.bytes("again.html") == scratch.bytes("r.html"))
        #expect(try run("report", "r.json", "--markdown", "-").text.hasPrefix("| System"))
    }
}
