import Platform

/// The file system by names that need not be UTF-8. `Files` of the ground floor does the work.
package enum FileSystem {
    /// Follows symbolic links; nil when there is nothing at `path`.
    package static func status(_ path: PathName) -> FileStatus? { FileStatus(of: path.filePath) }

    package static func isDirectory(_ path: PathName) -> Bool { Files.isDirectory(path.filePath) }

    /// Names in a folder in the order of their bytes, hidden ones left out.
    /// - Throws: `PipelineError.unreadable`.
    package static func list(_ folder: PathName) throws(PipelineError) -> [PathName] {
        do throws(Errno) {
            return try Files.names(in: folder.filePath).map { PathName(bytes: $0) }.filter { !$0.isHidden }
        } catch {
            throw .unreadable(reason: error.reason)
        }
    }

    /// Creates `folder` and the folders above it that are missing.
    /// - Throws: `PipelineError.cannotCreate`.
    package static func createFolder(_ folder: PathName) throws(PipelineError) {
        do throws(Errno) {
            try Files.createFolder(folder.filePath)
        } catch {
            throw .cannotCreate(reason: error.reason)
        }
    }
}
