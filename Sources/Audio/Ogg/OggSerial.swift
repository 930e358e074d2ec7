import Platform

extension OggPages {
    /// Gives every page of the single stream in `bytes` serial number 1.
    ///
    /// libsndfile draws the number from the clock; with a fixed one the same samples give the same file.
    static func renumber(_ bytes: SeekableBytes) throws(Errno) {
        var checksum = OggChecksum()
        _ = try forEachPage(in: bytes) { offset, header, bodyBytes throws(Errno) in
            var header = header
            header.replaceSubrange(14..<18, with: [1, 0, 0, 0])
            header.replaceSubrange(22..<26, with: [0, 0, 0, 0])
            guard let body = try bytes.bytes(at: offset + header.count, count: bodyBytes) else { throw Errno.ioError }
            checksum.reset()
            checksum.update(header)
            checksum.update(body)
            let value = checksum.value
            header.replaceSubrange(22..<26, with: (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) })
            try header.withUnsafeBufferPointer { buffer throws(Errno) in
                try bytes.write(UnsafeRawBufferPointer(buffer), at: offset)
            }
        }
    }
}

/// The checksum of Ogg pages (RFC 3533 §6): polynomial 0x04C11DB7, most significant bit first, no inversions.
struct OggChecksum {
    private(set) var value: UInt32 = 0

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte) << 24) { rest, _ in rest & 0x8000_0000 == 0 ? rest << 1 : rest << 1 ^ 0x04C1_1DB7 }
    }

    mutating func reset() { value = 0 }

    mutating func update(_ bytes: [UInt8]) {
        for byte in bytes { value = value << 8 ^ Self.table[Int(UInt8(truncatingIfNeeded: value >> 24) ^ byte)] }
    }
}
