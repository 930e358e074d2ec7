import Platform

/// Reads the rows of a `.npy` file of real numbers, of half, single or double precision, either byte order and either order of the
/// elements, in pieces.
public final class NumPyFloatReader {
    /// Two dimensions or more.
    public let shape: [Int]
    /// Product of all dimensions but the last.
    public let rowCount: Int
    /// The last dimension.
    public var rowLength: Int { shape[shape.count - 1] }
    private let source: any ByteSource
    private let element: NumPyHeader.Element
    private let isFortranOrder: Bool
    private let dataOffset: Int
    private var nextRow = 0

    /// - Parameter source: a file from its first byte; it must be able to seek.
    /// - Throws: `TokenStreamError.foreign` for anything but such a file of just the length that its shape needs.
    public init(_ source: any ByteSource) throws {
        guard let length = source.seekableLength else { throw TokenStreamError.usage("a .npy of latents cannot come from a pipe") }
        var prefix = try Self.read(source, count: min(length, NumPyCodes.magic.count + 6 + NumPyCodes.headerLimit))[...]
        let before = prefix.count
        let header = try NumPyHeader(prefix: &prefix)
        guard header.element.isFloat, (2...4).contains(header.shape.count) else {
            throw TokenStreamError.foreign(format: "npy", reason: "expected float16, float32 or float64 of 2 to 4 dimensions")
        }
        dataOffset = before - prefix.count
        element = header.element
        isFortranOrder = header.isFortranOrder
        let (count, width) = (try Self.count(header), header.element.byteCount)
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

    private static func count(_ header: NumPyHeader) throws(TokenStreamError) -> Int {
        do {
            return try CheckedSize.elements(header.shape, bytesPerElement: header.element.byteCount, budget: .max)
        } catch {
            throw .foreign(format: "npy", reason: "\(error)")
        }
    }

    /// Makes the first row the next.
    public func rewind() throws {
        try source.seek(to: dataOffset)
        nextRow = 0
    }

    /// The next rows, at most `limit`, row-major; none at the end.
    /// - Throws: `TokenStreamError.foreign` when the file has become shorter, `SizeError.overBudget` for rows that do not fit into memory
    ///   because they lie far from each other, and what the source throws.
    public func read(rows limit: Int) throws -> [Float] {
        let rows = min(limit, rowCount - nextRow)
        if rows <= 0 { return [] }
        defer { nextRow += rows }
        guard isFortranOrder else { return try values(rows * rowLength) }
        // The last index runs slowest: a column of all rows lies together, and so do the columns of rows that follow each other, except
        // where several indices make up the number of a row.
        let leading = Array(shape.dropLast())
        let places = (nextRow..<nextRow + rows).map { NumPyValues.fortranOffset(of: $0, shape: leading) }
        let (first, last) = (places.min() ?? 0, places.max() ?? 0)
        _ = try CheckedSize.elements([last - first + 1], bytesPerElement: element.byteCount + 4)
        var block = [Float](repeating: 0, count: rows * rowLength)
        for column in 0..<rowLength {
            try source.seek(to: dataOffset + (column * rowCount + first) * element.byteCount)
            let values = try values(last - first + 1)
            for (row, place) in places.enumerated() { block[row * rowLength + column] = values[place - first] }
        }
        return block
    }

    /// The next numbers of the file.
    private func values(_ count: Int) throws -> [Float] {
        let bytes = try Self.read(source, count: count * element.byteCount)
        guard bytes.count == count * element.byteCount else {
            throw TokenStreamError.foreign(format: "npy", reason: "the file ends among the rows from \(nextRow) on")
        }
        return NumPyValues.floats(bytes[...], element)
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
