/// Tags that stand in front of, behind and between audio of any format, and are none.
enum Tags {
    static let longestHeader = 32

    /// Bytes of the tag that begins with `beginning` (as many of its first 32 bytes as there are); nil when it begins none.
    ///
    /// ID3v2 (id3.org), ID3v1 and its extension, APEv1 and APEv2.
    static func size(_ beginning: UnsafeRawBufferPointer) -> Int? {
        id3v2(beginning) ?? closing(beginning)
    }

    /// Bytes of an ID3v2 tag, which may stand in front of any format.
    static func id3v2(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 10, bytes.starts(with: "ID3".utf8), bytes[3] < 0xFF, bytes[4] < 0xFF else { return nil }
        guard bytes[6..<10].allSatisfy({ $0 < 0x80 }) else { return nil }
        let content = bytes[6..<10].reduce(0) { $0 << 7 | Int($1) }
        let footer = bytes[5] & 0x10 != 0 ? 10 : 0
        return 10 + content + footer
    }

    /// Bytes of the tag that ends with `tail`, the last 128 bytes of a file; 0 when there is none.
    static func closingSize(_ tail: UnsafeRawBufferPointer) -> Int {
        if tail.starts(with: "TAG".utf8) { return 128 }
        let footer = UnsafeRawBufferPointer(rebasing: tail.suffix(32))
        guard footer.starts(with: "APETAGEX".utf8) else { return 0 }
        let fields = Array(footer)
        let hasHeader = littleEndian32(fields, at: 20) & 1 << 31 != 0
        return Int(littleEndian32(fields, at: 12)) + (hasHeader ? 32 : 0)
    }

    private static func closing(_ bytes: UnsafeRawBufferPointer) -> Int? {
        if bytes.starts(with: "TAG+".utf8) { return 227 }
        if bytes.starts(with: "TAG".utf8) { return 128 }
        guard bytes.count >= 32, bytes.starts(with: "APETAGEX".utf8) else { return nil }
        let header = Array(bytes.prefix(32))
        let isHeader = littleEndian32(header, at: 20) & 1 << 29 != 0
        return 32 + (isHeader ? Int(littleEndian32(header, at: 12)) : 0)
    }
}
