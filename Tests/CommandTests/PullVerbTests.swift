import Foundation
import TestSupport
import Testing

/// `codetta models pull` and what finds the model then, with the hub of HubTests/server.py on this machine.
@Suite struct PullVerbTests {
    /// Runs `body` with the environment of a hub that serves the tiny model as lab/folder, and of a fresh cache.
    func withHub(_ body: (ScratchFolder, [String: String]) throws -> Void) throws {
        let scratch = try ScratchFolder()
        let server = try LocalServer(folder: Command.tinyModel, log: scratch.path("log"))
        try body(scratch, ["HF_ENDPOINT": "\(server.address)/", "HF_HUB_CACHE": scratch.path("cache"), "HF_HUB_OFFLINE": ""])
    }

    @Test func aPulledModelIsListedAndCodes() throws {
        try withHub { scratch, environment in
            let pulled = try Command.run(["models", "pull", "lab/folder", "--json"], environment: environment)
            #expect(pulled.status == 0, "\(pulled.errors)")
            #expect(pulled.errors.contains("licence of the weights: not stated"))
            let path = try #require(try pulled.json()["path"] as? String)
            #expect(path.hasPrefix(scratch.path("cache/models--lab--folder/snapshots/")))
            let list = try Command.run(["models", "list"], environment: environment)
            #expect(list.lines.contains { $0.hasPrefix("lab/folder") && $0.contains(path) }, "\(list.text)")
            for name in ["lab/folder", "folder"] {
                #expect(try Command.run(["models", "path", name], environment: environment).text == path + "\n")
                #expect(try Command.run(["info", name], environment: environment).text.contains("folder (soundstream)"))
            }
            try scratch.writeAudio("a.wav", tones(4800, channels: 1, rate: 24000), rate: 24000)
            let encoded = try Command.run(["encode", "a.wav", "--model", "lab/folder"], in: scratch.url, environment: environment)
            #expect(encoded.status == 0, "\(encoded.errors)")
            // The token file names the model.
            let decoded = try Command.run(["decode", "a.codetta", "-o", "b.wav"], in: scratch.url, environment: environment)
            #expect(decoded.status == 0, "\(decoded.errors)")
            let offline = environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 }
            #expect(try Command.run(["models", "pull", "lab/folder"], environment: offline).text == path + "\n")
        }
    }

    @Test func aSignalLeavesOnlyThePartThatTheNextRunCompletes() throws {
        try withHub { scratch, environment in
            let process = Process()
            process.executableURL = Command.executable
            process.arguments = ["models", "pull", "lab/slow"]
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardError = FileHandle.nullDevice
            try process.run()
            let blobs = "cache/models--lab--slow/blobs"
            func sizes() -> [Int] {
                ((try? scratch.entries(blobs)) ?? []).map { (try? scratch.bytes("\(blobs)/\($0)").count) ?? 0 }
            }
            for _ in 0..<1000 where sizes() != [1000] { Thread.sleep(forTimeInterval: 0.01) }
            process.interrupt()
            process.waitUntilExit()
            #expect(process.terminationStatus == 130)
            #expect(sizes() == [1000])
            #expect(try scratch.entries(blobs).allSatisfy { $0.hasSuffix(".incomplete") })
            #expect(try scratch.entries("cache/models--lab--slow") == ["blobs"])
            #expect(try Command.run(["models", "pull", "lab/slow"], environment: environment).status == 0)
            #expect(String(decoding: try scratch.bytes("log"), as: UTF8.self).contains("bytes=1000-"))
        }
    }

    @Test(arguments: [
        ("http://192.0.2.1", "", "lab/x", 64, "HF_ENDPOINT must be an https address"),
        ("nonsense", "", "lab/x", 64, "HF_ENDPOINT is not the address of a hub"),
        ("", "a\nb", "lab/x", 64, "HF_TOKEN holds characters that no token has"),
        ("", "", "nothing", 66, "give a repository as owner/name, or one of dac-16khz"),
        ("http://127.0.0.1:1", "", "lab/x", 74, "run the command again"),
    ])
    func aRefusalIsOneLine(endpoint: String, token: String, name: String, status: Int32, message: String) throws {
        let scratch = try ScratchFolder()
        let result = try Command.run(
            ["models", "pull", name],
            environment: ["HF_ENDPOINT": endpoint, "HF_TOKEN": token, "HF_HUB_CACHE": scratch.path("cache"), "HF_HUB_OFFLINE": ""])
        #expect(result.status == status)
        #expect(result.errorLines.count == 1 && result.errors.contains(message), "\(result.errors)")
        #expect(!result.errors.contains("hf_") && !scratch.exists("cache"))
    }
}

/// What a pull from a hub that sends without end costs.
@Suite struct HostileHubCostTests {
    /// Runs the command and says what it took: KiB of memory at most, and seconds of the processor.
    private static let meter = """
        import resource, subprocess, sys
        status = subprocess.run(sys.argv[1:]).returncode
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        unit = 1 if sys.platform == "linux" else 1024
        print(status, used.ru_maxrss // unit, used.ru_utime + used.ru_stime)
        """

    @Test(.disabled(if: Command.isSanitized, "sanitizers keep freed memory"), arguments: [
        ("endless", 65), ("bomb", 65), ("endless-head", 74), ("endless-refusal", 74),
    ])
    func memoryDoesNotDependOnWhatTheHubSends(kind: String, status: Int) throws {
        try PullVerbTests().withHub { _, environment in
            let run = try runProgram(
                URL(fileURLWithPath: "/usr/bin/env"),
                ["python3", "-c", Self.meter, Command.executable.path, "models", "pull", "lab/\(kind)"], environment: environment)
            let numbers = run.text.split(separator: " ").compactMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            try #require(numbers.count == 3, "\(run.text) \(run.errors)")
            #expect(Int(numbers[0]) == status && run.errorLines.count == 1, "\(run.errors)")
            #expect(numbers[1] < 100_000, "\(numbers[1]) KiB")
            #expect(numbers[2] < 1, "\(numbers[2]) s")
        }
    }
}
