/// Builds records of little-endian fields.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(bytes more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Bytes of the longest number of variable length, below 2⁶³.
    static let varintLimit = 9

    /// Seven bits a byte, the lowest first; the top bit says that more follow. `value` must not be negative.
    mutating func put(varint value: Int) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Length and bytes.
    mutating func put(text: String) {
        put(varint: text.utf8.count)
        put(bytes: text.utf8)
    }
}

/// Takes little-endian fields off a record, in order and within its bounds.
struct FieldReader {
    private var rest: ArraySlice<UInt8>
    private let part: String
    private let offset: Int

    /// `part` and `offset` (of the record's first byte in the stream) name the place in errors.
    init(_ bytes: some Collection<UInt8>, part: String, offset: Int) {
        self.rest = Array(bytes)[...]
        self.part = part
        self.offset = offset
    }

    /// Bytes not yet taken.
    var remaining: Int { rest.count }

    mutating func take<Value: FixedWidthInteger>(_ type: Value.Type) throws(TokenStreamError) -> Value {
        var value: Value = 0
        for (index, byte) in try take(bytes: MemoryLayout<Value>.size).enumerated() {
            value |= Value(truncatingIfNeeded: byte) << Value(truncatingIfNeeded: 8 * index)
        }
        return value
    }

    mutating func take(bytes count: Int) throws(TokenStreamError) -> ArraySlice<UInt8> {
        guard rest.count >= count else {
            throw invalid("length", found: "too short", expected: "\(count - rest.count) more byte(s)")
        }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }

    /// A number as `FieldWriter.put(varint:)` writes it, and in no other way.
    mutating func takeVarint(_ field: String) throws(TokenStreamError) -> Int {
        var value = 0
        for shift in stride(from: 0, to: 7 * FieldWriter.varintLimit, by: 7) {
            let byte = try take(UInt8.self)
            value |= Int(byte & 0x7F) << shift
            guard byte & 0x80 == 0 else { continue }
            if byte == 0 && shift > 0 { break }
            return value
        }
        throw invalid(field, found: "a long form", expected: "the shortest form of a number below 2⁶³")
    }

    /// The error of a field that holds what it must not.
    func invalid(_ field: String, found: some CustomStringConvertible, expected: String) -> TokenStreamError {
        .invalidField(part: part, field: field, found: "\(found)", expected: expected, offset: offset)
    }

    /// A number in `range`.
    mutating func takeVarint(_ field: String, in range: ClosedRange<Int>) throws(TokenStreamError) -> Int {
        let value = try takeVarint(field)
        guard range.contains(value) else {
            throw invalid(field, found: value, expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A text of `length` bytes.
    mutating func takeText(_ field: String, length: Int) throws(TokenStreamError) -> String {
        let bytes = try take(bytes: length)
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.elementsEqual(bytes) else {
            throw invalid(field, found: "bytes", expected: "UTF-8")
        }
        return text
    }

    /// Checks that every byte was taken.
    func finish() throws(TokenStreamError) {
        guard rest.isEmpty else {
            throw invalid("length", found: "\(rest.count) byte(s) too many", expected: "none left")
        }
    }
}

extension Collection where Element == UInt8 {
    /// The checksum that the last four bytes are.
    var checksumAtEnd: UInt32 { Array(suffix(4)).reversed().reduce(0) { $0 << 8 | UInt32($1) } }
}
