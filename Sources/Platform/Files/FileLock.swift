/// An advisory lock on a file, which the system lets go with the process. The file stays: to remove it would let two in.
package struct FileLock: Sendable {
    private let descriptor: FileDescriptor

    /// - Parameter waiting: called before waiting for another process.
    package init(_ path: FilePath, waiting: () -> Void) throws(Errno) {
        descriptor = try .opened(
            path, .readWrite, options: .create, permissions: [.ownerReadWrite, .groupRead, .otherRead])
        if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 { return }
        waiting()
        while flock(descriptor.rawValue, LOCK_EX) != 0 {
            let failure = Errno.last
            guard failure == .interrupted else {
                try? descriptor.closeOnce()
                throw failure
            }
        }
    }

    package func release() { try? descriptor.closeOnce() }
}
