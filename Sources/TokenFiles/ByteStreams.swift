/// Where bytes go.
public protocol ByteSink: AnyObject {
    /// Writes all of `bytes`, or throws.
    func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// Where bytes come from: a pipe, or something that can also seek.
public protocol ByteSource: AnyObject {
    /// Reads between 1 and `buffer.count` bytes into the front of `buffer` and returns how many; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
    /// Bytes in all when the source can seek, nil when it cannot.
    var seekableLength: Int? { get }
    /// Makes byte `offset` the next to be read. Only called when `seekableLength` is not nil.
    func seek(to offset: Int) throws
}

extension ByteSource {
    /// Nil: cannot seek.
    public var seekableLength: Int? { nil }

    /// - Throws: `TokenStreamError.usage`, since the source cannot seek.
    public func seek(to offset: Int) throws {
        throw TokenStreamError.usage("this source cannot seek")
    }
}

/// Collects bytes in memory.
public final class MemorySink: ByteSink {
    /// Everything written so far.
    public private(set) var bytes: [UInt8] = []

    /// Empty.
    public init() {}

    /// Appends `bytes`.
    public func write(_ bytes: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: bytes) }
}

/// Hands bytes to a closure.
public final class ClosureSink: ByteSink {
    private let body: (UnsafeRawBufferPointer) throws -> Void

    /// `body` takes all of its bytes, or throws.
    public init(_ body: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.body = body }

    /// Calls the closure once.
    public func write(_ bytes: UnsafeRawBufferPointer) throws { try body(bytes) }
}

/// Reads bytes in memory; can seek.
public final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    /// At the first of `bytes`.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Copies as much as fits.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }

    /// All bytes.
    public var seekableLength: Int? { bytes.count }

    /// - Throws: `TokenStreamError.usage` beyond the end.
    public func seek(to offset: Int) throws {
        guard (0...bytes.count).contains(offset) else {
            throw TokenStreamError.usage("cannot seek to byte \(offset) of \(bytes.count)")
        }
        position = offset
    }
}

/// Reads bytes from a closure with the contract of `ByteSource.read(into:)`; cannot seek.
public final class ClosureSource: ByteSource {
    private let body: (UnsafeMutableRawBufferPointer) throws -> Int

    /// `body` fills the front of a buffer and returns how many bytes it put there, 0 at the end.
    public init(_ body: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) { self.body = body }

    /// Calls the closure once.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try body(buffer) }
}
