import Dispatch
import Platform

/// How this process takes signals.
///
/// SIGINT, SIGTERM and SIGHUP remove the unfinished outputs and end it with 128 + the signal's number. They are received by a
/// queue, not by a handler that interrupts other code, so removing may take locks. SIGPIPE is ignored: a closed pipe is an
/// error of write(2).
enum Signals {
    private static let queue = DispatchQueue(label: "codetta.signals", qos: .userInteractive)
    // Written once, by `install()`, before any other thread runs.
    nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []

    static func install() {
        signal(SIGPIPE, SIG_IGN)
        // A write beyond `ulimit -f` shall fail like any other, not kill the process half-way.
        signal(SIGXFSZ, SIG_IGN)
        sources = [SIGINT, SIGTERM, SIGHUP].compactMap(makeSource)
        for source in sources { source.activate() }
    }

    private static func makeSource(_ number: Int32) -> (any DispatchSourceSignal)? {
        // A parent that ignores a signal (nohup) means it for its children too.
        if isIgnored(number) { return nil }
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { Terminal.leave(128 + number) }
        return source
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        let previous = signal(number, SIG_IGN)
        let ignored = unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        if !ignored { signal(number, previous) }
        return ignored
    }
}
