import Platform

/// Reads a file or a pipe with read(2). A descriptor that it opened itself is closed when it goes.
public final class FileSource: ByteSource {
    private let descriptor: Int32
    private let name: String
    private let ownsDescriptor: Bool
    /// Offset of the stream's first byte in the file; nil for pipes.
    private let base: off_t?

    /// Opens the file at `path`.
    /// - Throws: `TokenStreamError.noInput` when it is missing, unreadable or a directory.
    public convenience init(path: String) throws {
        let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw TokenStreamError.noInput(path: path, reason: systemReason()) }
        do {
            try self.init(descriptor: descriptor, name: path, ownsDescriptor: true)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Reads from the current position of `descriptor`, which stays the caller's to close. `name` is for errors.
    /// - Throws: `TokenStreamError.noInput` when it is closed or a directory.
    public convenience init(descriptor: Int32, name: String) throws {
        try self.init(descriptor: descriptor, name: name, ownsDescriptor: false)
    }

    private init(descriptor: Int32, name: String, ownsDescriptor: Bool) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw TokenStreamError.noInput(path: name, reason: systemReason())
        }
        let type = status.st_mode & S_IFMT
        if type == S_IFDIR { throw TokenStreamError.noInput(path: name, reason: "is a directory") }
        let position = type == S_IFREG ? lseek(descriptor, 0, SEEK_CUR) : -1
        self.base = position >= 0 ? position : nil
        self.descriptor = descriptor
        self.name = name
        self.ownsDescriptor = ownsDescriptor
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    /// - Throws: `TokenStreamError.io` with the system's reason.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        #if canImport(Darwin)
            let count = retrying { Darwin.read(descriptor, buffer.baseAddress, buffer.count) }
        #elseif canImport(Musl)
            let count = retrying { Musl.read(descriptor, buffer.baseAddress, buffer.count) }
        #else
            let count = retrying { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
        #endif
        guard count >= 0 else { throw TokenStreamError.io(operation: "read", path: name, reason: systemReason()) }
        return count
    }

    /// Bytes from the start of the stream to the end of a regular file; nil for pipes.
    public var seekableLength: Int? {
        guard let base else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return max(0, Int(status.st_size) - Int(base))
    }

    /// - Throws: `TokenStreamError.usage` for a pipe, `.io` when the system refuses.
    public func seek(to offset: Int) throws {
        guard let base else { throw TokenStreamError.usage("\(name): a pipe cannot seek") }
        let (target, overflow) = base.addingReportingOverflow(off_t(offset))
        guard offset >= 0, !overflow, lseek(descriptor, target, SEEK_SET) >= 0 else {
            throw TokenStreamError.io(operation: "seek", path: name, reason: systemReason())
        }
    }
}

/// Writes to a file or a pipe with write(2), every byte of every call. The descriptor stays the caller's to sync and close,
/// since only the caller knows about temporary files and renaming.
public final class FileSink: ByteSink {
    private let descriptor: Int32
    private let name: String

    /// `name` is for errors.
    public init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// - Throws: `TokenStreamError.io` when the disk is full, the reader of a pipe has gone (with SIGPIPE ignored) and the like.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            #if canImport(Darwin)
                let count = retrying { Darwin.write(descriptor, piece.baseAddress, piece.count) }
            #elseif canImport(Musl)
                let count = retrying { Musl.write(descriptor, piece.baseAddress, piece.count) }
            #else
                let count = retrying { Glibc.write(descriptor, piece.baseAddress, piece.count) }
            #endif
            guard count > 0 else { throw TokenStreamError.io(operation: "write", path: name, reason: systemReason()) }
            rest = rest.dropFirst(count)
        }
    }
}

/// The result of `call`, made again as long as a signal interrupts it.
private func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

private func systemReason() -> String { String(cString: strerror(errno)) }
