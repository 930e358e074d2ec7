import Platform

/// Ogg pages (RFC 3533).
enum OggPages {
    static let magic: [UInt8] = Array("OggS".utf8)
    static let headerBytes = 27

    /// Calls `body` with the offset, header (with its segment table) and body length of each page; stops at the first
    /// byte that begins none.
    /// Returns where it stopped, and how long the file would have to be to hold a page that was cut.
    static func forEachPage(
        in bytes: SeekableBytes, from start: Int = 0, _ body: (_ offset: Int, _ header: [UInt8], _ bodyBytes: Int) throws(Errno) -> Void
    ) throws(Errno) -> (end: Int, cutPage: Int?) {
        var offset = start
        while offset < bytes.size {
            guard let fixed = try bytes.bytes(at: offset, count: headerBytes) else {
                let rest = try bytes.bytes(at: offset, count: min(4, bytes.size - offset)) ?? []
                return (offset, magic.starts(with: rest) ? offset + headerBytes : nil)
            }
            guard fixed.starts(with: magic) else { return (offset, nil) }
            let tableBytes = Int(fixed[26])
            guard let header = try bytes.bytes(at: offset, count: headerBytes + tableBytes) else {
                return (offset, offset + headerBytes + tableBytes)
            }
            let bodyBytes = header[headerBytes...].reduce(0) { $0 + Int($1) }
            let next = offset + header.count + bodyBytes
            guard next <= bytes.size else { return (offset, next) }
            try body(offset, header, bodyBytes)
            offset = next
        }
        return (offset, nil)
    }

    static func walk(_ bytes: SeekableBytes) throws(Errno) -> DeclaredExtent.Finding {
        var hasEnd = false
        let result = try forEachPage(in: bytes) { _, header, _ throws(Errno) in hasEnd = hasEnd || header[5] & 0x04 != 0 }
        if let expected = result.cutPage { return .short(expected: expected) }
        return hasEnd ? .sound : .noEnd
    }
}
