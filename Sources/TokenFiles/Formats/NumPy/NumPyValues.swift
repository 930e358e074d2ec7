import Checkpoints
import Platform

/// The elements of NumPy's arrays, of whatever type and order, as the values that are computed with.
enum NumPyValues {
    /// The integers or booleans that fill `data`, in the order of the file.
    /// - Throws: `TokenStreamError.foreign` for values outside 0..<2³¹.
    static func integers(
        _ data: ArraySlice<UInt8>, _ element: NumPyHeader.Element, format: String
    ) throws(TokenStreamError) -> [Int32] {
        let size = element.byteCount
        var values: [Int32] = []
        values.reserveCapacity(data.count / size)
        for start in stride(from: data.startIndex, to: data.endIndex, by: size) {
            let value = bits(data[start..<start + size], element)
            let isNegative = element.isSigned && value >> UInt64(8 * size - 1) == 1
            guard !isNegative, value <= UInt64(Int32.max) else {
                throw .foreign(
                    format: format, reason: "element \(values.count) is not a code: outside 0..<2147483648")
            }
            values.append(Int32(value))
        }
        return values
    }

    /// The real numbers that fill `data`, in the order of the file; those of double precision are rounded.
    static func floats(_ data: ArraySlice<UInt8>, _ element: NumPyHeader.Element) -> [Float] {
        switch element.byteCount {
        case 2: return words(data, element).map { ElementConversion.float(fromHalf: $0) }
        case 4: return words(data, element).map { Float(bitPattern: $0) }
        default: return words(data, element).map { Float(Double(bitPattern: $0)) }
        }
    }

    private static func words<Word: FixedWidthInteger>(_ data: ArraySlice<UInt8>, _ element: NumPyHeader.Element) -> [Word] {
        data.withUnsafeBytes { bytes in
            (0..<bytes.count / MemoryLayout<Word>.size).map {
                let word = bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Word>.size, as: Word.self)
                return element.isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word)
            }
        }
    }

    @inline(__always)
    private static func bits(_ bytes: ArraySlice<UInt8>, _ element: NumPyHeader.Element) -> UInt64 {
        var value: UInt64 = 0
        if element.isBigEndian {
            for byte in bytes { value = value << 8 | UInt64(byte) }
        } else {
            for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        }
        return value
    }

    /// Values of an array of `shape` in row-major order, given those in the order of the file. They must fill the shape.
    static func rowMajor<Value>(_ values: [Value], shape: [Int], isFortranOrder: Bool) -> [Value] {
        guard isFortranOrder, shape.count(where: { $0 > 1 }) > 1 else { return values }
        return (0..<values.count).map { values[fortranOffset(of: $0, shape: shape)] }
    }

    /// Where in a file in Fortran's order, whose first index runs fastest, the element is that has this place in row-major order.
    static func fortranOffset(of place: Int, shape: [Int]) -> Int {
        var (rest, offset) = (place, 0)
        var count = shape.reduce(1, *)
        for size in shape.reversed() {
            count /= size
            offset += rest % size * count
            rest /= size
        }
        return offset
    }
}
