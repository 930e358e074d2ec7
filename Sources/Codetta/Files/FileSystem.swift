import Platform

/// POSIX calls on names that need not be UTF-8.
public enum FileSystem {
    public enum FileType: Sendable, Equatable { case regular, directory, other }

    /// What identifies a file whatever its name.
    public struct Identity: Hashable, Sendable {
        let device: UInt64
        let node: UInt64
    }

    /// What is known about an existing file.
    public struct Status: Sendable {
        public let type: FileType
        public let size: Int
        public let identity: Identity
        let permissions: mode_t

        init(_ status: stat) {
            switch status.st_mode & S_IFMT {
            case S_IFREG: type = .regular
            case S_IFDIR: type = .directory
            default: type = .other
            }
            size = Int(status.st_size)
            identity = Identity(
                device: UInt64(truncatingIfNeeded: status.st_dev), node: UInt64(truncatingIfNeeded: status.st_ino))
            permissions = status.st_mode & 0o777
        }
    }

    /// Follows symbolic links; nil when there is nothing at `path`.
    public static func status(_ path: PathName) -> Status? {
        var status = stat()
        return path.withCString { stat($0, &status) } == 0 ? Status(status) : nil
    }

    public static func status(descriptor: Int32) -> Status? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Status(status) : nil
    }

    public static func isDirectory(_ path: PathName) -> Bool { status(path)?.type == .directory }

    /// Names in a folder in the order of their bytes, hidden ones left out.
    /// - Throws: `PipelineError.unreadable`.
    public static func list(_ folder: PathName) throws(PipelineError) -> [PathName] {
        guard let stream = folder.withCString({ opendir($0) }) else { throw .unreadable(reason: systemReason()) }
        defer { closedir(stream) }
        var names: [PathName] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
                    PathName(bytes: UnsafeBufferPointer(start: $0, count: MemoryLayout.size(ofValue: field.pointee)))
                }
            }
            if !name.isHidden { names.append(name) }
        }
        return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// Regular files below `folder`, depth first, as paths relative to it. Symbolic links to folders are not followed, since
    /// they can form cycles.
    /// - Throws: `PipelineError.unreadable`.
    public static func filesBelow(_ folder: PathName) throws(PipelineError) -> [PathName] {
        var files: [PathName] = []
        for name in try list(folder) {
            let path = folder.appending(name)
            switch status(path)?.type {
            case .directory where !isLink(path):
                files += try filesBelow(path).map { name.appending($0) }
            case .regular: files.append(name)
            default: continue
            }
        }
        return files
    }

    private static func isLink(_ path: PathName) -> Bool {
        var status = stat()
        return path.withCString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Creates `folder` and the folders above it that are missing.
    /// - Throws: `PipelineError.cannotCreate`.
    public static func createFolder(_ folder: PathName) throws(PipelineError) {
        if isDirectory(folder) { return }
        if folder.parent != folder { try createFolder(folder.parent) }
        // Another job may have made it in the meantime.
        if folder.withCString({ mkdir($0, 0o777) }) != 0 && !isDirectory(folder) {
            throw .cannotCreate(reason: systemReason())
        }
    }

    /// `path` with symbolic links resolved; `path` itself when it does not exist.
    static func resolved(_ path: PathName) -> PathName {
        guard let resolved = path.withCString({ realpath($0, nil) }) else { return path }
        defer { free(resolved) }
        return PathName(bytes: UnsafeBufferPointer(start: resolved, count: strlen(resolved)).map { UInt8(bitPattern: $0) })
    }

    /// A new file named `prefix` and random characters, readable and writable by its owner alone.
    static func makeTemporary(prefix: PathName) throws(PipelineError) -> (descriptor: Int32, path: PathName) {
        var template = prefix.bytes.map { CChar(bitPattern: $0) } + "XXXXXX".utf8CString
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw .cannotCreate(reason: systemReason()) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return (descriptor, PathName(bytes: template.map { UInt8(bitPattern: $0) }))
    }
}

/// What `errno` says, in words.
func systemReason() -> String { String(cString: strerror(errno)) }
