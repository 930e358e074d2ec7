import Codetta
import Foundation
import TestSupport
import Testing

/// What the command says of audio as it comes from the world.
@Suite struct FieldAudioTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    /// Twenty seconds of layer II without any length: silence at 48 kb/s and 32 kHz.
    private var layerII: [UInt8] {
        let frame: [UInt8] = [0xFF, 0xFD, 0x28, 0xC0] + [UInt8](repeating: 0, count: 212)
        return Array(repeatElement(frame, count: 556).joined())
    }

    @Test func aGuessAtTheLengthIsCalledOne() throws {
        try scratch.write(layerII, to: "a.mp2")
        #expect(try run("info", "a.mp2").text.contains("about 20.0 s, by an estimate"))
        let json = try run("info", "a.mp2", "--json").json()
        #expect(json["samples"] == nil && json["duration"] == nil && json["estimatedSamples"] as? Int == 556 * 1152)
    }

    @Test func mpegAudioIsEncodedWhole() throws {
        try scratch.write(layerII, to: "a.mp2")
        let result = try run("encode", "a.mp2", "--json", "-m", Command.tinyModel)
        #expect((try result.json()["details"] as? [String: Any])?["samples"] as? Int == 556 * 1152)
        #expect(result.errors.isEmpty, "\(result.errors)")
    }

    /// What libmpg123 and libFLAC have to say of broken streams does not reach the terminal past us.
    @Test func librariesDoNotSpeakToTheTerminal() throws {
        var broken = layerII
        for i in stride(from: 5000, to: 60_000, by: 7) { broken[i] = UInt8(truncatingIfNeeded: i) }
        try scratch.write(broken, to: "a.mp2")
        try scratch.write([0xFF, 0xFB, 0x90, 0x00] + [UInt8](repeating: 0x55, count: 3000), to: "b.mp3")
        try scratch.write([0xFF, 0xFB, 0x00, 0x00] + [UInt8](repeating: 0x55, count: 3000), to: "c.mp3")
        // Layer I with forbidden allocations, and a tag whose size is none.
        let layerI = [0xFF, 0xFF, 0x28, 0xC0] + [UInt8](repeating: 0xFF, count: 92)
        try scratch.write(Array(repeatElement(layerI, count: 20).joined()), to: "d.mp1")
        try scratch.write(Array("ID3".utf8) + [3, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + layerII, to: "e.mp3")
        try scratch.write(Array("ID3".utf8) + [3, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 9, count: 3000), to: "f.mp3")
        // Free format, whole and damaged.
        let free = Array(repeatElement([0xFF, 0xF3, 0x04, 0xC4] + [UInt8](repeating: 0, count: 96), count: 200).joined())
        try scratch.write(free, to: "g.mp3")
        let whole = try run("encode", "g.mp3", "--json", "-m", Command.tinyModel)
        #expect((try whole.json()["details"] as? [String: Any])?["samples"] as? Int == 200 * 576 && whole.errors.isEmpty, "\(whole.errors)")
        try scratch.write(free.enumerated().map { $0 > 1000 && $0 % 11 == 0 ? UInt8(truncatingIfNeeded: $0) : $1 }, to: "h.mp3")
        for name in ["a.mp2", "b.mp3", "c.mp3", "d.mp1", "e.mp3", "f.mp3", "h.mp3"] {
            let result = try run("encode", name, "-q", "-m", Command.tinyModel)
            #expect(result.errorLines.allSatisfy { $0.hasPrefix("codetta: ") } && result.errorLines.count <= 1, "\(result.errors)")
        }
    }

    @Test func audioFarOverFullScaleIsScaledDownOnRequest() throws {
        let samples = (0..<24_000).map { 20_000 * Float(sin(Double($0) * 0.05)) }
        try scratch.writeAudio("a.wav", AudioBlock(mono: samples), rate: 24_000, format: .float)
        let loud = try run("encode", "a.wav", "-m", Command.tinyModel)
        #expect(loud.status == 0 && loud.errors.contains("the codec saturates") && loud.errors.contains("--normalize"), "\(loud.errors)")
        let scaled = try run("encode", "a.wav", "--normalize", "--force", "--json", "-m", Command.tinyModel)
        let peak = (try scaled.json()["details"] as? [String: Any])?["peak"] as? Double
        #expect(abs((peak ?? 0) - 1) < 1e-5 && scaled.errors.contains("scaled by"), "\(scaled.errors)")
        let piped = try Command.run(["encode", "-", "-o", "b.codetta", "--normalize", "-m", Command.tinyModel], in: scratch.url, input: Data())
        #expect(piped.status != 0)
    }

    @Test func anInvertedRecordingIsSaidToBe() throws {
        let r = noise(samples: 30_000, channels: 1).channel(0)
        try scratch.writeAudio("r.wav", AudioBlock(mono: r.map { $0 * 0.5 }), rate: 24_000)
        try scratch.writeAudio("d.wav", AudioBlock(mono: r.map { $0 * -0.25 }), rate: 24_000)
        #expect(try run("evaluate", "r.wav", "d.wav", "--measures", "snr").text.contains("Polarity"))
        let json = try run("evaluate", "r.wav", "d.wav", "--measures", "snr", "--json").json()
        let delay = (json["reconstruction"] as? [String: Any])?["delay"] as? [String: Any]
        #expect(delay?["inverted"] as? Bool == true && delay?["samples"] as? Int == 0 && delay?["weak"] as? Bool == false)
    }

    @Test func aReferenceThatIsLongerIsWarnedOf() throws {
        let r = noise(samples: 30_000, channels: 1)
        try scratch.writeAudio("r.wav", r, rate: 24_000)
        try scratch.writeAudio("d.wav", r.slice(0..<20_000), rate: 24_000)
        let result = try run("evaluate", "r.wav", "d.wav", "--measures", "snr")
        #expect(result.status == 0 && result.errors.contains("20000 of the reference's 30000 samples"), "\(result.errors)")
        #expect(result.text.contains("20000 compared"))
        #expect(try run("evaluate", "r.wav", "r.wav", "--measures", "snr").errors.isEmpty)
    }

    @Test func aFormatThatIsNotReadNamesTheWayOut() throws {
        try scratch.write([0, 0, 0, 0x20] + Array("ftypM4A ".utf8) + [UInt8](repeating: 0, count: 500), to: "a.m4a")
        let result = try run("encode", "a.m4a", "-m", Command.tinyModel)
        #expect(result.status == 65 && result.errorLines.count == 1)
        for word in ["a.m4a", "M4A", "--via ffmpeg", "ffmpeg -i"] { #expect(result.errors.contains(word), "\(result.errors)") }
    }
}
