import Platform

/// Reads the rows of a `.npy` file of real numbers, little-endian float32 or float64 in C order, in pieces.
public final class NumPyFloatReader {
    /// Two dimensions or more.
    public let shape: [Int]
    /// Product of all dimensions but the last.
    public let rowCount: Int
    /// The last dimension.
    public var rowLength: Int { shape[shape.count - 1] }
    private let source: any ByteSource
    private let width: Int
    private let dataOffset: Int
    private var nextRow = 0

    /// - Parameter source: a file from its first byte; it must be able to seek.
    /// - Throws: `TokenStreamError.foreign` for anything but such a file of just the length that its shape needs.
    public init(_ source: any ByteSource) throws {
        guard let length = source.seekableLength else { throw TokenStreamError.usage("a .npy of latents cannot come from a pipe") }
        var prefix = try Self.read(source, count: min(length, NumPyCodes.magic.count + 6 + NumPyCodes.headerLimit))[...]
        let before = prefix.count
        let header = try NumPyHeader(prefix: &prefix)
        guard header.element.isFloat, !header.element.isBigEndian, !header.isFortranOrder, (2...4).contains(header.shape.count) else {
            throw TokenStreamError.foreign(
                format: "npy", reason: "expected float32 or float64, little-endian, in C order, of 2 to 4 dimensions")
        }
        dataOffset = before - prefix.count
        width = header.element.byteCount
        let count: Int
        do {
            count = try CheckedSize.elements(header.shape, bytesPerElement: width, budget: .max)
        } catch {
            throw TokenStreamError.foreign(format: "npy", reason: "\(error)")
        }
        guard length - dataOffset == count * width else {
            throw TokenStreamError.foreign(
                format: "npy", reason: "shape \(header.shape) needs \(count * width) bytes of data, the file has \(length - dataOffset)")
        }
        guard let last = header.shape.last, last > 0 else { throw TokenStreamError.foreign(format: "npy", reason: "rows of no numbers") }
        shape = header.shape
        rowCount = count / last
        self.source = source
        try rewind()
    }

    /// Makes the first row the next.
    public func rewind() throws {
        try source.seek(to: dataOffset)
        nextRow = 0
    }

    /// The next rows, at most `limit`, row-major; none at the end.
    /// - Throws: `TokenStreamError.foreign` when the file has become shorter, and what the source throws.
    public func read(rows limit: Int) throws -> [Float] {
        let rows = min(limit, rowCount - nextRow)
        if rows <= 0 { return [] }
        nextRow += rows
        let bytes = try Self.read(source, count: rows * rowLength * width)
        guard bytes.count == rows * rowLength * width else {
            throw TokenStreamError.foreign(format: "npy", reason: "the file ends before row \(nextRow)")
        }
        return bytes.withUnsafeBytes { raw in
            if width == 4 {
                return (0..<(rows * rowLength)).map {
                    Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            }
            return (0..<(rows * rowLength)).map {
                Float(Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))))
            }
        }
    }

    private static func read(_ source: any ByteSource, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let read = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<count]))
                if read == 0 { break }
                filled += read
            }
        }
    }
}
