/// Packs unsigned values of any width into bytes, least significant bit first: the first value starts at bit 0 of the first byte.
public struct BitWriter: Sendable {
    /// The whole bytes so far.
    public private(set) var bytes: [UInt8] = []
    private var accumulator: UInt64 = 0
    private var filled = 0

    /// No bits yet.
    public init() {}

    /// Adds the `bits` (0...32) low bits of `value`; the bits above must be zero.
    public mutating func write(_ value: UInt32, bits: Int) {
        precondition(bits >= 0 && bits <= 32 && UInt64(value) >> UInt64(bits) == 0, "\(value) does not fit \(bits) bits")
        accumulator |= UInt64(value) << UInt64(filled)
        filled += bits
        while filled >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: accumulator))
            accumulator >>= 8
            filled -= 8
        }
    }

    /// All bytes, the last one padded with zero bits.
    public mutating func finish() -> [UInt8] {
        if filled > 0 {
            bytes.append(UInt8(truncatingIfNeeded: accumulator))
            (accumulator, filled) = (0, 0)
        }
        return bytes
    }
}

/// Reads what `BitWriter` wrote, never beyond its bytes.
public struct BitReader: Sendable {
    private let bytes: [UInt8]
    private var next = 0
    private var accumulator: UInt64 = 0
    private var filled = 0

    /// At the first bit of `bytes`.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next `bits` (0...32) bits as a value.
    /// - Throws: `TokenStreamError.truncated` when fewer are left.
    public mutating func read(bits: Int) throws(TokenStreamError) -> UInt32 {
        precondition(bits >= 0 && bits <= 32, "cannot read \(bits) bits at once")
        while filled < bits {
            guard next < bytes.count else { throw .truncated(part: "packed bits", offset: bytes.count) }
            accumulator |= UInt64(bytes[next]) << UInt64(filled)
            next += 1
            filled += 8
        }
        let value = UInt32(truncatingIfNeeded: accumulator & ((1 << UInt64(bits)) - 1))
        accumulator >>= UInt64(bits)
        filled -= bits
        return value
    }

    /// Checks that nothing but zero padding to the end of the current byte is left.
    /// - Throws: `TokenStreamError.invalidField` for set padding bits, `.trailingBytes` for more bytes.
    public func finish() throws(TokenStreamError) {
        guard next == bytes.count else { throw .trailingBytes(offset: next) }
        guard accumulator == 0 else {
            throw .invalidField(
                part: "packed bits", field: "padding", found: "set bits", expected: "zeros", offset: next - 1)
        }
    }
}
