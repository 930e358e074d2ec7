import Codetta
import Foundation
import TestSupport
import Testing

/// Disks that fill up, pipes that close, and signals.
@Suite struct FaultTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.writeAudio("a.wav", tones(240_000, channels: 1, rate: 24000), rate: 24000)
    }

    @Test func aWriteThatFailsLeavesNoFile() throws {
        // 4 blocks of 512 bytes, in both directions less than the output.
        for line in ["encode a.wav -o new.codetta", "decode a.codetta -o new.wav"] {
            let result = try Command.shell(
                """
                "$codetta" encode a.wav -o a.codetta -m "$model" --force --quiet || exit 1
                ulimit -f 4; "$codetta" \(line) -m "$model"
                """, in: scratch.url)
            #expect(result.status == 74, "\(result.errors)")
            #expect(result.errorLines.count == 1 && result.errors.contains("new."))
        }
        #expect(try scratch.entries() == ["a.codetta", "a.wav"])
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full, which Linux has"))
    func aFullDeviceIs74() throws {
        for output in ["-o /dev/full", "-o - > /dev/full"] {
            let result = try Command.shell("\"$codetta\" encode a.wav -m \"$model\" \(output)", in: scratch.url)
            #expect(result.status == 74 && result.errorLines.count == 1, "\(result.errors)")
        }
        let json = try Command.shell("\"$codetta\" info a.wav --json > /dev/full", in: scratch.url)
        #expect(json.status == 74)
    }

    @Test func aClosedPipeIsAQuietStop() throws {
        let result = try Command.shell(
            """
            "$codetta" encode a.wav -m "$model" -q || exit 1
            { "$codetta" decode a.codetta -o - -m "$model"; echo "status $?" >&2; } | head -c 100 > /dev/null
            """, in: scratch.url)
        #expect(result.errors == "status 141\n")
    }

    @Test func damagedTokensGiveNothingToTheStandardOutput() throws {
        let result = try Command.shell(
            """
            "$codetta" encode a.wav -m "$model" -q || exit 1
            { head -c 5000 a.codetta | "$codetta" decode - -o - -m "$model"; echo "status $?" >&2; } | cat
            head -c 5000 a.codetta | "$codetta" decode - -o - -m "$model"
            """, in: scratch.url)
        #expect(result.status == 65 && result.output.isEmpty)
        #expect(result.errorLines.count == 3 && result.errors.contains("status 65"))
    }

    @Test func aSignalRemovesTheTemporaryAndKeepsTheOldFile() throws {
        try scratch.write("old".utf8, to: "out.codetta")
        // An input that never ends: the command is in the middle of its work whenever the signal comes.
        let process = Process()
        process.executableURL = Command.executable
        process.arguments = [
            "encode", "-", "-o", "out.codetta", "--force", "--rate", "24000", "-m", Command.tinyModel,
        ]
        process.currentDirectoryURL = scratch.url
        let input = Pipe()
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        try process.run()
        input.fileHandleForWriting.write(Data(count: 4800))
        let deadline = Date(timeIntervalSinceNow: 20)
        while try scratch.entries().count < 3, Date() < deadline { usleep(10_000) }
        #expect(try scratch.entries().contains { $0.hasPrefix(".codetta-partial-") })
        // Not SIGINT, which a test run in the background has ignored, and its children with it.
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 143)
        #expect(try scratch.entries() == ["a.wav", "out.codetta"])
        #expect(try scratch.bytes("out.codetta") == Array("old".utf8))
    }

    @Test func staleTemporariesAreNotTakenForData() throws {
        try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent("in"), withIntermediateDirectories: true)
        try scratch.writeAudio("in/a.wav", tones(100, channels: 1, rate: 8000), rate: 8000)
        try scratch.write([1, 2, 3], to: "in/.codetta-partial-stale.wav")
        let result = try Command.run(["encode", "in", "-o", "out", "-m", Command.tinyModel], in: scratch.url)
        #expect(result.status == 0)
        #expect(try scratch.entries("out") == [".codetta-resume", "a.codetta"])
    }
}
