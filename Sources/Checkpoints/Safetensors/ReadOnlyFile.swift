import Platform

/// An open regular file, read by position.
///
/// It is never mapped: a mapped file that shrinks kills the process, a read that comes up short is an error.
/// Reads carry their own offset, so that threads may share the file.
final class ReadOnlyFile: Sendable {
    let path: String
    /// Size when the file was opened.
    let byteCount: Int
    private let descriptor: Int32

    /// - Throws: `CheckpointError.unreadable` for anything but a readable regular file, `.pickle` for a pickle's name.
    init(path: String) throws {
        if isPickleName(path) { throw CheckpointError.pickle(file: path) }
        // Without O_NONBLOCK a named pipe would block right here.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw CheckpointError.unreadable(file: path, reason: systemErrorText()) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = systemErrorText()
            close(descriptor)
            throw CheckpointError.unreadable(file: path, reason: reason)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw CheckpointError.unreadable(file: path, reason: "not a regular file")
        }
        self.path = path
        self.byteCount = Int(status.st_size)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Fills `buffer` from byte `offset` on.
    /// - Throws: `CheckpointError.truncated` where the file ends first, `.readFailed` where the system says so.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, min(rest.count, 1 << 30), off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw CheckpointError.readFailed(file: path, offset: offset + done, reason: systemErrorText())
            }
            if count == 0 {
                throw CheckpointError.truncated(file: path, expected: offset + buffer.count, found: offset + done)
            }
            done += count
        }
    }

    /// `count` bytes from `offset` on; the caller has checked `count` against a limit.
    func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            try read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
            filled = count
        }
    }

    /// The whole of a small file.
    /// - Throws: `CheckpointError.tooLarge` above `limit` bytes.
    func contents(limit: Int) throws -> [UInt8] {
        if byteCount > limit { throw CheckpointError.tooLarge(file: path, limit: limit, found: byteCount) }
        return try bytes(at: 0, count: byteCount)
    }
}

/// Whether PyTorch would unpickle a file of this name.
func isPickleName(_ path: String) -> Bool {
    let name = path.lowercased()
    return [".pt", ".pth", ".bin", ".th", ".ckpt", ".pkl", ".pickle"].contains { name.hasSuffix($0) }
}

/// The system's words for `errno`.
func systemErrorText() -> String { String(cString: strerror(errno)) }
