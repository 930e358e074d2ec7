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
        guard let path = ChildProcess.find(name) else { throw .missingProgram(name, package: package) }
        self.path = path
    }

    /// Runs the program to its end, its arguments passed as they are, without a shell.
    /// - Parameters:
    ///   - input: file for the standard input; nil for an empty one.
    ///   - output: file that takes the standard output and, with `.errors` added to its name, the standard error.
    ///   - limit: seconds after which it is ended.
    /// - Throws: `EvaluationError.programFailed` with the last line that the program said.
    func run(_ arguments: [String], input: String? = nil, output: String, limit: Double = 600) throws(EvaluationError) {
        let child: ChildProcess
        do throws(Errno) {
            child = try start(arguments, input: input ?? "/dev/null", output: output)
        } catch {
            throw .programFailed(name, reason: "cannot be started: \(error.reason)")
        }
        let reason: String
        switch wait(child, limit: limit) {
        case .exit(0): return
        case nil: reason = "ran longer than \(Int(limit)) s"
        case .exit(let code): reason = "exited with \(code)"
        case .signal(let signal): reason = "was ended by signal \(signal)"
        }
        let said = FileManager.default.contents(atPath: output + ".errors").map { ProgramMessages.lastLine(of: $0) } ?? ""
        throw .programFailed(name, reason: said.isEmpty ? reason : "\(reason): \(said)")
    }

    private func start(_ arguments: [String], input: String, output: String) throws(Errno) -> ChildProcess {
        var opened: [FileDescriptor] = []
        defer { for file in opened { try? file.closeOnce() } }
        opened.append(try .opened(FilePath(input), .readOnly))
        for path in [output, output + ".errors"] {
            opened.append(try .opened(FilePath(path), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite))
        }
        return try ChildProcess.start(path, arguments, descriptors: opened)
    }

    /// How the program ended, or nil when the limit was reached and it was ended for it.
    private func wait(_ child: ChildProcess, limit: Double) -> ChildProcess.Ending? {
        let start = ContinuousClock.now
        var pause: UInt32 = 500
        while true {
            if let ending = child.poll() { return ending }
            if ContinuousClock.now - start > .seconds(limit) {
                child.end()
                return nil
            }
            usleep(pause)
            pause = min(2 * pause, 20_000)
        }
    }
}
