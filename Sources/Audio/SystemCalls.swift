import Platform

/// A failed system call.
struct SystemError: Error, Equatable {
    let code: Int32
    var reason: String { String(cString: strerror(code)) }

    static var last: SystemError { SystemError(code: errno) }
    /// Bytes that were there are not any more.
    static var endedEarly: SystemError { SystemError(code: EIO) }
}

/// POSIX calls that retry when interrupted, wait when a descriptor is non-blocking, and throw what `errno` says.
enum SystemCalls {
    /// What a descriptor refers to, as far as reading and writing care.
    enum FileType { case regular, directory, stream }

    // The names differ from those of the calls, which a static member of the same name would hide.

    static func openFile(_ path: String, flags: Int32) throws(SystemError) -> Int32 {
        while true {
            let descriptor = open(path, flags | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return descriptor }
            if errno != EINTR { throw .last }
        }
    }

    /// The type of `descriptor` and, for a regular file, its size in bytes.
    static func status(of descriptor: Int32) throws(SystemError) -> (type: FileType, size: Int) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        return (fileType(status.st_mode), Int(status.st_size))
    }

    /// The type of the file at `path`, or nil when there is none.
    static func type(ofPath path: String) -> FileType? {
        var status = stat()
        return stat(path, &status) == 0 ? fileType(status.st_mode) : nil
    }

    private static func fileType(_ mode: mode_t) -> FileType {
        switch mode & S_IFMT {
        case S_IFREG: return .regular
        case S_IFDIR: return .directory
        default: return .stream
        }
    }

    /// Where in a regular file the descriptor stands.
    static func offset(of descriptor: Int32) throws(SystemError) -> Int {
        let offset = lseek(descriptor, 0, SEEK_CUR)
        guard offset >= 0 else { throw .last }
        return Int(offset)
    }

    /// Whether every write goes to the end, so that a header cannot be gone back to.
    static func appends(_ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFL)
        return flags >= 0 && flags & O_APPEND != 0
    }

    /// Reads at most `count` bytes, from `offset` if given, else from where the descriptor stands; 0 at the end.
    static func readSome(
        _ descriptor: Int32, into buffer: UnsafeMutableRawPointer, count: Int, offset: Int? = nil
    ) throws(SystemError) -> Int {
        while true {
            let result = offset.map { pread(descriptor, buffer, count, off_t($0)) } ?? read(descriptor, buffer, count)
            if result >= 0 { return result }
            try recover(descriptor, events: Int16(POLLIN))
        }
    }

    /// Writes all `count` bytes, at `offset` if given.
    static func writeAll(
        _ descriptor: Int32, from buffer: UnsafeRawPointer, count: Int, offset: Int? = nil
    ) throws(SystemError) {
        var done = 0
        while done < count {
            let (source, left) = (buffer + done, count - done)
            let result =
                offset.map { pwrite(descriptor, source, left, off_t($0 + done)) } ?? write(descriptor, source, left)
            if result > 0 {
                done += result
            } else if result == 0 {
                throw SystemError(code: EIO)
            } else {
                try recover(descriptor, events: Int16(POLLOUT))
            }
        }
    }

    /// Waits for a non-blocking descriptor and returns for another try; throws any other error.
    private static func recover(_ descriptor: Int32, events: Int16) throws(SystemError) {
        let code = errno
        if code == EINTR { return }
        guard code == EAGAIN || code == EWOULDBLOCK else { throw SystemError(code: code) }
        var request = pollfd(fd: descriptor, events: events, revents: 0)
        if poll(&request, 1, -1) < 0 && errno != EINTR { throw .last }
    }

    static func closeFile(_ descriptor: Int32) throws(SystemError) {
        // After EINTR the descriptor is gone all the same; closing again could hit another thread's file.
        if close(descriptor) != 0 && errno != EINTR { throw .last }
    }

    static func synchronize(_ descriptor: Int32) throws(SystemError) {
        // Some file systems cannot sync and say so; that is not a failed write.
        if fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP { throw .last }
    }

    static func renameFile(_ old: String, to new: String) throws(SystemError) {
        if rename(old, new) != 0 { throw .last }
    }

    static func removeFile(_ path: String) { unlink(path) }

    /// Creates a file in `folder` under a hidden name that nothing else has, with a new file's permissions.
    static func makeTemporaryFile(in folder: String) throws(SystemError) -> (descriptor: Int32, path: String) {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let path = "\(folder)/.codetta-\(String(generator.next() as UInt64, radix: 36)).part"
            do {
                return (try openFile(path, flags: O_RDWR | O_CREAT | O_EXCL), path)
            } catch where error.code == EEXIST {
                continue
            }
        }
        throw SystemError(code: EEXIST)
    }

    /// A file without a name, which vanishes with its descriptor.
    static func makeAnonymousFile() throws(SystemError) -> Int32 {
        let folder = environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let file = try makeTemporaryFile(in: folder)
        removeFile(file.path)
        return file.descriptor
    }
}
