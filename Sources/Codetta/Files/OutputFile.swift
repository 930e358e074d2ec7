import Platform
import TokenFiles

/// An output that appears under its name whole or not at all.
///
/// A regular file is written to a hidden temporary beside it, which `commit()` syncs and renames; without a commit the temporary
/// is removed when the object goes. The standard output (`-`), pipes and devices are written directly.
public final class OutputFile: ByteSink {
    public let path: PathName
    public let descriptor: Int32

    private let target: PathName
    private let temporary: PathName?
    private let overwrite: Bool
    private var isOpen = true

    /// Whether the bytes go to a temporary, out of sight until `commit()`, rather than straight out.
    public var isTemporary: Bool { temporary != nil }

    /// The name for messages: `stdout` for `-`.
    public var name: String { path.isStandardStream ? "stdout" : path.description }

    /// Prefix of temporary files' names. Folder listings leave hidden files out, so a stale one is never taken for data.
    static let temporaryPrefix = ".codetta-partial-"

    /// - Parameter overwrite: whether an existing file may be replaced.
    /// - Throws: `PipelineError.exists`, `.isInput` when it is `input`'s file, `.cannotCreate`.
    public init(_ path: PathName, overwrite: Bool, input: InputFile? = nil) throws(PipelineError) {
        let existing = path.isStandardStream ? nil : FileSystem.status(path)
        try Self.check(existing, overwrite: overwrite, input: input)
        self.path = path
        self.overwrite = overwrite
        if path.isStandardStream {
            (target, temporary, descriptor) = (path, nil, 1)
        } else if let existing, existing.type == .other {
            (target, temporary) = (path, nil)
            descriptor = path.withCString { open($0, O_WRONLY | O_CLOEXEC) }
            guard descriptor >= 0 else { throw .cannotCreate(reason: systemReason()) }
        } else {
            target = FileSystem.resolved(path)
            let made = try TemporaryFiles.make(prefix: target.parent.appending(PathName(Self.temporaryPrefix)))
            (descriptor, temporary) = (made.descriptor, made.path)
            _ = fchmod(descriptor, existing?.permissions ?? Self.defaultPermissions)
        }
    }

    private static func check(
        _ existing: FileSystem.Status?, overwrite: Bool, input: InputFile?
    ) throws(PipelineError) {
        guard let existing else { return }
        if existing.type == .directory { throw .cannotCreate(reason: "is a directory") }
        guard existing.type == .regular else { return }
        if let input, existing.identity == input.status.identity { throw .isInput }
        if !overwrite { throw .exists }
    }

    deinit { discard() }

    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard isOpen else { throw PipelineError.closed }
        try writeAll(bytes, to: descriptor)
    }

    /// Syncs the bytes to the disk and gives the file its name. Nothing more can be written.
    /// - Throws: `PipelineError.io`; `.exists` when another program made the file meanwhile and it may not be replaced. The
    ///   temporary is then removed.
    public func commit() throws(PipelineError) {
        guard isOpen else { throw .closed }
        isOpen = false
        guard let temporary else {
            if !path.isStandardStream { try closeDescriptor() }
            return
        }
        do throws(PipelineError) {
            try sync()
            try closeDescriptor()
            try TemporaryFiles.retire(temporary) { [self] () throws(PipelineError) in try publish(temporary) }
        } catch {
            remove(temporary)
            throw error
        }
        syncFolder()
    }

    /// Gives the output up: the temporary vanishes, an earlier file of the same name stays. Does nothing after `commit()`.
    public func discard() {
        guard isOpen else { return }
        isOpen = false
        if !path.isStandardStream { close(descriptor) }
        if let temporary { remove(temporary) }
    }

    private func remove(_ temporary: PathName) {
        TemporaryFiles.retire(temporary) { temporary.withCString { _ = unlink($0) } }
    }

    private func publish(_ temporary: PathName) throws(PipelineError) {
        if !overwrite {
            // A hard link fails when the name is taken, which rename(2) would not.
            if call(temporary, target, link) == 0 {
                temporary.withCString { _ = unlink($0) }
                return
            }
            if errno == EEXIST { throw .exists }
        }
        guard call(temporary, target, rename) == 0 else { throw .io(operation: "rename", reason: systemReason()) }
    }

    private func call(
        _ old: PathName, _ new: PathName, _ function: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
    ) -> Int32 {
        old.withCString { old in new.withCString { function(old, $0) } }
    }

    private func sync() throws(PipelineError) {
        // Some file systems cannot sync and say so; that is not a failed write.
        if fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP {
            throw .io(operation: "sync", reason: systemReason())
        }
    }

    private func closeDescriptor() throws(PipelineError) {
        // After EINTR the descriptor is gone all the same.
        if close(descriptor) != 0 && errno != EINTR { throw .io(operation: "close", reason: systemReason()) }
    }

    /// Makes the new name itself durable; a file system that cannot is not an error of the file.
    private func syncFolder() {
        let folder = target.parent.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard folder >= 0 else { return }
        _ = fsync(folder)
        close(folder)
    }

    /// Permissions that a newly created file gets. Reading the mask means setting it, so it is done once.
    private static let defaultPermissions: mode_t = {
        let mask = umask(0o022)
        _ = umask(mask)
        return 0o666 & ~mask
    }()
}

/// Writes every byte, waiting when the descriptor is non-blocking.
/// - Throws: `PipelineError.brokenPipe` (SIGPIPE must be ignored) or `.io`.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(PipelineError) {
    var done = 0
    while done < bytes.count {
        guard let base = bytes.baseAddress else { return }
        #if canImport(Darwin)
            let count = Darwin.write(descriptor, base + done, bytes.count - done)
        #elseif canImport(Musl)
            let count = Musl.write(descriptor, base + done, bytes.count - done)
        #else
            let count = Glibc.write(descriptor, base + done, bytes.count - done)
        #endif
        if count > 0 {
            done += count
        } else if count < 0 && errno == EINTR {
            continue
        } else if count < 0 && errno == EAGAIN {
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&request, 1, -1)
        } else {
            throw errno == EPIPE ? .brokenPipe : .io(operation: "write", reason: systemReason())
        }
    }
}

/// The two streams that every process can write to.
public enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes text as UTF-8.
    /// - Throws: `PipelineError.brokenPipe` or `.io`.
    public func write(_ text: String) throws(PipelineError) {
        try Array(text.utf8).withUnsafeBufferPointer { bytes throws(PipelineError) in
            try writeAll(UnsafeRawBufferPointer(bytes), to: rawValue)
        }
    }
}
