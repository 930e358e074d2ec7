import Foundation
import Logging

/// What the command has to say besides its results: warnings by default, more with `--verbose`, less with `--quiet`.
enum Log {
    static var logger: Logger { shared.get() }
    private static let shared = SharedLogger()

    /// Sets how much is said, once, before anything is.
    static func configure(level: Logger.Level) { shared.configure(level) }

    static func warning(_ text: String, file: String) { logger.warning("\(file): \(text)") }

    private final class SharedLogger: @unchecked Sendable {
        // `logger` is only touched under `lock`.
        private let lock = NSLock()
        private var logger = Logger(label: "codetta") { _ in StandardErrorHandler() }

        func configure(_ level: Logger.Level) { lock.withLock { logger.logLevel = level } }
        func get() -> Logger { lock.withLock { logger } }
    }
}

/// Writes log lines as the command writes its messages.
private struct StandardErrorHandler: LogHandler {
    var logLevel: Logger.Level = .notice
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let label = event.level >= .error ? "error" : event.level == .warning ? "warning" : nil
        Terminal.message("\(event.message)", label: label)
    }
}
