import Codetta
import Foundation
import Platform
import TestSupport
import Testing

/// Reads and writes that fail, stop half-way or come in little pieces.
@Suite struct DeviceFaultTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.writeAudio("a.wav", tones(240_000, channels: 1, rate: 24000), rate: 24000)
        _ = try Command.run(["encode", "a.wav", "-m", Command.tinyModel], in: scratch.url)
    }

    private func run(_ arguments: [String], input: Any? = nil, output: Any? = nil) throws -> (status: Int32, errors: String) {
        let errors = Pipe()
        let process = Process()
        process.executableURL = Command.executable
        process.arguments = arguments + ["-m", Command.tinyModel]
        process.currentDirectoryURL = scratch.url
        process.standardInput = input ?? FileHandle.nullDevice
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus, text)
    }

    #if os(Linux)
        /// A terminal whose other side is gone: what is left of either side gives EIO.
        private static func deadTerminal(reading: Bool) throws -> FileHandle {
            var (master, slave): (Int32, Int32) = (-1, -1)
            try #require(openpty(&master, &slave, nil, nil, nil) == 0)
            close(reading ? slave : master)
            return FileHandle(fileDescriptor: reading ? master : slave, closeOnDealloc: true)
        }

        @Test func writesThatFailAre74() throws {
            for arguments in [["decode", "a.codetta", "-o", "-"], ["encode", "a.wav", "-o", "-"]] {
                let result = try run(arguments, output: try Self.deadTerminal(reading: false))
                #expect(result.status == 74, "\(result.errors)")
                #expect(result.errors.split(separator: "\n").count == 1 && result.errors.contains("stdout"))
            }
        }

        @Test func readsThatFailAre74AndLeaveNoFile() throws {
            for arguments in [["decode", "-", "-o", "out.wav"], ["encode", "-", "-o", "out.codetta"], ["encode", "-", "-o", "out.codetta", "--rate", "8000"]] {
                let result = try run(arguments, input: try Self.deadTerminal(reading: true))
                #expect(result.status == 74, "\(result.errors)")
                #expect(result.errors.split(separator: "\n").count == 1 && result.errors.contains("stdin"), "\(result.errors)")
            }
            #expect(try scratch.entries() == ["a.codetta", "a.wav"])
        }

        @Test func writesInPiecesGiveTheWholeFile() throws {
            // A pipe that takes what fits and refuses to wait: writes come back short, or not at all.
            let pipe = Pipe()
            let writing = pipe.fileHandleForWriting.fileDescriptor
            #expect(fcntl(writing, F_SETFL, fcntl(writing, F_GETFL) | O_NONBLOCK) == 0)
            let process = Process()
            process.executableURL = Command.executable
            process.arguments = ["decode", "a.codetta", "-o", "-", "-m", Command.tinyModel]
            process.currentDirectoryURL = scratch.url
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            try pipe.fileHandleForWriting.close()
            var received: [UInt8] = []
            while let piece = try pipe.fileHandleForReading.read(upToCount: 30_011), !piece.isEmpty {
                received += piece
                usleep(500)
            }
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            _ = try Command.run(["decode", "a.codetta", "-o", "b.wav", "-m", Command.tinyModel], in: scratch.url)
            #expect(received == (try scratch.bytes("b.wav")))
        }

        @Test(.disabled(if: Command.isSanitized, "sanitizers keep freed memory"))
        func memoryDoesNotGrowWithTheRecording() throws {
            let input = Pipe()
            let process = Process()
            process.executableURL = Command.executable
            process.arguments = ["encode", "-", "-o", "long.codetta", "--rate", "24000", "-m", Command.tinyModel]
            process.currentDirectoryURL = scratch.url
            process.standardInput = input
            process.standardError = FileHandle.nullDevice
            try process.run()
            let status = "/proc/\(process.processIdentifier)/status"
            func peak() throws -> Int {
                let line = try #require(String(contentsOfFile: status, encoding: .utf8).split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
                return try #require(Int(line.split(separator: " ").dropLast().last ?? ""))
            }
            // All but what the pipe holds has been taken once a write returns.
            let minute = Data(count: 60 * 48_000)
            input.fileHandleForWriting.write(minute)
            let early = try peak()
            for _ in 0..<9 { input.fileHandleForWriting.write(minute) }
            let late = try peak()
            try input.fileHandleForWriting.close()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            // Nine more minutes are 26 MB of samples as they come and twice that as floats.
            #expect(late - early < 6000, "\(early) KiB after one minute, \(late) KiB after ten")
        }
    #endif

    @Test func closedPipesAreAQuietStopForEveryVerb() throws {
        let result = try Command.shell(
            """
            { "$codetta" encode a.wav -o - -m "$model"; echo "status $?" >&2; } | true
            { sleep 0.3; "$codetta" info a.codetta --json; echo "status $?" >&2; } | true
            { sleep 0.3; "$codetta" verify a.codetta --json; echo "status $?" >&2; } | true
            """, in: scratch.url)
        for line in result.errorLines { #expect(line == "status 141" || line == "status 0", "\(result.errors)") }
        #expect(result.errorLines.count == 3 && result.errorLines.suffix(2).allSatisfy { $0 == "status 141" }, "\(result.errors)")
    }

    @Test func aFileSizeLimitLeavesNothingOfABatchBehind() throws {
        try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent("in"), withIntermediateDirectories: true)
        try scratch.writeAudio("in/long.wav", tones(240_000, channels: 1, rate: 24000), rate: 24000)
        try scratch.writeAudio("in/short.wav", tones(240, channels: 1, rate: 24000), rate: 24000)
        let result = try Command.shell("ulimit -f 4; \"$codetta\" encode in -o out -m \"$model\" --quiet", in: scratch.url)
        #expect(result.status == 74 && result.errors.contains("out/long.codetta"), "\(result.errors)")
        #expect(try scratch.entries("out") == [".codetta-resume", "short.codetta"])
    }
}
