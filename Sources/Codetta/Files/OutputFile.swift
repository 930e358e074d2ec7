import Platform
import TokenFiles

/// An output that appears under its name whole or not at all.
///
/// A regular file is written to a hidden temporary beside it, which `commit()` syncs and renames; without a commit the temporary
/// is removed when the object goes. The standard output (`-`), pipes and devices are written directly.
public final class OutputFile: ByteSink {
    /// The file's path.
    public let path: PathName
    /// The open file's descriptor.
    public let descriptor: Int32

    /// Nil for what is written directly.
    private let file: AtomicFile?
    private let overwrite: Bool
    private var isOpen = true

    /// Whether the bytes go to a temporary, out of sight until `commit()`, rather than straight out.
    public var isTemporary: Bool { file != nil }

    /// The name for messages: `stdout` for `-`.
    public var name: String { path.isStandardStream ? "stdout" : path.description }

    /// - Parameters:
    ///   - path: the file's path.
    ///   - overwrite: whether an existing file may be replaced.
    ///   - input: the input, which must not be replaced.
    /// - Throws: `PipelineError.exists`, `.isInput` when it is `input`'s file, `.cannotCreate`.
    public init(_ path: PathName, overwrite: Bool, input: InputFile? = nil) throws(PipelineError) {
        let existing = path.isStandardStream ? nil : FileSystem.status(path)
        try Self.check(existing, overwrite: overwrite, input: input)
        self.path = path
        self.overwrite = overwrite
        do throws(Errno) {
            if path.isStandardStream {
                (file, descriptor) = (nil, FileDescriptor.standardOutput.rawValue)
            } else if let existing, existing.type == .other {
                (file, descriptor) = (nil, try FileDescriptor.opened(path.filePath, .writeOnly).rawValue)
            } else {
                let made = try AtomicFile(path.filePath, permissions: existing?.permissions)
                (file, descriptor) = (made, made.descriptor.rawValue)
            }
        } catch {
            throw .cannotCreate(reason: error.reason)
        }
    }

    private static func check(
        _ existing: FileStatus?, overwrite: Bool, input: InputFile?
    ) throws(PipelineError) {
        guard let existing else { return }
        if existing.type == .directory { throw .cannotCreate(reason: "is a directory") }
        guard existing.type == .regular else { return }
        if let input, existing.identity == input.status.identity { throw .isInput }
        if !overwrite { throw .exists }
    }

    deinit { discard() }

    /// Writes all of `bytes`, or throws.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard isOpen else { throw UsedAfterEnd(name) }
        try Self.named("write") { () throws(Errno) in try FileDescriptor(rawValue: descriptor).writeAll(bytes: bytes) }
    }

    /// Syncs the bytes to the disk and gives the file its name. Nothing more can be written.
    /// - Throws: `PipelineError.io`; `.exists` when another program made the file meanwhile and it may not be replaced. The
    ///   temporary is then removed. `UsedAfterEnd` after the end.
    public func commit() throws {
        guard isOpen else { throw UsedAfterEnd(name) }
        isOpen = false
        guard let file else {
            if !path.isStandardStream { try Self.named("close") { () throws(Errno) in try FileDescriptor(rawValue: descriptor).closeOnce() } }
            return
        }
        do {
            try file.commit(overwrite: overwrite)
        } catch {
            throw error.cause == .fileExists ? PipelineError.exists : .io(operation: error.operation, reason: error.cause.reason)
        }
    }

    /// Gives the output up: the temporary vanishes, an earlier file of the same name stays. Does nothing after `commit()`.
    public func discard() {
        guard isOpen else { return }
        isOpen = false
        file?.discard()
        if file == nil && !path.isStandardStream { try? FileDescriptor(rawValue: descriptor).closeOnce() }
    }

    /// Says what the system refused.
    /// - Throws: `PipelineError.brokenPipe` (SIGPIPE must be ignored) or `.io`.
    fileprivate static func named(_ operation: String, _ body: () throws(Errno) -> Void) throws(PipelineError) {
        do throws(Errno) {
            try body()
        } catch {
            throw error == .brokenPipe ? .brokenPipe : .io(operation: operation, reason: error.reason)
        }
    }
}

/// The two streams that every process can write to.
public enum StandardStream: Int32, Sendable {
    /// The standard output.
    case output = 1
    /// The standard error.
    case error = 2

    /// Writes text as UTF-8.
    /// - Throws: `PipelineError.brokenPipe` or `.io`.
    public func write(_ text: String) throws(PipelineError) {
        try Array(text.utf8).withUnsafeBufferPointer { bytes throws(PipelineError) in
            try OutputFile.named("write") { () throws(Errno) in
                try FileDescriptor(rawValue: rawValue).writeAll(bytes: UnsafeRawBufferPointer(bytes))
            }
        }
    }
}
