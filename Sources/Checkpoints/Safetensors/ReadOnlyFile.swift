import Platform

/// An open regular file, or the bytes of one in memory, read by position.
///
/// It is never mapped: a mapped file that shrinks kills the process, a read that comes up short is an error.
/// Reads carry their own offset, so that threads may share the file.
final class ReadOnlyFile: Sendable {
    let path: String
    /// Size when the file was opened.
    let byteCount: Int
    private enum Backing {
        case file(FileDescriptor)
        case memory([UInt8])
    }

    private let backing: Backing

    /// Bytes in memory. `path` is for messages.
    init(path: String, bytes: [UInt8]) {
        self.path = path
        byteCount = bytes.count
        backing = .memory(bytes)
    }

    /// - Throws: `CheckpointError.unreadable` for anything but a readable regular file, `.pickle` for a pickle's name.
    init(path: String) throws {
        if isPickleName(path) { throw CheckpointError.pickle(file: path) }
        func refusal(_ reason: String) -> CheckpointError { .unreadable(file: path, reason: reason) }
        // Without `nonBlocking` a named pipe would block right here.
        let descriptor: FileDescriptor
        let status: FileStatus
        do throws(Errno) {
            descriptor = try .opened(FilePath(path), .readOnly, options: .nonBlocking)
        } catch {
            throw refusal(error.reason)
        }
        do throws(Errno) {
            status = try FileStatus(of: descriptor)
        } catch {
            try? descriptor.closeOnce()
            throw refusal(error.reason)
        }
        guard status.type == .regular else {
            try? descriptor.closeOnce()
            throw refusal("not a regular file")
        }
        self.path = path
        self.byteCount = status.size
        backing = .file(descriptor)
    }

    deinit { if case .file(let descriptor) = backing { try? descriptor.closeOnce() } }

    /// Fills `buffer` from byte `offset` on.
    /// - Throws: `CheckpointError.truncated` where the file ends first, `.readFailed` where the system says so.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        let got: Int
        switch backing {
        case .file(let descriptor):
            do throws(Errno) {
                got = try descriptor.readAll(into: buffer, at: offset)
            } catch {
                throw CheckpointError.readFailed(file: path, offset: offset, reason: error.reason)
            }
        case .memory(let bytes):
            let start = min(max(offset, 0), bytes.count)
            got = min(buffer.count, bytes.count - start)
            bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + got])) }
        }
        if got < buffer.count { throw CheckpointError.truncated(file: path, expected: offset + buffer.count, found: offset + got) }
    }

    /// `count` bytes from `offset` on; the caller has checked `count` against a limit.
    func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](uninitialized: count) { try read(at: offset, into: UnsafeMutableRawBufferPointer($0)) }
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
