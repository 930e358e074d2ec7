import Platform

/// FLAC in Ogg (the mapping of RFC 9639 §10.1), made plain FLAC.
///
/// libsndfile gives up on streams that libFLAC itself writes, so it gets the same packets without their pages.
enum OggFLAC {
    private static let magic: [UInt8] = [0x7F] + Array("FLAC".utf8)
    /// Magic, version and number of headers in front of the native stream's first bytes.
    private static let prefixBytes = 9

    /// Whether a stream's first packet is one of FLAC.
    static func matches(_ firstPacket: [UInt8]) -> Bool { firstPacket.starts(with: magic) }

    /// The FLAC stream in `link`, as a nameless file.
    static func unwrap(_ link: SeekableBytes) throws(Errno) -> SeekableBytes {
        let copy = SeekableBytes(ownedDescriptor: try Files.makeNameless())
        var serial: [UInt8]?
        _ = try OggPages.forEachPage(in: link) { offset, header, bodyBytes throws(Errno) in
            guard var body = try link.bytes(at: offset + header.count, count: bodyBytes) else { throw Errno.ioError }
            let number = Array(header[14..<18])
            if serial == nil && matches(body) {
                serial = number
                body.removeFirst(min(prefixBytes, body.count))
            }
            guard number == serial else { return }
            try body.withUnsafeBufferPointer { bytes throws(Errno) in try copy.append(UnsafeRawBufferPointer(bytes)) }
        }
        return copy
    }
}
