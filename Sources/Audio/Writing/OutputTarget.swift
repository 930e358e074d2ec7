import Platform

/// Where bytes go: a descriptor, a file that appears under its name only when it is complete, or a copy that is sent on then.
final class OutputTarget {
    let name: String
    let descriptor: Int32
    /// Whether the header can be written again when the length is known.
    let canRewrite: Bool
    /// The unfinished file beside the one that is being made, which nobody else writes to.
    private(set) var temporaryPath: String?

    private let finalPath: String?
    /// Where the finished copy is sent.
    private let destination: OutputTarget?
    private let base: Int
    private var ownsDescriptor: Bool

    /// - Throws: `AudioError.cannotCreate`, or `.alreadyExists` unless `overwrite`.
    init(path: String, overwrite: Bool) throws(AudioError) {
        name = path
        base = 0
        ownsDescriptor = true
        destination = nil
        do {
            switch SystemCalls.type(ofPath: path) {
            case .directory: throw SystemError(code: EISDIR)
            case .stream:
                descriptor = try SystemCalls.openFile(path, flags: O_WRONLY)
                (canRewrite, temporaryPath, finalPath) = (false, nil, nil)
            case .regular where !overwrite: throw AudioError.alreadyExists(file: path)
            case .regular, nil:
                let file = try SystemCalls.makeTemporaryFile(in: Self.folder(of: path))
                descriptor = file.descriptor
                (canRewrite, temporaryPath, finalPath) = (true, file.path, path)
            }
        } catch let error as AudioError {
            throw error
        } catch {
            throw .cannotCreate(file: path, reason: (error as? SystemError)?.reason ?? "\(error)")
        }
    }

    /// Writes to an open descriptor, which stays open.
    /// - Throws: `AudioError.cannotCreate` for one that is closed or a directory.
    init(descriptor: Int32, name: String) throws(AudioError) {
        self.name = name
        self.descriptor = descriptor
        (temporaryPath, finalPath, destination, ownsDescriptor) = (nil, nil, nil, false)
        do throws(SystemError) {
            let type = try SystemCalls.status(of: descriptor).type
            if type == .directory { throw SystemError(code: EISDIR) }
            canRewrite = type == .regular && !SystemCalls.appends(descriptor)
            base = canRewrite ? try SystemCalls.offset(of: descriptor) : 0
        } catch {
            throw .cannotCreate(file: name, reason: error.reason)
        }
    }

    /// Collects in a nameless file what `commit` will send to `destination` in one go.
    /// - Throws: `AudioError.io`.
    init(spoolingTo destination: OutputTarget) throws(AudioError) {
        name = destination.name
        (temporaryPath, finalPath, ownsDescriptor, canRewrite, base) = (nil, nil, true, true, 0)
        self.destination = destination
        do throws(SystemError) {
            descriptor = try SystemCalls.makeAnonymousFile()
        } catch {
            throw .io(file: destination.name, operation: "making a temporary file", reason: error.reason)
        }
    }

    deinit {
        if ownsDescriptor { try? SystemCalls.closeFile(descriptor) }
        if let temporaryPath { SystemCalls.removeFile(temporaryPath) }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether bytes may be written in any order, as nobody sees them before they are complete.
    var isPrivate: Bool { temporaryPath != nil || destination != nil }

    /// The empty file as seekable bytes; for private targets.
    var seekableBytes: SeekableBytes { SeekableBytes(descriptor: descriptor, owner: self, base: base, size: 0) }

    /// - Throws: `AudioError.brokenPipe` or `.io`.
    func append(_ bytes: UnsafeRawPointer, count: Int) throws(AudioError) {
        do throws(SystemError) {
            try SystemCalls.writeAll(descriptor, from: bytes, count: count)
        } catch {
            throw failure(error)
        }
    }

    func append(_ bytes: [UInt8]) throws(AudioError) {
        try bytes.withUnsafeBufferPointer { buffer throws(AudioError) in
            if let start = buffer.baseAddress { try append(start, count: buffer.count) }
        }
    }

    /// Writes over the first bytes; only where `canRewrite`.
    func rewriteBeginning(_ bytes: [UInt8]) throws(AudioError) {
        try bytes.withUnsafeBufferPointer { buffer throws(AudioError) in
            guard let start = buffer.baseAddress else { return }
            do throws(SystemError) {
                try SystemCalls.writeAll(descriptor, from: start, count: buffer.count, offset: base)
            } catch {
                throw failure(error)
            }
        }
    }

    /// Everything has been written: makes it last and gives it its name, or sends it on.
    /// - Throws: `AudioError.brokenPipe` or `.io`.
    func commit() throws(AudioError) {
        if let destination {
            try sendOn(to: destination)
            try destination.commit()
        }
        guard ownsDescriptor else { return }
        do throws(SystemError) {
            if temporaryPath != nil { try SystemCalls.synchronize(descriptor) }
            ownsDescriptor = false
            try SystemCalls.closeFile(descriptor)
            if let temporaryPath, let finalPath {
                try SystemCalls.renameFile(temporaryPath, to: finalPath)
                self.temporaryPath = nil
            }
        } catch {
            throw failure(error)
        }
    }

    private func sendOn(to destination: OutputTarget) throws(AudioError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var offset = 0
        while true {
            let got = try buffer.withUnsafeMutableBufferPointer { [descriptor] buffer throws(AudioError) in
                guard let start = buffer.baseAddress else { return 0 }
                let got: Int
                do throws(SystemError) {
                    got = try SystemCalls.readSome(descriptor, into: start, count: buffer.count, offset: offset)
                } catch {
                    throw failure(error)
                }
                try destination.append(start, count: got)
                return got
            }
            if got == 0 { return }
            offset += got
        }
    }

    func failure(_ error: SystemError) -> AudioError {
        error.code == EPIPE ? .brokenPipe(file: name) : .io(file: name, operation: "writing", reason: error.reason)
    }
}
