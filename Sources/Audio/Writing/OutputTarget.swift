import Platform

/// Where bytes go: a descriptor, a file that appears under its name only when it is complete, or a copy that is sent on then.
final class OutputTarget {
    let name: String
    let descriptor: FileDescriptor
    /// Whether the header can be written again when the length is known.
    let canRewrite: Bool

    /// The file that is being made.
    private let file: AtomicFile?
    private let overwrite: Bool
    /// Where the finished copy is sent.
    private let destination: OutputTarget?
    private let base: Int
    private var ownsDescriptor: Bool

    /// - Throws: `AudioError.cannotCreate`, or `.alreadyExists` unless `overwrite`.
    init(path: String, overwrite: Bool) throws(AudioError) {
        (name, base, destination, self.overwrite) = (path, 0, nil, overwrite)
        do throws(Errno) {
            switch FileStatus(of: FilePath(path))?.type {
            case .directory: throw Errno.isDirectory
            case .other:
                descriptor = try .opened(FilePath(path), .writeOnly)
                (canRewrite, file, ownsDescriptor) = (false, nil, true)
            case .regular where !overwrite: throw Errno.fileExists
            case .regular, nil:
                let made = try AtomicFile(FilePath(path))
                (descriptor, canRewrite, file, ownsDescriptor) = (made.descriptor, true, made, false)
            }
        } catch {
            throw error == .fileExists ? .alreadyExists(file: path) : .cannotCreate(file: path, reason: error.reason)
        }
    }

    /// Writes to an open descriptor, which stays open.
    /// - Throws: `AudioError.cannotCreate` for one that is closed or a directory.
    init(descriptor: FileDescriptor, name: String) throws(AudioError) {
        self.name = name
        self.descriptor = descriptor
        (file, destination, ownsDescriptor, overwrite) = (nil, nil, false, false)
        do throws(Errno) {
            let type = try FileStatus(of: descriptor).type
            if type == .directory { throw Errno.isDirectory }
            canRewrite = type == .regular && !descriptor.appends
            base = canRewrite ? try descriptor.offset() : 0
        } catch {
            throw .cannotCreate(file: name, reason: error.reason)
        }
    }

    /// Collects in a nameless file what `commit` will send to `destination` in one go.
    /// - Throws: `AudioError.cannotCreate`.
    init(spoolingTo destination: OutputTarget) throws(AudioError) {
        name = destination.name
        (file, ownsDescriptor, canRewrite, base, overwrite) = (nil, true, true, 0, false)
        self.destination = destination
        do throws(Errno) {
            descriptor = try Files.makeNameless()
        } catch {
            throw .cannotCreate(file: destination.name, reason: "no temporary file can be made in \(Files.temporaryFolder): \(error.reason)")
        }
    }

    deinit {
        if ownsDescriptor { try? descriptor.closeOnce() }
    }

    /// The unfinished file beside the one that is being made, which nobody else writes to.
    var temporaryPath: String? { file?.temporary?.string }

    /// Whether bytes may be written in any order, as nobody sees them before they are complete.
    var isPrivate: Bool { file != nil || destination != nil }

    /// The empty file as seekable bytes; for private targets.
    var seekableBytes: SeekableBytes { SeekableBytes(descriptor: descriptor, owner: self, base: base, size: 0) }

    /// - Throws: `AudioError.brokenPipe` or `.io`.
    func append(_ bytes: UnsafeRawPointer, count: Int) throws(AudioError) {
        try write(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    func append(_ bytes: [UInt8]) throws(AudioError) {
        try bytes.withUnsafeBufferPointer { buffer throws(AudioError) in try write(UnsafeRawBufferPointer(buffer)) }
    }

    /// Writes over the first bytes; only where `canRewrite`.
    func rewriteBeginning(_ bytes: [UInt8]) throws(AudioError) {
        try bytes.withUnsafeBufferPointer { buffer throws(AudioError) in try write(UnsafeRawBufferPointer(buffer), at: base) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int? = nil) throws(AudioError) {
        do throws(Errno) {
            try descriptor.writeAll(bytes: bytes, at: offset)
        } catch {
            throw failure(error)
        }
    }

    /// Everything has been written: makes it last and gives it its name, or sends it on.
    /// - Throws: `AudioError.brokenPipe` or `.io`; `.alreadyExists` when the file came meanwhile and may not be replaced.
    func commit() throws(AudioError) {
        if let destination {
            try sendOn(to: destination)
            try destination.commit()
        }
        if let file {
            do throws(AtomicFile.Failure) {
                try file.commit(overwrite: overwrite)
            } catch {
                throw error.cause == .fileExists ? .alreadyExists(file: name) : failure(error.cause)
            }
        }
        guard ownsDescriptor else { return }
        ownsDescriptor = false
        do throws(Errno) {
            try descriptor.closeOnce()
        } catch {
            throw failure(error)
        }
    }

    private func sendOn(to destination: OutputTarget) throws(AudioError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var offset = 0
        while true {
            let got = try buffer.withUnsafeMutableBufferPointer { [descriptor] buffer throws(AudioError) in
                let bytes = UnsafeMutableRawBufferPointer(buffer)
                let got: Int
                do throws(Errno) {
                    got = try descriptor.readSome(into: bytes, at: offset)
                } catch {
                    throw failure(error)
                }
                try destination.write(UnsafeRawBufferPointer(rebasing: bytes[..<got]))
                return got
            }
            if got == 0 { return }
            offset += got
        }
    }

    func failure(_ error: Errno) -> AudioError {
        error == .brokenPipe ? .brokenPipe(file: name) : .io(file: name, operation: "writing", reason: error.reason)
    }
}
