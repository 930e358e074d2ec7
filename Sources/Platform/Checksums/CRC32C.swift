/// The Castagnoli cyclic redundancy check (RFC 3720 appendix B.4): polynomial 0x1EDC6F41, reflected, initial value and final
/// exclusive-or 0xFFFFFFFF. Computed eight bytes a step from tables.
public struct CRC32C: Sendable {
    /// 0x1EDC6F41 with its bits reversed, as the reflected algorithm uses it.
    static let polynomial: UInt32 = 0x82F6_3B78

    private var register: UInt32 = 0xFFFF_FFFF

    /// The checksum of nothing yet.
    public init() {}

    /// The checksum of everything so far.
    public var value: UInt32 { ~register }

    /// The checksum of `bytes`.
    public static func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
        var crc = CRC32C()
        crc.update(bytes)
        return crc.value
    }

    /// Adds `bytes`.
    public mutating func update(_ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ update(UnsafeRawBufferPointer($0)) }) == nil {
            Array(bytes).withUnsafeBytes { update($0) }
        }
    }

    /// Adds `bytes`.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var crc = register
        var position = 0
        Self.tables.withUnsafeBufferPointer { tables in
            func entry(_ table: Int, _ word: UInt32, _ shift: UInt32) -> UInt32 {
                tables[table << 8 | Int(word >> shift & 0xFF)]
            }
            while position + 8 <= bytes.count {
                let low = crc ^ UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
                let high = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
                crc =
                    entry(7, low, 0) ^ entry(6, low, 8) ^ entry(5, low, 16) ^ entry(4, low, 24)
                    ^ entry(3, high, 0) ^ entry(2, high, 8) ^ entry(1, high, 16) ^ entry(0, high, 24)
                position += 8
            }
            while position < bytes.count {
                crc = crc >> 8 ^ entry(0, crc ^ UInt32(bytes[position]), 0)
                position += 1
            }
        }
        register = crc
    }

    /// Table j advances the register over a byte that is followed by j zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = advance(crc) }
            tables[byte] = crc
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()

    /// The register after one zero bit.
    private static func advance(_ crc: UInt32) -> UInt32 {
        crc >> 1 ^ (crc & 1 == 1 ? polynomial : 0)
    }

    /// Flips the one bit of `bytes` that makes their checksum `expected`; nothing when no single bit, or a bit of the stored
    /// checksum itself, explains the difference.
    ///
    /// A CRC is linear, so that a flipped bit changes it by a pattern that depends on the bit's distance from the end alone.
    /// For random damage the chance of a wrong repair is the number of bits / 2³², hence this is for short parts only.
    /// - Returns: whether the bytes can now be trusted.
    package static func repairSingleBit(_ bytes: inout [UInt8], expected: UInt32) -> Bool {
        let difference = checksum(bytes) ^ expected
        if difference.nonzeroBitCount <= 1 { return true }
        var pattern = polynomial
        for index in bytes.indices.reversed() {
            for bit in (0..<8).reversed() {
                if pattern == difference {
                    bytes[index] ^= 1 << UInt8(bit)
                    return true
                }
                pattern = advance(pattern)
            }
        }
        return false
    }
}
