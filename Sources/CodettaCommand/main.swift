import ArgumentParser
import Codetta

Signals.install()
var command: any ParsableCommand
do {
    command = try Root.parseAsRoot(try ArgumentOrder.arranged(ArgumentText.commandLine, of: Root.self))
} catch {
    Root.exit(withError: error)
}
do {
    try command.run()
} catch {
    // Of the parser's own errors only these get here: messages that it words itself.
    if error is ExitCode || error is ValidationError || error is CleanExit { Root.exit(withError: error) }
    let status = ExitStatus(error)
    if status == .internal, Root.exitCode(for: error) == .success { Root.exit(withError: error) }
    if status != .brokenPipe { Terminal.message(Hint.message(error), label: "error") }
    Terminal.leave(status.rawValue)
}
