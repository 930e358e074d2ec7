/// An advisory lock on a file, which the system lets go with the process. The file stays: to remove it would let two in.
package struct FileLock: Sendable {
    private let descriptor: FileDescriptor

    /// Nil when it is cancelled while another process has the lock.
    /// - Parameters:
    ///   - waiting: called before waiting for another process.
    ///   - isCancelled: asked a few times a second while it waits.
    package init?(_ path: FilePath, waiting: () -> Void, isCancelled: () -> Bool = { false }) throws(Errno) {
        descriptor = try .opened(
            path, .readWrite, options: .create, permissions: [.ownerReadWrite, .groupRead, .otherRead])
        var isWaiting = false
        while flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
            let failure = Errno.last
            if isCancelled() {
                try? descriptor.closeOnce()
                return nil
            }
            guard failure == .wouldBlock || failure == .interrupted else {
                try? descriptor.closeOnce()
                throw failure
            }
            if !isWaiting { waiting() }
            isWaiting = true
            usleep(100_000)
        }
    }

    package func release() { try? descriptor.closeOnce() }
}
