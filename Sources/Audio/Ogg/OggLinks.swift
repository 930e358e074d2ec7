import Platform

/// The links of a chained Ogg file (RFC 3533 §4): whole streams one after the other, as radio recordings and `cat` make them.
enum OggLinks {
    /// One link.
    struct Link {
        /// Bytes of the file from its first page to its last.
        var range: Range<Int>
        /// What stands in its first page.
        var firstPacket: [UInt8]
    }

    /// Most bytes of a first packet that are looked at.
    private static let longestPacket = 64

    /// Where each link begins and ends. Bytes between pages belong to the link before.
    static func find(in bytes: SeekableBytes) throws(Errno) -> [Link] {
        var starts: [(offset: Int, packet: [UInt8])] = []
        var wasFirst = false
        var offset = 0
        while true {
            let stop = try OggPages.forEachPage(in: bytes, from: offset) { offset, header, bodyBytes throws(Errno) in
                // A link begins with the first pages of all its streams, then come the others.
                let isFirst = header[5] & 0x02 != 0
                if isFirst && !wasFirst {
                    let packet = try bytes.bytes(at: offset + header.count, count: min(bodyBytes, longestPacket)) ?? []
                    starts.append((offset, packet))
                }
                wasFirst = isFirst
            }
            guard stop.cutPage == nil, let next = try page(in: bytes, after: stop.end) else { break }
            offset = next
        }
        return starts.indices.map { i in
            Link(
                range: starts[i].offset..<(i + 1 < starts.count ? starts[i + 1].offset : bytes.size),
                firstPacket: starts[i].packet)
        }
    }

    /// The next place behind `offset` where a page begins: after damage, or something that was put between two links.
    private static func page(in bytes: SeekableBytes, after offset: Int) throws(Errno) -> Int? {
        var offset = offset + 1
        while offset < bytes.size {
            let count = min(1 << 16, bytes.size - offset)
            guard let window = try bytes.bytes(at: offset, count: count) else { return nil }
            for i in window.indices.dropLast(3) where window[i] == OggPages.magic[0] {
                if window[i..<i + 4].elementsEqual(OggPages.magic) { return offset + i }
            }
            guard count > 4 else { return nil }
            offset += count - 3
        }
        return nil
    }
}
