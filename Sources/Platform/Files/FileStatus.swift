/// What is known about an existing file.
public struct FileStatus: Sendable {
    /// What reading and writing have to tell apart.
    public enum FileType: Sendable, Equatable {
        /// A file that can be gone back in.
        case regular
        /// A folder.
        case directory
        /// A pipe, a terminal, a device or a socket.
        case other
    }

    /// What identifies a file whatever its name.
    public struct Identity: Hashable, Sendable {
        let device: UInt64
        let node: UInt64
    }

    /// What kind of file it is.
    public let type: FileType
    /// Bytes.
    public let size: Int
    /// The same for all names of the file.
    public let identity: Identity
    package let permissions: FilePermissions
    /// When the bytes last changed, in nanoseconds since 1970.
    package let modified: Int
    /// When the bytes or what the system keeps about the file last changed; a name given to it counts too.
    package let changed: Int

    private init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: type = .regular
        case S_IFDIR: type = .directory
        default: type = .other
        }
        size = Int(status.st_size)
        identity = Identity(
            device: UInt64(truncatingIfNeeded: status.st_dev), node: UInt64(truncatingIfNeeded: status.st_ino))
        permissions = FilePermissions(rawValue: status.st_mode & 0o777)
        #if canImport(Darwin)
            (modified, changed) = (Self.nanoseconds(status.st_mtimespec), Self.nanoseconds(status.st_ctimespec))
        #else
            (modified, changed) = (Self.nanoseconds(status.st_mtim), Self.nanoseconds(status.st_ctim))
        #endif
    }

    /// Of something that is no file of this machine: its bytes may have changed at any time.
    package init(ofBytes size: Int) {
        (type, self.size, permissions) = (.other, size, [])
        identity = Identity(device: .max, node: .max)
        (modified, changed) = (.max, .max)
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        Int(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int(time.tv_nsec)
    }

    /// Follows symbolic links; nil when there is nothing at `path`.
    package init?(of path: FilePath) {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else { return nil }
        self.init(status)
    }

    package init(of descriptor: FileDescriptor) throws(Errno) {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { throw .last }
        self.init(status)
    }
}
