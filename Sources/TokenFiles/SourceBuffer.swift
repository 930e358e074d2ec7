import Platform

/// Looks ahead in a byte source. Its memory grows with the bytes that arrived, never with a length that a file claims.
final class SourceBuffer {
    /// Bytes that are asked for at a place that was sought; then twice as many each time.
    private static let shortestRead = 1 << 12
    private static let longestRead = 1 << 16

    private let source: any ByteSource
    private var storage: [UInt8] = []
    private var head = 0
    private var hasEnded = false
    private var scratch = [UInt8](repeating: 0, count: shortestRead)
    /// Offset in the stream of the next unread byte.
    private(set) var position = 0
    /// Checksum of all bytes consumed since the start.
    private(set) var checksum = CRC32C()

    init(_ source: any ByteSource) { self.source = source }

    /// Bytes that were read and not yet consumed.
    var available: Int { storage.count - head }

    /// Reads until `count` bytes are available; false when the stream ends before.
    func fill(_ count: Int) throws -> Bool {
        while available < count && !hasEnded {
            let got = try scratch.withUnsafeMutableBytes { try source.read(into: $0) }
            guard (0...scratch.count).contains(got) else {
                throw TokenStreamError.usage("a byte source returned \(got) of at most \(scratch.count) bytes")
            }
            hasEnded = got == 0
            storage.append(contentsOf: scratch[..<got])
            if got == scratch.count, got < Self.longestRead { scratch = [UInt8](repeating: 0, count: 2 * got) }
        }
        return available >= count
    }

    /// The next `count` bytes, which must be available.
    func peek(_ count: Int) -> ArraySlice<UInt8> { storage[head..<head + count] }

    /// Moves past `count` bytes, which must be available.
    func consume(_ count: Int) {
        checksum.update(peek(count))
        head += count
        position += count
        if head >= 1 << 16 || head == storage.count {
            storage.removeFirst(head)
            head = 0
        }
    }

    /// Distance to the first occurrence of `pattern` among the available bytes.
    func distance(to pattern: [UInt8]) -> Int? {
        var start = head
        while let found = storage[start...].firstIndex(of: pattern[0]) {
            if storage[found...].starts(with: pattern) { return found - head }
            start = found + 1
        }
        return nil
    }

    /// Continues at byte `offset` of a source that can seek. The checksum no longer stands for the whole stream.
    func seek(to offset: Int) throws {
        // What is there already is not read again.
        if offset >= position - head, offset <= position + available {
            head += offset - position
            position = offset
            return
        }
        try source.seek(to: offset)
        if scratch.count > Self.shortestRead { scratch = [UInt8](repeating: 0, count: Self.shortestRead) }
        storage.removeAll(keepingCapacity: true)
        head = 0
        hasEnded = false
        position = offset
    }

    /// Bytes of a source that can seek.
    var seekableLength: Int? { source.seekableLength }
}
