import Codetta
import Foundation
import TestSupport
import Testing

/// Several inputs at once.
@Suite struct BatchTests {
    private let scratch: ScratchFolder

    /// Three recordings in a tree, one of them not audio.
    init() throws {
        scratch = try ScratchFolder()
        try FileManager.default.createDirectory(
            at: scratch.url.appendingPathComponent("in/deep"), withIntermediateDirectories: true)
        try scratch.writeAudio("in/a.wav", tones(4800, channels: 1, rate: 24000), rate: 24000)
        try scratch.writeAudio("in/deep/c.wav", tones(2400, channels: 2, rate: 16000), rate: 16000)
        try scratch.write("not audio at all".utf8, to: "in/b.wav")
        try scratch.write("neither, nor asked for".utf8, to: "in/notes.txt")
    }

    private func encode(_ options: String...) throws -> CommandResult {
        try Command.run(["encode", "in", "-o", "out", "-m", Command.tinyModel] + options, in: scratch.url)
    }

    @Test func oneBadFileDoesNotStopTheOthers() throws {
        let result = try encode("--json")
        #expect(result.status == 65)
        let lines = try result.jsonLines()
        #expect(lines.map { $0["status"] as? String } == ["done", "failed", "done", nil])
        #expect(lines.map { $0["input"] as? String } == ["in/a.wav", "in/b.wav", "in/deep/c.wav", nil])
        #expect(lines[1]["code"] as? Int == 65)
        #expect((lines[3]["summary"] as? [String: Int]) == ["done": 2, "failed": 1, "skipped": 0])
        #expect(result.errors.contains("codetta: in/b.wav: "))
        #expect(try scratch.entries("out") == [".codetta-resume", "a.codetta", "deep"])
        #expect(try scratch.entries("out/deep") == [".codetta-resume", "c.codetta"])
    }

    @Test func severalJobsReportInTheOrderOfTheInputs() throws {
        let one = try encode()
        let outputs = (try scratch.bytes("out/a.codetta"), try scratch.bytes("out/deep/c.codetta"))
        let three = try encode("--jobs", "3", "--force")
        #expect(three.errors == one.errors && three.status == one.status)
        #expect(try scratch.bytes("out/a.codetta") == outputs.0 && scratch.bytes("out/deep/c.codetta") == outputs.1)
    }

    @Test func resumingSkipsWhatIsSoundAndRedoesWhatIsNot() throws {
        _ = try encode()
        let sound = try scratch.bytes("out/a.codetta")
        try scratch.write(sound.dropLast(3), to: "out/a.codetta")
        let lines = try encode("--resume", "--json").jsonLines()
        #expect(lines.map { $0["status"] as? String } == ["done", "failed", "skipped", nil])
        #expect(try scratch.bytes("out/a.codetta") == sound)
    }

    @Test func decodingAFolderResumesToo() throws {
        _ = try encode()
        let arguments = ["decode", "out", "-o", "audio", "-m", Command.tinyModel, "--json"]
        #expect(try Command.run(arguments, in: scratch.url).status == 0)
        let audio = try scratch.bytes("audio/deep/c.wav")
        try scratch.write(audio.dropLast(2), to: "audio/deep/c.wav")
        let lines = try Command.run(arguments + ["--resume"], in: scratch.url).jsonLines()
        #expect(lines.map { $0["status"] as? String } == ["skipped", "done", nil])
        #expect(try scratch.bytes("audio/deep/c.wav") == audio)
    }

    @Test func existingOutputsFailOneByOne() throws {
        _ = try encode()
        let result = try encode()
        #expect(result.status == 1)
        #expect(result.errorLines.filter { $0.contains("exists already") }.count == 2)
    }

    @Test func twoInputsForOneOutputAreNotBothWritten() throws {
        try scratch.writeAudio("a.wav", tones(100, channels: 1, rate: 8000), rate: 8000)
        let result = try Command.run(
            ["encode", "a.wav", "in/a.wav", "-o", "out", "-m", Command.tinyModel], in: scratch.url)
        #expect(result.status == 73 && result.errors.contains("out/a.codetta: would be written for a.wav as well as for in/a.wav"))
    }

    @Test func aBatchNeedsAFolder() throws {
        let result = try Command.run(
            ["encode", "in", "-o", "in/notes.txt", "-m", Command.tinyModel], in: scratch.url)
        #expect(result.status == 73 && result.errorLines.count == 1)
        #expect(try Command.run(["encode", "in", "-o", "-", "-m", Command.tinyModel], in: scratch.url).status == 64)
    }
}
