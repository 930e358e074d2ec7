import Foundation
import Testing

/// What a run of the command left behind.
struct CommandResult {
    var status: Int32
    var output: Data
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
    var errorLines: [Substring] { errors.split(separator: "\n") }
    var lines: [Substring] { text.split(separator: "\n") }

    /// The output as one JSON object a line.
    func jsonLines() throws -> [[String: Any]] {
        try lines.map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }

    func json() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: output) as? [String: Any])
    }
}

/// Runs the built `codetta`.
enum Command {
    static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A model of a few kilobytes, for tests that need a model but no sound.
    static let tinyModel = packageRoot.appendingPathComponent("Tests/CodecsTests/Fixtures/tiny-waveform-causal").path
    static let otherTinyModel = packageRoot.appendingPathComponent("Tests/CodecsTests/Fixtures/tiny-waveform").path

    /// Whether `make sanitize` runs the tests.
    static let isSanitized = ProcessInfo.processInfo.environment["CODETTA_SANITIZER"] != nil

    /// The command beside the test bundle.
    static let executable: URL = {
        let bundles = [CommandLine.arguments[0]] + CommandLine.arguments.filter { $0.contains(".xctest") } + [Bundle.main.bundlePath]
        for bundle in bundles {
            var folder = URL(fileURLWithPath: bundle)
            while folder.path != "/" {
                folder.deleteLastPathComponent()
                let candidate = folder.appendingPathComponent("codetta")
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder), !isFolder.boolValue {
                    return candidate
                }
            }
        }
        return packageRoot.appendingPathComponent(".build/release/codetta")
    }()

    /// Runs `codetta` with `arguments` in `folder`.
    static func run(
        _ arguments: [String], in folder: URL? = nil, input: Data = Data(), environment: [String: String] = [:]
    ) throws -> CommandResult {
        try launch(executable, arguments, folder, input, environment)
    }

    /// Runs a shell script in which `$codetta` is the command and `$model` the tiny model.
    static func shell(_ script: String, in folder: URL) throws -> CommandResult {
        try launch(
            URL(fileURLWithPath: "/bin/sh"), ["-c", script], folder, Data(),
            ["codetta": executable.path, "model": tinyModel])
    }

    private static func launch(
        _ program: URL, _ arguments: [String], _ folder: URL?, _ input: Data, _ environment: [String: String]
    ) throws -> CommandResult {
        let scratch = try Scratch()
        // Files instead of pipes: nothing can fill up and block.
        try input.write(to: scratch.url.appendingPathComponent("in"))
        for name in ["out", "err"] { try Data().write(to: scratch.url.appendingPathComponent(name)) }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder ?? scratch.url
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: scratch.url.appendingPathComponent("in"))
        process.standardOutput = try FileHandle(forWritingTo: scratch.url.appendingPathComponent("out"))
        process.standardError = try FileHandle(forWritingTo: scratch.url.appendingPathComponent("err"))
        try process.run()
        process.waitUntilExit()
        return CommandResult(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: Data(try scratch.bytes("out")), errors: String(decoding: try scratch.bytes("err"), as: UTF8.self))
    }
}
