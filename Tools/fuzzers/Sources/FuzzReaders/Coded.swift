import Audio
import Foundation

/// Streams of MPEG audio and Ogg: the input as it is, or frames and pages around pieces of it, whose headers and checksums the fuzzer could not
/// guess.
func readCodedAudio(_ choice: UInt8, _ input: [UInt8]) throws {
    let bytes: [UInt8]
    switch choice >> 4 & 3 {
    case 1: bytes = frames(of: input)
    case 2: bytes = pages(of: input)
    default: bytes = input
    }
    // A frame of 24 bytes is 576 samples: most of the time would go into decoding.
    try readAudio(choice & 0x07, bytes, limit: 1 << 13)
}

/// Bytes of a stream after which no frame or page is added.
private let sizeLimit = 1 << 12

/// Takes an input apart.
private struct Pieces {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}

private func frames(of input: [UInt8]) -> [UInt8] {
    var pieces = Pieces(input)
    var bytes: [UInt8] = []
    while let kind = pieces.byte(), bytes.count < sizeLimit {
        func frame(_ header: [UInt8], _ size: Int) -> [UInt8] {
            let body = pieces.bytes(min(size - header.count, Int(kind >> 3) * 4))
            return header + body + [UInt8](repeating: 0, count: size - header.count - body.count)
        }
        switch kind & 7 {
        // MPEG 2, layer III: 8 kb/s at 24 kHz on one channel, and 32 kb/s at 16 kHz on two.
        case 0, 1: bytes += frame([0xFF, 0xF3, 0x14, 0xC0], 24)
        case 2: bytes += frame([0xFF, 0xF3, kind & 0x80 == 0 ? 0x48 : 0x08, 0x00], 144)
        case 3:
            var info = frame([0xFF, 0xF3, 0x48, 0xC0], 144)
            info.replaceSubrange(13..<17, with: "Info".utf8)
            bytes += info
        case 4: bytes += Array("ID3".utf8) + [3, 0, 0, 0, 0, 0, kind >> 3] + pieces.bytes(Int(kind >> 3))
        case 5: bytes += Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)
        case 6: bytes += Array("APETAGEX".utf8) + pieces.bytes(24)
        default: bytes += pieces.bytes(Int(kind >> 3) + 1)
        }
    }
    return bytes
}

private func pages(of input: [UInt8]) -> [UInt8] {
    var pieces = Pieces(input)
    var bytes: [UInt8] = []
    while let kind = pieces.byte(), let size = pieces.byte(), bytes.count < sizeLimit {
        var body = pieces.bytes(Int(size) * (kind & 0x40 == 0 ? 1 : 16))
        if kind & 0x80 != 0 { body = [0x7F] + Array("FLAC".utf8) + [1, 0, 0, 1] + Array("fLaC".utf8) + body }
        let table = [UInt8](repeating: 255, count: body.count / 255) + [UInt8(body.count % 255)]
        var page = Array("OggS".utf8) + [0, kind & 7] + [UInt8](repeating: kind >> 3 & 1, count: 8) + [kind >> 4 & 1, 0, 0, 0]
        page += [0, 0, 0, 0, 0, 0, 0, 0, UInt8(table.count)] + table + body
        var checksum: UInt32 = 0
        for byte in page {
            checksum ^= UInt32(byte) << 24
            for _ in 0..<8 { checksum = checksum & 0x8000_0000 == 0 ? checksum << 1 : checksum << 1 ^ 0x04C1_1DB7 }
        }
        page.replaceSubrange(22..<26, with: little(checksum))
        bytes += page
    }
    return bytes
}
