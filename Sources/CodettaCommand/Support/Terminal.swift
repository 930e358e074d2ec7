import Codetta
import Evaluation
import Foundation
import Platform

/// The two output streams: data goes to the standard output, all else to the standard error.
enum Terminal {
    /// Whether progress lines can be drawn over each other.
    static let isInteractive = isatty(2) == 1 && environment("TERM") != "dumb"
    /// https://no-color.org: any non-empty value turns colour off.
    static let hasColor = isInteractive && (environment("NO_COLOR") ?? "").isEmpty

    private static let lock = NSLock()
    // Guarded by `lock`.
    nonisolated(unsafe) private static var progressLength = 0

    /// Writes lines for people, in which nothing steers a terminal: only line feeds and tabs are left as they are.
    static func show(_ text: String) {
        output(text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0).escapingControls }.joined(separator: "\t")
        }.joined(separator: "\n"))
    }

    /// Writes a line of data. When nobody reads it any more, or it cannot be written, the process ends here.
    static func output(_ line: String) {
        do {
            try StandardStream.output.write(line + "\n")
        } catch {
            if error.kind != .brokenPipe { message("stdout: \(error)", label: "error") }
            leave(ExitStatus(error).rawValue)
        }
    }

    /// Writes `codetta: text` to the standard error, over any progress line, on one line.
    /// - Parameter label: `error` or `warning`, which gives the name its colour; warnings say that they are.
    static func message(_ text: String, label: String? = nil) {
        let color = label == "error" ? "\u{1B}[31m" : label == "warning" ? "\u{1B}[33m" : "\u{1B}[1m"
        let name = hasColor ? "\(color)codetta:\u{1B}[0m" : "codetta:"
        write("\(name) \(label == "warning" ? "warning: " : "")\(text.escapingControls)\n", progress: false)
    }

    /// Replaces the progress line; empty text removes it.
    static func progress(_ text: String) {
        write(text.escapingControls, progress: true)
    }

    private static func write(_ text: String, progress: Bool) {
        lock.withLock {
            var line = progressLength > 0 ? "\r" + String(repeating: " ", count: progressLength) + "\r" : ""
            line += text
            progressLength = progress ? text.count : 0
            // Nobody is left to tell when this fails.
            try? StandardStream.error.write(line)
        }
    }

    /// Ends the process at once, without leaving unfinished files or running programs.
    static func leave(_ status: Int32) -> Never {
        ChildProcesses.terminateAll()
        TemporaryFiles.removeAll()
        _exit(status)
    }
}
