#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif
import TokenStream

/// A file or the standard input, open for reading. Closes what it opened when it goes.
public final class InputFile {
    public let path: PathName
    public let descriptor: Int32
    public let status: FileSystem.Status

    /// The name for messages: `stdin` for `-`.
    public var name: String { path.isStandardStream ? "stdin" : path.description }

    /// - Throws: `PipelineError.notFound`, `.unreadable` or `.isDirectory`.
    public init(_ path: PathName) throws(PipelineError) {
        self.path = path
        let descriptor = path.isStandardStream ? 0 : path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .notFound : .unreadable(reason: systemReason())
        }
        self.descriptor = descriptor
        guard let status = FileSystem.status(descriptor: descriptor) else { throw .unreadable(reason: systemReason()) }
        self.status = status
        if status.type == .directory { throw .isDirectory }
    }

    deinit {
        if !path.isStandardStream { close(descriptor) }
    }

    /// The file's bytes from its current position.
    /// - Throws: `TokenStreamError.noInput`.
    public func byteSource() throws -> FileSource { try FileSource(descriptor: descriptor, name: name) }
}
