/// Writes a pickle of protocol 3 without a memo, which every Python 3 reads.
struct PickleWriter {
    private var bytes: [UInt8] = [0x80, 3]

    /// All bytes, ended.
    mutating func finish() -> [UInt8] { bytes + [UInt8(ascii: ".")] }

    mutating func text(_ text: String) {
        put("X", UInt32(text.utf8.count))
        bytes += Array(text.utf8)
    }

    mutating func bytes(_ content: [UInt8]) {
        put("B", UInt32(content.count))
        bytes += content
    }

    mutating func bool(_ value: Bool) { bytes.append(value ? 0x88 : 0x89) }

    mutating func integer(_ value: Int) {
        if let value = Int32(exactly: value) {
            put("J", value)
        } else {
            bytes += [0x8A, 8]
            put(value)
        }
    }

    /// A list of the one value that `body` writes.
    mutating func list(_ body: (inout PickleWriter) -> Void) {
        bytes.append(UInt8(ascii: "]"))
        body(&self)
        bytes.append(UInt8(ascii: "a"))
    }

    /// A dict of the keys and values that `body` writes in turn.
    mutating func dict(_ body: (inout PickleWriter) -> Void) {
        bytes += Array("}(".utf8)
        body(&self)
        bytes.append(UInt8(ascii: "u"))
    }

    /// A NumPy array whose data `body` writes: bytes, or a list for an array of objects (`type` "O8", `order` "|").
    mutating func array(type: String, order: String, shape: [Int], _ body: (inout PickleWriter) -> Void) {
        global("numpy.core.multiarray", "_reconstruct")
        global("numpy", "ndarray")
        integer(0)
        bytes.append(0x85)
        bytes([UInt8(ascii: "b")])
        bytes += [0x87, UInt8(ascii: "R")]
        bytes.append(UInt8(ascii: "("))
        integer(1)
        bytes.append(UInt8(ascii: "("))
        for size in shape { integer(size) }
        bytes.append(UInt8(ascii: "t"))
        self.type(type, order)
        bool(false)
        body(&self)
        bytes += Array("tb".utf8)
    }

    private mutating func type(_ type: String, _ order: String) {
        global("numpy", "dtype")
        text(type)
        bool(false)
        bool(true)
        bytes += [0x87, UInt8(ascii: "R")]
        bytes.append(UInt8(ascii: "("))
        integer(3)
        text(order)
        bytes += Array("NNN".utf8)
        integer(-1)
        integer(-1)
        integer(order == "|" ? 63 : 0)
        bytes += Array("tb".utf8)
    }

    private mutating func global(_ module: String, _ name: String) { bytes += Array("c\(module)\n\(name)\n".utf8) }

    private mutating func put(_ operation: Character, _ value: some FixedWidthInteger) {
        bytes += Array(String(operation).utf8)
        put(value)
    }

    private mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
