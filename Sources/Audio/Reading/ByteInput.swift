import Platform

/// Bytes from a file or a pipe, in order, with a window to look ahead in.
///
/// A regular file is read by position, so the descriptor's own offset stays where it is. A pipe delivers
/// what has arrived, so that a live source is heard at once.
final class ByteInput {
    let name: String
    let descriptor: FileDescriptor
    /// Offset in the file of byte 0 of the input.
    private(set) var base: Int
    /// Bytes in all; nil for a pipe.
    private(set) var size: Int?
    /// Bytes taken so far.
    private(set) var position = 0
    /// Where the input ends for its reader, whatever comes behind.
    private var limit = Int.max

    private let ownsDescriptor: Bool
    private let window: UnsafeMutableRawPointer
    private var start = 0
    private var end = 0
    /// What was taken while `recordsHeader`, so that another decoder can start over on a pipe.
    private var header: [UInt8] = []
    private var recordsHeader: Bool

    /// The most that `require` can look ahead.
    static let windowSize = 1 << 16
    /// Longest header that is kept for starting over.
    private static let headerLimit = 1 << 20

    /// - Throws: `AudioError.notFound`, `.unreadable` or `.isDirectory`.
    convenience init(path: String) throws(AudioError) {
        do {
            // Asked before opening, as opening a directory succeeds and a device may block.
            if Files.isDirectory(FilePath(path)) { throw Errno.isDirectory }
            let descriptor = try FileDescriptor.opened(FilePath(path), .readOnly)
            try self.init(descriptor: descriptor, name: path, ownsDescriptor: true)
        } catch let error as Errno {
            switch error {
            case .noSuchFileOrDirectory, .notDirectory: throw .notFound(file: path)
            case .isDirectory: throw .isDirectory(file: path)
            default: throw .unreadable(file: path, reason: error.reason)
            }
        } catch let error as AudioError {
            throw error
        } catch {
            throw .unreadable(file: path, reason: "\(error)")
        }
    }

    /// - Throws: `AudioError.unreadable` or `.isDirectory`.
    init(descriptor: FileDescriptor, name: String, ownsDescriptor: Bool) throws(AudioError) {
        self.descriptor = descriptor
        self.name = name
        self.ownsDescriptor = ownsDescriptor
        window = .allocate(byteCount: Self.windowSize, alignment: 64)
        var base = 0
        var size: Int?
        var failure: AudioError?
        do throws(Errno) {
            let status = try FileStatus(of: descriptor)
            switch status.type {
            case .directory: failure = .isDirectory(file: name)
            case .regular:
                base = try descriptor.offset()
                size = max(0, status.size - base)
            case .other: break
            }
        } catch {
            failure = .unreadable(file: name, reason: error.reason)
        }
        self.base = base
        self.size = size
        recordsHeader = size == nil
        if let failure { throw failure }
    }

    deinit {
        window.deallocate()
        if ownsDescriptor { try? descriptor.closeOnce() }
    }

    var isStream: Bool { size == nil }

    /// Bytes that wait in the window.
    var buffered: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: window + start, count: end - start) }

    /// Makes at least `count` bytes (at most `windowSize`) wait in the window. False when the input ends before.
    func require(_ count: Int) throws(AudioError) -> Bool {
        while end - start < count {
            if start > 0 {
                window.copyMemory(from: window + start, byteCount: end - start)
                end -= start
                start = 0
            }
            let waiting = end - start
            let space = min(Self.windowSize - end, limit - position - waiting)
            let got = space > 0 ? try readSystem(window + end, count: space, at: position + waiting) : 0
            if got == 0 { return false }
            end += got
        }
        return true
    }

    private func readSystem(_ buffer: UnsafeMutableRawPointer, count: Int, at offset: Int) throws(AudioError) -> Int {
        do throws(Errno) {
            return try descriptor.readSome(
                into: UnsafeMutableRawBufferPointer(start: buffer, count: count), at: isStream ? nil : base + offset)
        } catch {
            throw .io(file: name, operation: "reading", reason: error.reason)
        }
    }

    /// Takes `count` bytes that wait in the window.
    func consume(_ count: Int) {
        if recordsHeader {
            header.append(contentsOf: buffered.prefix(count))
            if header.count > Self.headerLimit { stopRecording() }
        }
        start += count
        position += count
    }

    /// The next `count` bytes (at most `windowSize`), or nil when the input ends before.
    func take(_ count: Int) throws(AudioError) -> [UInt8]? {
        guard try require(count) else { return nil }
        let bytes = Array(buffered.prefix(count))
        consume(count)
        return bytes
    }

    /// Passes over up to `count` bytes and returns how many there were.
    func skip(_ count: Int) throws(AudioError) -> Int {
        if let size {
            let skipped = min(count, max(0, size - position))
            let inWindow = min(skipped, end - start)
            start += inWindow
            if inWindow < skipped { (start, end) = (0, 0) }
            position += skipped
            return skipped
        }
        var left = count
        while left > 0, try require(1) {
            let step = min(left, end - start)
            consume(step)
            left -= step
        }
        return count - left
    }

    /// What was taken so far is no part of the input any more: byte 0 is the next one.
    func beginHere() {
        base += position
        size = size.map { $0 - position }
        position = 0
        header = []
    }

    /// The input ends `count` bytes from here. To be called before anything behind that is looked at.
    func end(after count: Int) {
        limit = position + count
        size = size.map { min($0, limit) }
        end = min(end, start + count)
    }

    /// The header has been understood: nobody will start over.
    func stopRecording() {
        recordsHeader = false
        header = []
    }

    /// The same bytes from the very beginning, seekable: the file itself, or a nameless copy of the pipe.
    ///
    /// `checkBeginning` sees the copy once its first 64 KiB are there, and stops the copying by throwing, so that an endless
    /// stream of something else does not fill the disk.
    /// - Throws: `AudioError.cannotCreate` or `.io` when the copy cannot be made or written, `.malformed` when too much was taken to start over.
    func makeSeekable(checkBeginning: (SeekableBytes) throws(AudioError) -> Void) throws(AudioError) -> SeekableBytes {
        if let size { return SeekableBytes(descriptor: descriptor, owner: self, base: base, size: size) }
        guard recordsHeader || position == 0 else {
            throw .malformed(file: name, offset: position, reason: "a header of over 1 MiB cannot be read from a pipe")
        }
        let copy: SeekableBytes
        do throws(Errno) {
            copy = SeekableBytes(ownedDescriptor: try Files.makeNameless())
        } catch {
            throw .cannotCreate(file: name, reason: "no temporary file can be made in \(Files.temporaryFolder): \(error.reason)")
        }
        try header.withUnsafeBufferPointer { bytes throws(AudioError) in try append(UnsafeRawBufferPointer(bytes), to: copy) }
        stopRecording()
        var checked = false
        while try require(1) {
            try append(buffered, to: copy)
            consume(buffered.count)
            if !checked && copy.size >= Self.windowSize {
                try checkBeginning(copy)
                checked = true
            }
        }
        return copy
    }

    private func append(_ bytes: UnsafeRawBufferPointer, to copy: SeekableBytes) throws(AudioError) {
        do throws(Errno) {
            try copy.append(bytes)
        } catch {
            throw .io(file: name, operation: "writing a temporary copy", reason: error.reason)
        }
    }
}

/// A seekable range of bytes behind a descriptor: a file, or a temporary copy that is closed with the last reference.
final class SeekableBytes {
    let descriptor: FileDescriptor
    let base: Int
    private(set) var size: Int
    /// Bytes that readers find in place of the file's own.
    var overlay: (offset: Int, bytes: [UInt8])?
    private let ownsDescriptor: Bool
    /// Keeps the descriptor open.
    private let owner: AnyObject?

    init(descriptor: FileDescriptor, owner: AnyObject?, base: Int, size: Int) {
        self.descriptor = descriptor
        self.owner = owner
        self.base = base
        self.size = size
        ownsDescriptor = false
    }

    init(ownedDescriptor: FileDescriptor) {
        descriptor = ownedDescriptor
        owner = nil
        base = 0
        size = 0
        ownsDescriptor = true
    }

    deinit {
        if ownsDescriptor { try? descriptor.closeOnce() }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        try write(bytes, at: size)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Errno) {
        try descriptor.writeAll(bytes: bytes, at: base + offset)
        size = max(size, offset + bytes.count)
    }

    /// Fills `buffer` with what begins at `offset`; fewer bytes only at the end.
    func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Errno) -> Int {
        let got = try descriptor.readAll(into: buffer, at: base + offset)
        if let overlay {
            for (i, byte) in overlay.bytes.enumerated() where offset..<offset + got ~= overlay.offset + i {
                buffer[overlay.offset + i - offset] = byte
            }
        }
        return got
    }

    /// The `count` bytes at `offset`, or nil when the file ends before.
    func bytes(at offset: Int, count: Int) throws(Errno) -> [UInt8]? {
        guard offset >= 0, offset <= size, count <= size - offset else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try bytes.withUnsafeMutableBufferPointer { buffer throws(Errno) in
            try read(UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
        return got == count ? bytes : nil
    }
}
