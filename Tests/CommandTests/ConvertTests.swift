import Codetta
import Foundation
import TestSupport
import Testing

@Suite struct ConvertTests {
    private let scratch: ScratchFolder
    private static let foreign = PackageFolder.url.appendingPathComponent("Tests/TokenFilesTests/Fixtures/foreign")
    private static let segments = PackageFolder.path("Tests/CodecsTests/Fixtures/tiny-encodec-segments")
    private static let dac = PackageFolder.path("Tests/CodecsTests/Fixtures/tiny-dac")

    init() throws { scratch = try ScratchFolder() }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    private func copy(_ name: String, to target: String? = nil) throws {
        try scratch.write(Data(contentsOf: Self.foreign.appendingPathComponent(name)), to: target ?? name)
    }

    @Test(arguments: ["encodec_24khz.ecdc", "encodec_48khz.ecdc"]) func everyFormatLeadsBackToTheSameFile(name: String) throws {
        try copy(name, to: "a.ecdc")
        let steps = ["a.ecdc", "b.codetta", "c.npz", "d.safetensors", "e.json", "f.codetta", "g.ecdc"]
        for (from, to) in zip(steps, steps.dropFirst()) {
            let result = try run("convert", from, "-o", to, "--entropy", to == "f.codetta" ? "adaptive" : "none")
            #expect(result.status == 0 && result.errorLines.count == 1, "\(result.errors)")
        }
        #expect(try scratch.bytes("g.ecdc") == scratch.bytes("a.ecdc"))
        #expect(try scratch.bytes("b.codetta") != scratch.bytes("f.codetta"))
        #expect(try run("verify", "b.codetta", "f.codetta").status == 0)
    }

    @Test func aFileThatDoesNotNameItsCodecNeedsTheModel() throws {
        try scratch.writeAudio("a.wav", tones(1000, channels: 2, rate: 4000), rate: 4000)
        #expect(try run("encode", "a.wav", "-o", "a.dac", "--model", Self.dac).status == 0)
        let refused = try run("convert", "a.dac", "-o", "b.codetta")
        #expect(refused.status == 65 && refused.errorLines.count == 1 && refused.errors.contains("--model"))
        #expect(!scratch.exists("b.codetta"))
        let other = try run("convert", "a.dac", "-o", "b.codetta", "--model", Self.segments)
        #expect(other.status == 65 && other.errors.contains("a codec (dac)"))
        let done = try run("convert", "a.dac", "-o", "b.codetta", "--model", Self.dac, "--json")
        #expect(done.status == 0)
        let details = try #require(try done.json()["details"] as? [String: Any])
        #expect(details["samples"] as? Int == 1000 && details["channels"] as? Int == 2 && details["from"] as? String == "dac")
        #expect(try run("encode", "a.wav", "-o", "c.codetta", "--model", Self.dac).status == 0)
        for name in ["b.codetta", "c.codetta", "a.dac"] {
            #expect(try run("decode", name, "-o", "\(name).wav", "--model", Self.dac).status == 0)
        }
        #expect(try scratch.bytes("b.codetta.wav") == scratch.bytes("c.codetta.wav"))
        #expect(try scratch.bytes("a.dac.wav") == scratch.bytes("c.codetta.wav"))
    }

    /// As descript-audio-codec codes recordings longer than its windows.
    @Test func windowsStayWindowsInEveryFormat() throws {
        try copy("windows.dac", to: "a.dac")
        let steps = ["a.dac", "b.codetta", "c.npz", "d.safetensors", "e.json", "f.codetta", "g.dac"]
        for (from, to) in zip(steps, steps.dropFirst()) {
            let entropy = to == "f.codetta" ? "adaptive" : "none"
            let model = from == "a.dac" ? ["--model", Self.dac] : []
            let result = try Command.run(["convert", from, "-o", to, "--entropy", entropy] + model, in: scratch.url)
            #expect(result.status == 0, "\(result.errors)")
        }
        for name in steps {
            #expect(try run("decode", name, "-o", "\(name).wav", "--model", Self.dac).status == 0)
            #expect(try scratch.bytes("\(name).wav") == scratch.bytes("a.dac.wav"))
        }
        let audio = try scratch.readAudio("a.dac.wav").audio
        #expect(audio.sampleCount == 4120 && audio.channelCount == 2)
        #expect(try run("convert", "g.dac", "-o", "h.dac", "--model", Self.dac).status == 0)
        #expect(try scratch.bytes("h.dac") == scratch.bytes("g.dac"))
    }

    @Test func segmentsDecodeToTheirLevelsFromEveryFormat() throws {
        try scratch.writeAudio("a.wav", tones(4321, channels: 2, rate: 4000), rate: 4000)
        for format in ["codetta", "json", "npz", "safetensors"] {
            #expect(try run("encode", "a.wav", "-o", "a.\(format)", "--model", Self.segments).status == 0)
            #expect(try run("decode", "a.\(format)", "-o", "\(format).wav", "--model", Self.segments).status == 0)
            #expect(try scratch.bytes("\(format).wav") == scratch.bytes("codetta.wav"))
        }
        #expect(try scratch.readAudio("codetta.wav").audio.sampleCount == 4321)
        let array = try run("encode", "a.wav", "-o", "a.npy", "--model", Self.segments)
        #expect(array.status == 64 && array.errors.contains(".npz") && !scratch.exists("a.npy"))
        let lost = try run("decode", "a.codetta", "-o", "lost.wav", "--model", Self.segments, "--lose", "random:30")
        #expect(try lost.status == 0 && scratch.readAudio("lost.wav").audio.sampleCount == 4321)
    }

    @Test func foreignCodesOfAnotherShapeAreRefused() throws {
        try copy("encodec_24khz.ecdc")
        let decoded = try run("decode", "encodec_24khz.ecdc", "-o", "a.wav", "--model", Self.segments)
        #expect(decoded.status == 65 && decoded.errors.contains("was made by encodec_24khz") && !scratch.exists("a.wav"))
        #expect(try run("decode", "encodec_24khz.ecdc").status == 66)
        let converted = try run("convert", "encodec_24khz.ecdc", "-o", "a.dac")
        #expect(converted.status == 65 && converted.errors.contains("codes of DAC") && !scratch.exists("a.dac"))
    }

    @Test(arguments: [("encodec_24khz-lm.ecdc", "without --lm"), ("compressed.npz", "numpy.savez")])
    func whatCannotBeReadSaysWhatToDo(name: String, words: String) throws {
        try copy(name)
        let result = try run("convert", name, "-o", "a.codetta", "--model", Self.dac)
        #expect(result.status == 65 && result.errorLines.count == 1 && result.errors.contains(words), "\(result.errors)")
        #expect(!scratch.exists("a.codetta"))
    }

    @Test func damageIsToldAsDecodeTellsIt() throws {
        try scratch.writeAudio("a.wav", tones(160_000, channels: 1, rate: 4000), rate: 4000)
        #expect(try run("encode", "a.wav", "-o", "a.codetta", "--model", Self.dac).status == 0)
        var bytes = try scratch.bytes("a.codetta").dropLast(12)
        for place in [bytes.count / 4, bytes.count / 2] { bytes[place] ^= 1 }
        try scratch.write(Array(bytes), to: "b.codetta")
        func warnings(_ arguments: String...) throws -> [String] {
            let result = try Command.run(arguments + ["--model", Self.dac, "--lenient", "--json"], in: scratch.url)
            #expect(result.status == 0, "\(result.errors)")
            return try #require((result.json()["details"] as? [String: Any])?["warnings"] as? [String])
        }
        let told = try warnings("convert", "b.codetta", "-o", "c.codetta")
        #expect(told.count == 2 && told[0].contains("more flaw(s)") && told[1].contains("the end is lost"), "\(told)")
        #expect(try warnings("decode", "b.codetta", "-o", "b.wav") == told)
    }

    @Test func aFolderIsConvertedAndOneBadFileStopsNothing() throws {
        try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent("in"), withIntermediateDirectories: true)
        try copy("encodec_24khz.ecdc", to: "in/a.ecdc")
        try copy("encodec_24khz-lm.ecdc", to: "in/b.ecdc")
        try copy("encodec_48khz.ecdc", to: "in/c.ecdc")
        let result = try run("convert", "in", "-o", "out", "--format", "npz")
        #expect(result.status == 65 && result.errors.contains("1 failed"))
        #expect(try scratch.entries("out") == ["a.npz", "c.npz"])
    }

    @Test func outputsAreNotReplacedUnasked() throws {
        try copy("encodec_24khz.ecdc", to: "a.ecdc")
        try scratch.write([1], to: "a.codetta")
        #expect(try run("convert", "a.ecdc").status == 73)
        #expect(try scratch.bytes("a.codetta") == [1])
        #expect(try run("convert", "a.ecdc", "--force").status == 0)
        #expect(try run("convert", "a.ecdc", "--entropy", "lm", "--force").status == 64)
        #expect(try run("convert", "a.ecdc", "-o", "b.npz", "--entropy", "adaptive").status == 64)
    }
}
