import Foundation
import Platform

/// An external program, found in the folders of `PATH`.
struct Program: Sendable {
    /// Absolute or relative to the working directory.
    let path: String
    private var name: String { URL(fileURLWithPath: path).lastPathComponent }

    /// - Parameter package: what to install for it, for the message.
    /// - Throws: `EvaluationError.missingProgram`.
    init(named name: String, package: String? = nil) throws(EvaluationError) {
        let folders = (environment("PATH") ?? "").split(separator: ":").map(String.init)
        let candidates = name.contains("/") ? [name] : folders.map { $0 + "/" + name }
        guard let path = candidates.first(where: Self.isExecutable) else {
            throw .missingProgram(name, package: package)
        }
        self.path = path
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// Runs the program to its end, its arguments passed as they are, without a shell.
    /// - Parameters:
    ///   - input: file for the standard input; nil for an empty one.
    ///   - output: file that takes the standard output and, with `.errors` added to its name, the standard error.
    ///   - limit: seconds after which it is ended.
    /// - Throws: `EvaluationError.programFailed` with the last line that the program said.
    func run(_ arguments: [String], input: String? = nil, output: String, limit: Double = 600) throws(EvaluationError) {
        let child = try spawn(arguments, input: input ?? "/dev/null", output: output)
        ChildProcesses.register(child)
        let status = wait(child, limit: limit)
        if status == 0 { return }
        let reason: String
        switch status {
        case nil: reason = "ran longer than \(Int(limit)) s"
        case let code? where code & 0x7F == 0: reason = "exited with \(code >> 8 & 0xFF)"
        case let code?: reason = "was ended by signal \(code & 0x7F)"
        }
        throw .programFailed(name, reason: reason + Self.lastLine(output + ".errors"))
    }

    /// The status of wait(2), or nil when the limit was reached and the program ended for it.
    private func wait(_ child: pid_t, limit: Double) -> Int32? {
        let start = ContinuousClock.now
        var pause: UInt32 = 500
        while true {
            var status: Int32 = 0
            let result = waitpid(child, &status, WNOHANG)
            if result == child || (result < 0 && errno != EINTR) {
                ChildProcesses.forget(child)
                return result == child ? status : -1
            }
            if ContinuousClock.now - start > .seconds(limit) {
                kill(child, SIGKILL)
                _ = waitpid(child, &status, 0)
                ChildProcesses.forget(child)
                return nil
            }
            usleep(pause)
            pause = min(2 * pause, 20_000)
        }
    }

    private func spawn(_ arguments: [String], input: String, output: String) throws(EvaluationError) -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, output + ".errors", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // What this process ignores, and its worker threads block, must end the child all the same.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, path, &actions, &attributes, &words, environ)
        if failure != 0 {
            throw .programFailed(name, reason: "cannot be started: \(String(cString: strerror(failure)))")
        }
        return child
    }

    /// `: text`, the last line of a file of messages that says something.
    private static func lastLine(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path)?.suffix(4096) else { return "" }
        let text = String(decoding: data, as: UTF8.self)
        let lines = text.split { $0.isNewline }.map { $0.filter { !$0.isControl }.trimmingPrefix { $0 == " " } }
        return lines.last { !$0.isEmpty }.map { ": " + $0.prefix(200) } ?? ""
    }
}

extension Character {
    /// Whether it could steer a terminal.
    fileprivate var isControl: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

/// The programs that run for this process, so that whoever ends it early can end them too.
public enum ChildProcesses {
    private static let lock = NSLock()
    // Guarded by `lock`.
    nonisolated(unsafe) private static var running: Set<pid_t> = []

    static func register(_ child: pid_t) { lock.withLock { _ = running.insert(child) } }
    static func forget(_ child: pid_t) { lock.withLock { _ = running.remove(child) } }

    /// Ends every program that was started and has not ended yet.
    public static func terminateAll() {
        lock.withLock { for child in running { kill(child, SIGTERM) } }
    }
}
