import Codetta
import Foundation
import TestSupport
import Testing

/// What the command does with inputs that are not as they should be: one line, the right exit code, no file left behind, and the
/// way out that it names.
@Suite struct HostileInputTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func run(_ arguments: String...) throws -> CommandResult {
        try Command.run(arguments + ["-m", Command.tinyModel], in: scratch.url)
    }

    /// Expects refusal in one line with `words`, and nothing new in the folder.
    private func expectRefusal(_ result: CommandResult, _ status: Int32, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(result.status == status && result.errorLines.count == 1 && result.output.isEmpty, "\(result.errors)", sourceLocation: sourceLocation)
        for word in words { #expect(result.errors.contains(word), "\(result.errors)", sourceLocation: sourceLocation) }
        #expect(try scratch.entries().allSatisfy { !$0.hasPrefix(".") && !$0.hasPrefix("out") }, sourceLocation: sourceLocation)
    }

    @Test func moreChannelsThanTheModelTakesNeedDownmix() throws {
        try scratch.writeAudio("nine.wav", tones(2400, channels: 9, rate: 24000), rate: 24000)
        try expectRefusal(try run("encode", "nine.wav", "-o", "out.codetta"), 65, "nine.wav", "9", "--downmix")
        #expect(try run("encode", "nine.wav", "--downmix").status == 0)
        #expect(try run("decode", "nine.codetta", "-o", "back.wav").status == 0)
        let back = try scratch.readAudio("back.wav").audio
        #expect(back.channelCount == 1 && back.sampleCount == 2400)
    }

    @Test func aCutRecordingNeedsLenient() throws {
        try scratch.writeAudio("a.wav", tones(24000, channels: 1, rate: 24000), rate: 24000)
        try scratch.write(try scratch.bytes("a.wav").prefix(24_044), to: "cut.wav")
        try expectRefusal(try run("encode", "cut.wav", "-o", "out.codetta"), 65, "cut.wav", "truncated", "lenient")
        let salvaged = try run("encode", "cut.wav", "--lenient", "--json")
        #expect(salvaged.status == 0 && salvaged.errors.contains("warning: cut.wav"))
        #expect((try salvaged.json()["details"] as? [String: Any])?["samples"] as? Int == 12_000)
    }

    @Test func samplesThatAreNotNumbersNeedSanitize() throws {
        var samples = [Float](repeating: 0.25, count: 4800)
        samples[100] = .nan
        samples[200] = -.infinity
        try scratch.writeAudio("a.wav", AudioBlock(mono: samples.map { $0.isFinite ? $0 : 0 }), rate: 24000, format: .float)
        var bytes = try scratch.bytes("a.wav")
        for i in [100, 200] {
            let start = bytes.count - 4 * (4800 - i)
            bytes.replaceSubrange(start..<start + 4, with: withUnsafeBytes(of: samples[i].bitPattern.littleEndian) { Array($0) })
        }
        try scratch.write(bytes, to: "nan.wav")
        try expectRefusal(try run("encode", "nan.wav", "-o", "out.codetta"), 65, "nan.wav", "100", "--sanitize")
        let cleaned = try run("encode", "nan.wav", "--sanitize", "--json")
        #expect((try cleaned.json()["details"] as? [String: Any])?["sanitizedSamples"] as? Int == 2)
    }

    @Test func modelsThatAreNoneAreRefusedWithTheirOwnExitCodes() throws {
        try scratch.writeAudio("a.wav", tones(100, channels: 1, rate: 24000), rate: 24000)
        let config = try String(contentsOfFile: Command.tinyModel + "/config.json", encoding: .utf8)
        let weights = try Data(contentsOf: URL(fileURLWithPath: Command.tinyModel + "/model.safetensors"))
        func encode(config: String, weights: Data, to name: String) throws -> CommandResult {
            let folder = scratch.url.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(config.utf8).write(to: folder.appendingPathComponent("config.json"))
            try weights.write(to: folder.appendingPathComponent("model.safetensors"))
            return try Command.run(["encode", "a.wav", "-o", "out.codetta", "-m", "./" + name], in: scratch.url)
        }
        let noCodebooks = config.replacingOccurrences(of: "\"num_codebooks\": 3", with: "\"num_codebooks\": 0")
        try expectRefusal(try encode(config: noCodebooks, weights: weights, to: "none"), 78, "num_codebooks", "none/config.json")
        let unknown = config.replacingOccurrences(of: "\"soundstream\"", with: "\"someone-elses\"")
        try expectRefusal(try encode(config: unknown, weights: weights, to: "type"), 78, "someone-elses")
        try expectRefusal(try encode(config: config, weights: weights.dropLast(1), to: "cut"), 65, "model.safetensors")
        try expectRefusal(try encode(config: config, weights: Data(), to: "empty"), 65, "model.safetensors")
    }

    @Test func aLostPacketCostsNoSample() throws {
        try scratch.writeAudio("a.wav", tones(100_001, channels: 2, rate: 44100), rate: 44100)
        #expect(try run("encode", "a.wav").status == 0)
        #expect(try run("decode", "a.codetta", "-o", "whole.wav").status == 0)
        for pattern in ["random:0", "random:5", "random:30", "bursty:10", "bursty:30:8"] {
            let name = pattern.replacingOccurrences(of: ":", with: "-") + ".wav"
            let result = try run("decode", "a.codetta", "-o", name, "--lose", pattern, "--seed", "1", "--json")
            let details = try #require(try result.json()["details"] as? [String: Any])
            let lost = try #require(details["lostFrames"] as? Int)
            #expect(details["samples"] as? Int == 100_001 && (lost > 0) == (pattern != "random:0"), "\(pattern)")
            #expect(try scratch.readAudio(name).audio.sampleCount == 100_001)
            #expect(try (scratch.bytes(name) == scratch.bytes("whole.wav")) == (lost == 0))
            _ = try run("decode", "a.codetta", "-o", "again-" + name, "--lose", pattern, "--seed", "1")
            #expect(try scratch.bytes("again-" + name) == scratch.bytes(name))
        }
        for wrong in [["--lose", "often"], ["--lose", "random:100"], ["--seed", "1"]] {
            #expect(try Command.run(["decode", "a.codetta", "-o", "out.wav", "-m", Command.tinyModel] + wrong, in: scratch.url).status == 64)
        }
    }

    @Test(.disabled(if: Command.isSanitized, "sanitizers need all of the address space"))
    func memoryBelowTheNeedOfAFileIsRefusedInOneLine() throws {
        // An array that says it has 2³¹ bytes and does: a file full of holes.
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2147483648), }\n"
        try scratch.write([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8), to: "huge.npy")
        let file = try FileHandle(forWritingTo: scratch.url.appendingPathComponent("huge.npy"))
        try file.truncate(atOffset: UInt64(10 + header.utf8.count) + 2_147_483_648)
        try file.close()
        for limit in ["export CODETTA_MEMORY_BUDGET=1000000", "ulimit -v 2000000"] {
            let result = try Command.shell("\(limit); \"$codetta\" decode huge.npy -m \"$model\" -o out.wav", in: scratch.url)
            try expectRefusal(result, 65, "huge.npy", "budget")
        }
    }
}
