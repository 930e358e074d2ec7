/// The unfinished output files and private folders of this process, so that whoever ends it early can remove them.
package enum TemporaryFiles {
    private static let known = Lock<Set<FilePath>>([])

    /// Makes a file and remembers it, so that `removeAll` comes before both or after both.
    static func make(
        in folder: FilePath, permissions: FilePermissions
    ) throws(Errno) -> (descriptor: FileDescriptor, path: FilePath) {
        try known.withLock { (known) throws(Errno) in
            let made = try Files.makeUnique(in: folder, permissions: permissions)
            known.insert(made.path)
            return made
        }
    }

    /// Runs `body`, which gives `path` its final name, and forgets it, out of reach of `removeAll`.
    static func retire(_ path: FilePath, _ body: () throws(Errno) -> Void) throws(Errno) {
        try known.withLock { (known) throws(Errno) in
            try body()
            known.remove(path)
        }
    }

    /// Removes what is at `path`, a folder with what is in it, and forgets it.
    static func remove(_ path: FilePath) {
        known.withLock {
            Files.removeTree(path)
            $0.remove(path)
        }
    }

    static func makeFolder() throws(Errno) -> FilePath {
        try known.withLock { (known) throws(Errno) in
            let path = Files.temporaryFolder.appending(Files.uniqueName("codetta-"))
            guard path.withPlatformString({ mkdir($0, 0o700) }) == 0 else { throw .last }
            known.insert(path)
            return path
        }
    }

    /// Removes every unfinished output and private folder. Call it last before leaving the process; not from within a signal
    /// handler, since it takes a lock, but from a thread that waits for the signal.
    package static func removeAll() {
        known.withLock { known in
            for path in known {
                // Other threads and programs may still be writing into a folder, which makes removing fail half-way.
                for _ in 0..<100 where FileStatus(of: path) != nil { Files.removeTree(path) }
            }
            known = []
        }
    }
}

/// A private folder among the system's temporary files, gone with its owner or when `TemporaryFiles.removeAll` is called.
package final class TemporaryFolder: Sendable {
    /// Only the user may look into it.
    package let path: FilePath

    /// - Throws: `Unmade` where the system's temporary files may not be written.
    package init() throws(Unmade) {
        do throws(Errno) {
            path = try TemporaryFiles.makeFolder()
        } catch {
            throw Unmade(folder: Files.temporaryFolder, cause: error)
        }
    }

    deinit { TemporaryFiles.remove(path) }

    /// There is no place for temporary files.
    package struct Unmade: CodettaError {
        let folder: FilePath
        let cause: Errno

        package var kind: FailureKind { .cannotCreate }
        package var description: String { "\(folder): no folder can be created there: \(cause.reason)".escapingControls }
    }

    /// The path of a file in the folder.
    package func path(_ name: String) -> String { path.appending(name).string }
}
