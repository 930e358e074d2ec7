extension Errno {
    /// What the last call of the C library that failed says.
    package static var last: Errno { Errno(rawValue: errno) }

    /// In words, without a name.
    package var reason: String { description }

    /// Runs calls of swift-system, which throw nothing but `Errno`, though their signatures do not say so.
    fileprivate static func only<Result>(_ body: () throws -> Result) throws(Errno) -> Result {
        do { return try body() } catch { throw error as? Errno ?? .ioError }
    }
}

/// Reads and writes that go on when a signal interrupts them, wait when the descriptor is non-blocking, and throw `Errno`.
extension FileDescriptor {
    /// Opens a file, for this process alone.
    package static func opened(
        _ path: FilePath, _ mode: AccessMode, options: OpenOptions = [], permissions: FilePermissions? = nil
    ) throws(Errno) -> FileDescriptor {
        try Errno.only { try open(path, mode, options: options.union(.closeOnExec), permissions: permissions) }
    }

    /// Reads at most as many bytes as fit, from `offset` if given, else from where the descriptor stands; 0 at the end.
    package func readSome(into buffer: UnsafeMutableRawBufferPointer, at offset: Int? = nil) throws(Errno) -> Int {
        while true {
            do throws(Errno) {
                return try Errno.only {
                    try offset.map { try read(fromAbsoluteOffset: Int64($0), into: buffer) } ?? read(into: buffer)
                }
            } catch {
                try wait(after: error, for: POLLIN)
            }
        }
    }

    /// Fills `buffer` as far as there are bytes and says how many there were.
    package func readAll(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Errno) -> Int {
        var done = 0
        while done < buffer.count {
            // The system takes no more than 2 GiB at a time.
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<min(buffer.count, done + 1 << 30)])
            let got = try readSome(into: rest, at: offset + done)
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Writes every byte, at `offset` if given, else where the descriptor stands.
    package func writeAll(bytes: UnsafeRawBufferPointer, at offset: Int? = nil) throws(Errno) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            do throws(Errno) {
                let count = try Errno.only {
                    try offset.map { try write(toAbsoluteOffset: Int64($0 + done), rest) } ?? write(rest)
                }
                if count == 0 { throw Errno.ioError }
                done += count
            } catch {
                try wait(after: error, for: POLLOUT)
            }
        }
    }

    /// Waits until a non-blocking descriptor is ready again; throws any other error.
    private func wait(after error: Errno, for events: some BinaryInteger) throws(Errno) {
        if error == .interrupted { return }
        guard error == .wouldBlock || error == .resourceTemporarilyUnavailable else { throw error }
        var request = pollfd(fd: rawValue, events: Int16(truncatingIfNeeded: events), revents: 0)
        if poll(&request, 1, -1) < 0 && errno != EINTR { throw Errno.last }
    }

    /// Where in a regular file the descriptor stands.
    package func offset() throws(Errno) -> Int { Int(try Errno.only { try seek(offset: 0, from: .current) }) }

    /// Moves to `offset`, counted from the beginning.
    package func move(to offset: Int) throws(Errno) { _ = try Errno.only { try seek(offset: Int64(offset), from: .start) } }

    /// Whether every write goes to the end, so that a header cannot be gone back to.
    package var appends: Bool {
        let flags = fcntl(rawValue, F_GETFL)
        return flags >= 0 && flags & O_APPEND != 0
    }

    /// Cuts a file, or fills it with zeros, to `count` bytes.
    package func cut(to count: Int) throws(Errno) { try Errno.only { try resize(to: Int64(count)) } }

    /// Brings what was written to the disk. Some file systems cannot and say so; that is not a failed write.
    package func synchronize() throws(Errno) {
        if fsync(rawValue) != 0 && errno != EINVAL && errno != ENOTSUP { throw Errno.last }
    }

    /// After an interruption the descriptor is gone all the same; closing again could hit another thread's file.
    package func closeOnce() throws(Errno) {
        do throws(Errno) {
            try Errno.only { try close() }
        } catch {
            if error != .interrupted { throw error }
        }
    }
}
