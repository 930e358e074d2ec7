/// Builds records of little-endian fields.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(bytes more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }
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
            throw .invalidField(
                part: part, field: "length", found: "too short", expected: "\(count - rest.count) more byte(s)", offset: offset)
        }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }

    /// Checks that every byte was taken.
    func finish() throws(TokenStreamError) {
        guard rest.isEmpty else {
            throw .invalidField(
                part: part, field: "length", found: "\(rest.count) byte(s) too many", expected: "none left", offset: offset)
        }
    }
}
