import Foundation
import Platform

/// The unfinished output files and private folders of this process, so that whoever ends it early can remove them.
public enum TemporaryFiles {
    private static let lock = NSLock()
    // Guarded by `lock`.
    nonisolated(unsafe) private static var paths: Set<PathName> = []
    // Guarded by `lock`.
    nonisolated(unsafe) private static var folders: Set<URL> = []

    /// Makes a file and remembers it, so that `removeAll` comes before both or after both.
    static func make(prefix: PathName) throws(PipelineError) -> (descriptor: Int32, path: PathName) {
        lock.lock()
        defer { lock.unlock() }
        let made = try FileSystem.makeTemporary(prefix: prefix)
        paths.insert(made.path)
        return made
    }

    /// Runs `body`, which gives `path` its final name or removes it, and forgets it, out of reach of `removeAll`.
    static func retire<Failure: Error>(_ path: PathName, _ body: () throws(Failure) -> Void) throws(Failure) {
        lock.lock()
        defer { lock.unlock() }
        try body()
        paths.remove(path)
    }

    static func register(folder: URL) {
        lock.withLock { _ = folders.insert(folder) }
    }

    /// Removes `folder` with what is in it, and forgets it.
    static func remove(folder: URL) {
        lock.withLock {
            try? FileManager.default.removeItem(at: folder)
            folders.remove(folder)
        }
    }

    /// Removes every unfinished output and private folder. Call it last before leaving the process; not from within a signal handler, since it
    /// takes a lock, but from a thread that waits for the signal.
    public static func removeAll() {
        lock.withLock {
            for path in paths { path.withCString { _ = unlink($0) } }
            paths = []
            for folder in folders {
                // Other threads and programs may still be writing into it, which makes removing fail half-way.
                for _ in 0..<100 where FileManager.default.fileExists(atPath: folder.path) {
                    try? FileManager.default.removeItem(at: folder)
                }
            }
            folders = []
        }
    }
}
