/// Questions to the file system, and folders.
package enum Files {
    package static func isDirectory(_ path: FilePath) -> Bool { FileStatus(of: path)?.type == .directory }
    package static func isRegular(_ path: FilePath) -> Bool { FileStatus(of: path)?.type == .regular }

    /// Whether the name itself is a symbolic link, wherever that leads.
    package static func isLink(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Absolute path without symbolic links, or nil if there is nothing at `path`.
    package static func resolved(_ path: FilePath) -> FilePath? {
        guard let resolved = path.withPlatformString({ realpath($0, nil) }) else { return nil }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }

    /// Names in a folder in the order of their bytes, without `.` and `..`.
    package static func names(in folder: FilePath) throws(Errno) -> [[UInt8]] {
        guard let stream = folder.withPlatformString({ opendir($0) }) else { throw .last }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
                    Array(UnsafeBufferPointer(start: $0, count: MemoryLayout.size(ofValue: field.pointee)).prefix { $0 != 0 })
                }
            }
            if name != [UInt8(ascii: ".")] && name != Array("..".utf8) { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Creates `folder` and the folders above it that are missing.
    package static func createFolder(_ folder: FilePath) throws(Errno) {
        if isDirectory(folder) { return }
        let parent = folder.removingLastComponent()
        if parent != folder, !parent.isEmpty { try createFolder(parent) }
        // Another process may have made it in the meantime.
        if folder.withPlatformString({ mkdir($0, 0o777) }) != 0 {
            let failure = Errno.last
            if !isDirectory(folder) { throw failure }
        }
    }

    package static func remove(_ path: FilePath) { _ = path.withPlatformString { unlink($0) } }

    /// Removes a file, or a folder with all that is in it, as far as that is allowed. Links are not followed.
    package static func removeTree(_ path: FilePath) {
        guard isDirectory(path), !isLink(path) else { return remove(path) }
        for name in (try? names(in: path)) ?? [] { removeTree(path.appending(name: name)) }
        _ = path.withPlatformString { rmdir($0) }
    }

    package static func rename(_ old: FilePath, to new: FilePath) throws(Errno) {
        if call(old, new, { SystemLibrary.rename($0, $1) }) != 0 { throw .last }
    }

    /// Gives a file a second name. Fails when that is taken, which `rename` would not.
    package static func link(_ old: FilePath, to new: FilePath) throws(Errno) {
        if call(old, new, { SystemLibrary.link($0, $1) }) != 0 { throw .last }
    }

    /// Makes a symbolic link at `path` that leads to `target`.
    package static func symbolicLink(at path: FilePath, to target: FilePath) throws(Errno) {
        if call(target, path, { symlink($0, $1) }) != 0 { throw .last }
    }

    private static func call(
        _ old: FilePath, _ new: FilePath, _ function: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
    ) -> Int32 {
        old.withPlatformString { old in new.withPlatformString { function(old, $0) } }
    }

    /// The folder for temporary files.
    package static var temporaryFolder: FilePath {
        FilePath(environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")
    }

    /// A name that nothing else has.
    package static func uniqueName(_ prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        return prefix + String(generator.next() as UInt64, radix: 36)
    }

    /// Opens a new file in `folder`, hidden and under a name that nothing else has.
    package static func makeUnique(
        in folder: FilePath, permissions: FilePermissions
    ) throws(Errno) -> (descriptor: FileDescriptor, path: FilePath) {
        for _ in 0..<100 {
            let path = folder.appending(uniqueName(temporaryPrefix))
            do throws(Errno) {
                let descriptor = try FileDescriptor.opened(
                    path, .readWrite, options: [.create, .exclusiveCreate], permissions: permissions)
                return (descriptor, path)
            } catch {
                if error != .fileExists { throw error }
            }
        }
        throw .fileExists
    }

    /// How hidden temporary files begin. Folder listings leave hidden files out, so a stale one is never taken for data.
    package static let temporaryPrefix = ".codetta-partial-"

    /// A file without a name, which vanishes with its descriptor.
    package static func makeNameless() throws(Errno) -> FileDescriptor {
        let file = try makeUnique(in: temporaryFolder, permissions: .ownerReadWrite)
        remove(file.path)
        return file.descriptor
    }

    /// The running program's file, without symbolic links.
    package static func executable() -> FilePath? {
        #if canImport(Darwin)
            var size: UInt32 = 0
            _NSGetExecutablePath(nil, &size)
            var buffer = [CChar](repeating: 0, count: Int(size) + 1)
            guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
            return buffer.withUnsafeBufferPointer { $0.baseAddress.flatMap { resolved(FilePath(platformString: $0)) } }
        #else
            return resolved("/proc/self/exe")
        #endif
    }
}

/// Calls whose names `Files` has for its own.
private enum SystemLibrary {
    static func rename(_ old: UnsafePointer<CChar>, _ new: UnsafePointer<CChar>) -> Int32 { renameat(AT_FDCWD, old, AT_FDCWD, new) }
    static func link(_ old: UnsafePointer<CChar>, _ new: UnsafePointer<CChar>) -> Int32 { linkat(AT_FDCWD, old, AT_FDCWD, new, 0) }
}
