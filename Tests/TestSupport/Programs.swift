import Foundation

/// What a program left behind.
package struct ProgramResult: Sendable {
    package var status: Int32
    package var output: Data
    package var errors: String

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var errorLines: [Substring] { errors.split(separator: "\n") }
    package var lines: [Substring] { text.split(separator: "\n") }
}

/// Runs a program to its end, in a folder of its own unless there is one for it.
///
/// - Returns: its output and status, which is negative for a signal.
package func runProgram(
    _ program: URL, _ arguments: [String], in folder: URL? = nil, input: Data = Data(), environment: [String: String] = [:]
) throws -> ProgramResult {
    let scratch = try ScratchFolder()
    // Files instead of pipes: nothing can fill up and block.
    try scratch.write(input, to: "in")
    for name in ["out", "err"] { try scratch.write([], to: name) }
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
    return ProgramResult(
        status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
        output: Data(try scratch.bytes("out")), errors: String(decoding: try scratch.bytes("err"), as: UTF8.self))
}
