import Codetta
import Foundation
import Platform
import TestSupport
import Testing

/// Signals in the middle of the work. Every input here goes on for ever, so that the command is at work whenever they come.
@Suite struct InterruptionTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.write("old".utf8, to: "out")
    }

    /// A started command and the open end of its input.
    private struct Running {
        let process: Process
        let input: Pipe

        /// Ends it and gives its status, or minus the signal that it did not catch.
        func end(by number: Int32) -> Int32 {
            kill(process.processIdentifier, number)
            process.waitUntilExit()
            return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }
    }

    /// Starts `codetta`, gives it `head` and waits until another temporary output appears in `folder`.
    private func start(_ arguments: [String], head: Data, temporaryIn folder: String = "", through program: [String] = []) throws -> Running {
        let before = temporaries(folder)
        let process = Process()
        let words = program + [Command.executable.path] + arguments + ["-m", Command.tinyModel]
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.currentDirectoryURL = scratch.url
        let input = Pipe()
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        try process.run()
        input.fileHandleForWriting.write(head)
        let deadline = Date(timeIntervalSinceNow: 60)
        while temporaries(folder) == before, Date() < deadline { usleep(10_000) }
        #expect(temporaries(folder) == before + 1)
        return Running(process: process, input: input)
    }

    private func temporaries(_ folder: String) -> Int {
        ((try? scratch.entries(folder)) ?? []).count { $0.hasPrefix(".codetta-partial-") }
    }

    private func startEncoding(through program: [String] = []) throws -> Running {
        try start(["encode", "-", "-o", "out", "--force", "--rate", "24000"], head: Data(count: 4800), through: program)
    }

    /// Half of a token file, so that the decoder waits for the rest.
    private func startDecoding() throws -> Running {
        try scratch.writeAudio("a.wav", tones(480_000, channels: 1, rate: 24000), rate: 24000)
        #expect(try Command.run(["encode", "a.wav", "-m", Command.tinyModel], in: scratch.url).status == 0)
        let tokens = try scratch.bytes("a.codetta")
        return try start(
            ["decode", "-", "-o", "out", "--force", "--container", "wav"], head: Data(tokens.prefix(tokens.count / 2)))
    }

    private func expectOnlyTheOldFile() throws {
        #expect(temporaries("") == 0)
        #expect(try scratch.bytes("out") == Array("old".utf8))
    }

    @Test(arguments: [SIGTERM, SIGHUP]) func aSignalWhileEncodingLeavesTheOldFileAlone(number: Int32) throws {
        #expect(try startEncoding().end(by: number) == 128 + number)
        try expectOnlyTheOldFile()
    }

    @Test(arguments: [SIGTERM, SIGHUP]) func aSignalWhileDecodingLeavesTheOldFileAlone(number: Int32) throws {
        #expect(try startDecoding().end(by: number) == 128 + number)
        try expectOnlyTheOldFile()
    }

    // A test run in the background has SIGINT ignored, and its children with it; GNU env gives it back to them.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/env") && hasDefaultSignal, "needs GNU env"))
    func anInterruptLeavesTheOldFileAlone() throws {
        #expect(try startEncoding(through: ["/usr/bin/env", "--default-signal=INT"]).end(by: SIGINT) == 128 + SIGINT)
        try expectOnlyTheOldFile()
    }

    private static let hasDefaultSignal: Bool = {
        (try? Command.shell("env --default-signal=INT true", in: FileManager.default.temporaryDirectory))?.status == 0
    }()

    @Test func aKilledProcessLeavesTheOldFileAndATemporaryThatNothingReads() throws {
        for running in [try startEncoding(), try startDecoding()] {
            #expect(running.end(by: SIGKILL) == -SIGKILL)
            #expect(try scratch.bytes("out") == Array("old".utf8))
        }
        #expect(temporaries("") == 2)
        // The leftovers do not get in the way of doing it again, nor are they taken for inputs.
        let again = try Command.run(
            ["encode", "a.wav", "-o", "out", "--force", "-m", Command.tinyModel], in: scratch.url)
        #expect(again.status == 0)
        #expect(try Command.run(["verify", "out"], in: scratch.url).status == 0)
    }

    @Test(arguments: [SIGTERM, SIGKILL]) func anInterruptedBatchKeepsWhatIsDoneAndResumes(number: Int32) throws {
        try scratch.writeAudio("a.wav", tones(2400, channels: 1, rate: 24000), rate: 24000)
        try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent("tokens"), withIntermediateDirectories: true)
        #expect(mkfifo(scratch.path("b.wav"), 0o600) == 0)
        // Open for both, so that neither side waits for the other.
        let fifo = try #require(FileHandle(forUpdatingAtPath: scratch.path("b.wav")))
        var head = Data(try scratch.bytes("a.wav").prefix(44))
        head.replaceSubrange(40..<44, with: [0xFF, 0xFF, 0xFF, 0xFF])
        fifo.write(head + Data(count: 2000))
        let arguments = ["encode", "a.wav", "b.wav", "-o", "tokens"]
        let running = try start(arguments, head: Data(), temporaryIn: "tokens")
        let deadline = Date(timeIntervalSinceNow: 60)
        // The first file is done and the second one begun.
        while !scratch.exists("tokens/a.codetta") || temporaries("tokens") == 0, Date() < deadline { usleep(10_000) }
        #expect(running.end(by: number) == (number == SIGKILL ? -number : 128 + number))
        #expect(temporaries("tokens") == (number == SIGKILL ? 1 : 0))
        #expect(!scratch.exists("tokens/b.codetta"))
        try FileManager.default.removeItem(atPath: scratch.path("b.wav"))
        try scratch.writeAudio("b.wav", tones(4800, channels: 1, rate: 24000), rate: 24000)
        let resumed = try Command.run(arguments + ["--resume", "--json", "-m", Command.tinyModel], in: scratch.url)
        #expect(try resumed.jsonLines().map { $0["status"] as? String } == ["skipped", "done", nil])
    }
}
