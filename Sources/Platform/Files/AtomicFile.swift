/// A file that appears under its name whole or not at all.
///
/// It is written to a hidden temporary beside it, which `commit` syncs and renames; without a commit the temporary is removed when the
/// object goes, or by `TemporaryFiles.removeAll`.
package final class AtomicFile {
    /// A step that failed.
    package struct Failure: Error {
        package let operation: String
        package let cause: Errno
    }

    /// Open for reading and writing until the end.
    package let descriptor: FileDescriptor
    /// Nil after the end.
    package private(set) var temporary: FilePath?

    private let target: FilePath
    private var isOpen = true

    /// - Parameters:
    ///   - target: the name. Where it is a link, the file that the link leads to is replaced.
    ///   - permissions: of the file to come; nil for those of any new file.
    package init(_ target: FilePath, permissions: FilePermissions? = nil) throws(Errno) {
        self.target = Files.resolved(target) ?? target
        let made = try TemporaryFiles.make(
            in: self.target.folder, permissions: permissions == nil ? FilePermissions(rawValue: 0o666) : .ownerReadWrite)
        (descriptor, temporary) = (made.descriptor, made.path)
        if let permissions { _ = fchmod(descriptor.rawValue, permissions.rawValue) }
    }

    deinit { discard() }

    /// Syncs the bytes to the disk and gives the file its name. Nothing more can be written.
    /// - Parameter overwrite: whether a file of that name may be replaced; if not, `Errno.fileExists` says that there is one.
    package func commit(overwrite: Bool) throws(Failure) {
        guard isOpen, let temporary else { throw Failure(operation: "write", cause: .badFileDescriptor) }
        do throws(Failure) {
            try step("sync") { () throws(Errno) in try descriptor.synchronize() }
            isOpen = false
            try step("close") { () throws(Errno) in try descriptor.closeOnce() }
            try step("rename") { () throws(Errno) in
                try TemporaryFiles.retire(temporary) { () throws(Errno) in try publish(temporary, overwrite) }
            }
        } catch {
            discard()
            throw error
        }
        self.temporary = nil
        // Makes the new name itself durable; a file system that cannot is not an error of the file.
        if let folder = try? FileDescriptor.opened(target.folder, .readOnly) {
            try? folder.synchronize()
            try? folder.closeOnce()
        }
    }

    /// Gives the file up: the temporary vanishes, an earlier file of the same name stays. Does nothing after the end.
    package func discard() {
        if isOpen { try? descriptor.closeOnce() }
        isOpen = false
        if let temporary { TemporaryFiles.remove(temporary) }
        temporary = nil
    }

    private func publish(_ temporary: FilePath, _ overwrite: Bool) throws(Errno) {
        if !overwrite {
            do throws(Errno) {
                try Files.link(temporary, to: target)
                return Files.remove(temporary)
            } catch {
                if error == .fileExists { throw error }
            }
        }
        try Files.rename(temporary, to: target)
    }

    private func step(_ operation: String, _ body: () throws(Errno) -> Void) throws(Failure) {
        do throws(Errno) { try body() } catch { throw Failure(operation: operation, cause: error) }
    }
}
