import Audio
import Platform
import TokenFiles

/// A file or the standard input, open for reading. Closes what it opened when it goes.
public final class InputFile {
    /// The file's path, or its address elsewhere.
    public let path: PathName
    /// The open file's descriptor; -1 for a file from elsewhere.
    public let descriptor: Int32
    /// What the system says about the file; nothing but the size is known of one from elsewhere.
    public let status: FileStatus
    private var elsewhere: (any ByteSource)?

    /// The name for messages: `stdin` for `-`.
    public var name: String { path.isStandardStream ? "stdin" : path.description }

    /// - Throws: `PipelineError.notFound`, `.unreadable` or `.isDirectory`.
    public init(_ path: PathName) throws(PipelineError) {
        self.path = path
        do throws(Errno) {
            let file = path.isStandardStream ? FileDescriptor.standardInput : try .opened(path.filePath, .readOnly)
            descriptor = file.rawValue
            status = try FileStatus(of: file)
        } catch {
            throw error == .noSuchFileOrDirectory || error == .notDirectory ? .notFound : .unreadable(reason: error.reason)
        }
        if status.type == .directory { throw .isDirectory }
    }

    /// A token file that is no file of this machine.
    /// - Parameters:
    ///   - address: what names it.
    ///   - source: its bytes, which `byteSource()` gives, one after another, from the first on.
    public init(address: PathName, source: any ByteSource) {
        (path, descriptor) = (address, -1)
        status = FileStatus(ofBytes: source.seekableLength ?? 0)
        elsewhere = source
    }

    deinit {
        if !path.isStandardStream, descriptor >= 0 { close(descriptor) }
    }

    /// The file's bytes from its current position. The source keeps this file open.
    /// - Throws: `TokenStreamError.noInput`.
    public func byteSource() throws -> any ByteSource {
        if let elsewhere {
            if elsewhere.seekableLength != nil { try elsewhere.seek(to: 0) }
            return elsewhere
        }
        return try InputSource(self)
    }

    /// The file's audio. The reader keeps this file open.
    /// - Throws: as `AudioReader.init(descriptor:name:options:owner:)`.
    public func audioReader(options: AudioReader.Options = AudioReader.Options()) throws(AudioError) -> AudioReader {
        guard elsewhere == nil else { throw .unreadable(file: name, reason: "audio is read from files of this machine alone") }
        return try AudioReader(descriptor: descriptor, name: name, options: options, owner: self)
    }
}

extension InputFile {
    /// SHA-256 of the whole file, whose position stays. Only for regular files.
    /// - Throws: `PipelineError.io`.
    package func contentHash() throws(PipelineError) -> ContentDigest {
        var hash = SHA256()
        try forEachPiece { hash.update($0) }
        return hash.finalize()
    }

    /// All bytes of a regular file.
    /// - Throws: `PipelineError.io`.
    package func readAll() throws(PipelineError) -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachPiece { bytes.append(contentsOf: $0) }
        return bytes
    }

    private func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) throws(PipelineError) {
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        var offset = 0
        do throws(Errno) {
            while true {
                let count = try piece.withUnsafeMutableBufferPointer { buffer throws(Errno) in
                    let bytes = UnsafeMutableRawBufferPointer(buffer)
                    let count = try FileDescriptor(rawValue: descriptor).readSome(into: bytes, at: offset)
                    body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                    return count
                }
                if count == 0 { return }
                offset += count
            }
        } catch {
            throw .io(operation: "reading", reason: error.reason)
        }
    }
}

/// A `FileSource` that keeps its file open.
private final class InputSource: ByteSource {
    private let file: InputFile
    private let source: FileSource

    init(_ file: InputFile) throws {
        self.file = file
        source = try FileSource(descriptor: file.descriptor, name: file.name)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try source.read(into: buffer) }
    var seekableLength: Int? { source.seekableLength }
    func seek(to offset: Int) throws { try source.seek(to: offset) }
}
