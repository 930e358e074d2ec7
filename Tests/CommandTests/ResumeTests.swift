import Codetta
import Foundation
import TestSupport
import Testing

/// `--resume` knows an output by what it was made of.
@Suite struct ResumeTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try record("in/a.wav", frequency: 200)
        try record("in/b.wav", frequency: 300)
    }

    private func record(_ name: String, frequency: Double, samples: Int = 4800) throws {
        try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent("in"), withIntermediateDirectories: true)
        try scratch.writeAudio(name, AudioBlock(mono: sine(frequency, rate: 24_000, samples: samples)), rate: 24_000, overwrite: true)
    }

    private func encode(_ options: String...) throws -> [String?] { try statuses(["encode", "in", "-o", "out"] + options) }

    /// What became of each input.
    private func statuses(_ arguments: [String]) throws -> [String?] {
        let result = try Command.run(arguments + ["-m", Command.tinyModel, "--json"], in: scratch.url)
        #expect(result.status == 0, "\(result.errors)")
        return try result.jsonLines().filter { $0["input"] != nil }.map { $0["status"] as? String }
    }

    /// The bytes of an output that is made anew.
    private func fresh(_ input: String, _ options: String...) throws -> [UInt8] {
        let made = try Command.run(["encode", input, "-o", "fresh.codetta", "-fq", "-m", Command.tinyModel] + options, in: scratch.url)
        #expect(made.status == 0)
        return try scratch.bytes("fresh.codetta")
    }

    /// Other bytes in a file of the same length that looks as old as the one before.
    private func replaceInput(keepingTimes: Bool = true) throws {
        let date = try FileManager.default.attributesOfItem(atPath: scratch.path("in/a.wav"))[.modificationDate] as Any
        try record("in/a.wav", frequency: 250)
        if keepingTimes { try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: scratch.path("in/a.wav")) }
    }

    @Test(arguments: [true, false], [true, false])
    func anInputThatChangedIsEncodedAgain(keepingTimes: Bool, wasResumed: Bool) throws {
        #expect(try (wasResumed ? encode("--resume") : encode()) == ["done", "done"])
        #expect(try encode("--resume") == ["skipped", "skipped"])
        try replaceInput(keepingTimes: keepingTimes)
        #expect(try encode("--resume") == ["done", "skipped"])
        #expect(try scratch.bytes("out/a.codetta") == fresh("in/a.wav"))
        #expect(try encode("--resume") == ["skipped", "skipped"])
    }

    @Test func anInputOfAnotherLengthRateOrChannelsIsEncodedAgain() throws {
        _ = try encode()
        try record("in/a.wav", frequency: 200, samples: 4801)
        #expect(try encode("--resume") == ["done", "skipped"])
        for (rate, channels) in [(22_050, 1), (24_000, 2)] {
            try scratch.writeAudio("in/a.wav", tones(4800, channels: channels, rate: rate), rate: rate, overwrite: true)
            #expect(try encode("--resume") == ["done", "skipped"])
            #expect(try scratch.bytes("out/a.codetta") == fresh("in/a.wav"))
        }
    }

    @Test(arguments: [
        ["--codebooks", "1"], ["--bitrate", "1.6"], ["--search", "beam:4"], ["--entropy", "adaptive"], ["--downmix"], ["--sanitize"], ["--lenient"],
    ])
    func otherSettingsEncodeAgain(options: [String]) throws {
        _ = try encode()
        let arguments = ["encode", "in", "-o", "out", "--resume"]
        #expect(try statuses(arguments + options) == ["done", "done"])
        #expect(try statuses(arguments + options) == ["skipped", "skipped"])
        #expect(try encode("--resume") == ["done", "done"])
        #expect(try scratch.bytes("out/a.codetta") == fresh("in/a.wav"))
    }

    @Test func anotherModelEncodesAgain() throws {
        _ = try encode()
        let result = try Command.run(["encode", "in", "-o", "out", "--resume", "--json", "-m", Command.otherTinyModel], in: scratch.url)
        #expect(try result.jsonLines().prefix(2).map { $0["status"] as? String } == ["done", "done"])
    }

    /// A single file made without `--resume` has no record: what shows is judged.
    @Test func anOutputWithoutARecordIsJudgedByItself() throws {
        let one = ["encode", "in/a.wav", "-o", "a.codetta"]
        #expect(try statuses(one) == ["done"])
        #expect(try scratch.entries() == ["a.codetta", "in"], "one file leaves nothing else")
        #expect(try statuses(one + ["--resume"]) == ["skipped"])
        #expect(try statuses(one + ["--resume", "--codebooks", "1"]) == ["done"])
        try FileManager.default.removeItem(atPath: scratch.path(".codetta-resume"))
        #expect(try statuses(one + ["--resume"]) == ["done"])
        try FileManager.default.removeItem(atPath: scratch.path(".codetta-resume"))
        usleep(20_000)
        try replaceInput()
        #expect(try statuses(one + ["--resume"]) == ["done"], "its times tell")
        #expect(try scratch.bytes("a.codetta") == fresh("in/a.wav"))
    }

    @Test func anInputThatWasOnlyTouchedOrMovedIsNot() throws {
        _ = try encode()
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: scratch.path("in/a.wav"))
        #expect(try encode("--resume") == ["skipped", "skipped"])
        for folder in ["in", "out"] { try FileManager.default.moveItem(atPath: scratch.path(folder), toPath: scratch.path(folder + "2")) }
        #expect(try statuses(["encode", "in2", "-o", "out2", "--resume"]) == ["skipped", "skipped"])
    }

    @Test func anOutputThatChangedIsMadeAgain() throws {
        _ = try encode()
        let sound = try scratch.bytes("out/a.codetta")
        for bytes in [Array(sound.dropLast()), sound.enumerated().map { $0 == 200 ? $1 ^ 1 : $1 }, try scratch.bytes("out/b.codetta")] {
            try scratch.write(bytes, to: "out/a.codetta")
            #expect(try encode("--resume") == ["done", "skipped"])
            #expect(try scratch.bytes("out/a.codetta") == sound)
        }
    }

    @Test func resumingGivesTheBytesOfAPlainRun() throws {
        _ = try encode("--resume")
        #expect(try scratch.bytes("out/a.codetta") == fresh("in/a.wav"))
        #expect(try scratch.entries("out") == [".codetta-resume", "a.codetta", "b.codetta"])
    }

    @Test func aDamagedRecordIsOnlyALostOne() throws {
        _ = try encode()
        let record = try scratch.bytes("out/.codetta-resume")
        try scratch.write(record.dropLast(20), to: "out/.codetta-resume")
        #expect(try encode("--resume") == ["skipped", "skipped"])
        try scratch.write([0xFF, 0x7B, 0x0A, 0x7B], to: "out/.codetta-resume")
        #expect(try encode("--resume", "--codebooks", "1") == ["done", "done"])
        #expect(try encode("--resume", "--codebooks", "1") == ["skipped", "skipped"])
    }

    @Test func decodingResumesByItsInputToo() throws {
        _ = try encode()
        let arguments = ["decode", "out", "-o", "audio"]
        #expect(try statuses(arguments) == ["done", "done"])
        #expect(try statuses(arguments + ["--resume"]) == ["skipped", "skipped"])
        try replaceInput()
        #expect(try encode("--resume") == ["done", "skipped"])
        #expect(try statuses(arguments + ["--resume"]) == ["done", "skipped"])
        #expect(try statuses(arguments + ["--resume", "--subtype", "pcm24"]) == ["done", "done"])
        #expect(try statuses(arguments + ["--resume", "--lose", "random:20"]) == ["done", "done"])
        #expect(try statuses(arguments + ["--resume", "--lose", "random:20"]) == ["skipped", "skipped"])
        #expect(try statuses(arguments + ["--resume", "--lose", "random:20", "--seed", "3"]) == ["done", "done"])
    }
}
