import Foundation
import TestSupport
import Testing

typealias CommandResult = ProgramResult

extension CommandResult {
    /// The output as one JSON object per line.
    func jsonLines() throws -> [[String: Any]] {
        try lines.map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }

    func json() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: output) as? [String: Any])
    }
}

/// Runs the built `codetta`.
enum Command {
    /// A model of a few kilobytes, for tests that need a model but no sound.
    static let tinyModel = PackageFolder.path("Tests/CodecsTests/Fixtures/tiny-waveform-causal")
    static let otherTinyModel = PackageFolder.path("Tests/CodecsTests/Fixtures/tiny-waveform")

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
        return PackageFolder.url.appendingPathComponent(".build/release/codetta")
    }()

    /// Runs `codetta` with `arguments` in `folder`.
    static func run(
        _ arguments: [String], in folder: URL? = nil, input: Data = Data(), environment: [String: String] = [:]
    ) throws -> CommandResult {
        try runProgram(executable, arguments, in: folder, input: input, environment: environment)
    }

    /// Runs a shell script in which `$codetta` is the command and `$model` the tiny model.
    static func shell(_ script: String, in folder: URL) throws -> CommandResult {
        try runProgram(
            URL(fileURLWithPath: "/bin/sh"), ["-c", script], in: folder,
            environment: ["codetta": executable.path, "model": tinyModel])
    }
}
