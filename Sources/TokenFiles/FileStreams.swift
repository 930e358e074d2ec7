import Platform

/// Reads a file or a pipe with read(2). A descriptor that it opened itself is closed when it goes.
public final class FileSource: ByteSource {
    private let descriptor: FileDescriptor
    private let name: String
    private let ownsDescriptor: Bool
    /// Offset of the stream's first byte in the file; nil for pipes.
    private let base: Int?

    /// Opens the file at `path`.
    /// - Throws: `TokenStreamError.noInput` when it is missing, unreadable or a directory.
    public convenience init(path: String) throws {
        let descriptor: FileDescriptor
        do throws(Errno) {
            descriptor = try .opened(FilePath(path), .readOnly)
        } catch {
            throw TokenStreamError.noInput(path: path, reason: error.reason)
        }
        do {
            try self.init(descriptor, name: path, ownsDescriptor: true)
        } catch {
            try? descriptor.closeOnce()
            throw error
        }
    }

    /// Reads from the current position of `descriptor`, which stays the caller's to close. `name` is for errors.
    /// - Throws: `TokenStreamError.noInput` when it is closed or a directory.
    public convenience init(descriptor: Int32, name: String) throws {
        try self.init(FileDescriptor(rawValue: descriptor), name: name, ownsDescriptor: false)
    }

    private init(_ descriptor: FileDescriptor, name: String, ownsDescriptor: Bool) throws {
        do throws(Errno) {
            let type = try FileStatus(of: descriptor).type
            if type == .directory { throw Errno.isDirectory }
            base = type == .regular ? try? descriptor.offset() : nil
        } catch {
            throw TokenStreamError.noInput(path: name, reason: error == .isDirectory ? "is a directory" : error.reason)
        }
        self.descriptor = descriptor
        self.name = name
        self.ownsDescriptor = ownsDescriptor
    }

    deinit {
        if ownsDescriptor { try? descriptor.closeOnce() }
    }

    /// - Throws: `TokenStreamError.io` with the system's reason.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try named("read") { () throws(Errno) in try descriptor.readSome(into: buffer) }
    }

    /// Bytes from the start of the stream to the end of a regular file; nil for pipes.
    public var seekableLength: Int? {
        guard let base, let size = try? FileStatus(of: descriptor).size else { return nil }
        return max(0, size - base)
    }

    /// - Throws: `TokenStreamError.usage` for a pipe, `.io` when the system refuses.
    public func seek(to offset: Int) throws {
        guard let base else { throw TokenStreamError.usage("\(name): a pipe cannot seek") }
        try named("seek") { () throws(Errno) in
            let (target, overflow) = base.addingReportingOverflow(offset)
            guard offset >= 0, !overflow else { throw Errno.invalidArgument }
            try descriptor.move(to: target)
        }
    }

    private func named<Result>(_ operation: String, _ body: () throws(Errno) -> Result) throws -> Result {
        do throws(Errno) {
            return try body()
        } catch {
            throw TokenStreamError.io(operation: operation, path: name, reason: error.reason)
        }
    }
}

/// Writes to a file or a pipe with write(2), every byte of every call. The descriptor stays the caller's to sync and close,
/// since only the caller knows about temporary files and renaming.
public final class FileSink: ByteSink {
    private let descriptor: FileDescriptor
    private let name: String

    /// `name` is for errors.
    public init(descriptor: Int32, name: String) {
        self.descriptor = FileDescriptor(rawValue: descriptor)
        self.name = name
    }

    /// - Throws: `TokenStreamError.io` when the disk is full, the reader of a pipe has gone (with SIGPIPE ignored) and the like.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        do throws(Errno) {
            try descriptor.writeAll(bytes: bytes)
        } catch {
            throw TokenStreamError.io(operation: "write", path: name, reason: error.reason)
        }
    }
}
