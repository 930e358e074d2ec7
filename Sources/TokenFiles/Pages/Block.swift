import Platform

/// What a block of edition 2 holds. Kinds with the top bit are optional: a reader that does not know one skips it.
enum BlockKind {
    static let header: UInt8 = 1
    static let page: UInt8 = 2
    static let end: UInt8 = 3
    /// Key–value texts, directly behind a header that announces them.
    static let tags: UInt8 = 0xC0
    /// A reader that does not know such a kind skips it.
    static let optionalFlag: UInt8 = 0x80
    /// Of an optional kind: it stays true when codes, their order or their cut into pages change.
    static let copySafeFlag: UInt8 = 0x40
    /// Of an optional kind: it belongs to no registry.
    static let privateFlag: UInt8 = 0x20

    static func name(_ kind: UInt8) -> String {
        switch kind {
        case header: return "header"
        case page: return "page"
        case end: return "end mark"
        case tags: return "tags"
        default: return "block of kind \(kind)"
        }
    }
}

/// What is true of a page.
struct PageFlags: OptionSet, Hashable {
    let rawValue: UInt8

    /// Its first packet starts with a fresh entropy model.
    static let freshModel = PageFlags(rawValue: 1)
    /// Segments begin in it; its payload begins with them.
    static let segments = PageFlags(rawValue: 2)
    /// The index may lead here.
    static let entry = PageFlags(rawValue: 4)
    static let known: PageFlags = [.freshModel, .segments, .entry]
}

/// Which frames a page holds.
struct PagePlace: Hashable {
    var flags: PageFlags
    var firstFrame: Int
    var frameCount: Int

    var frames: Range<Int> { firstFrame..<firstFrame + frameCount }
}

/// The bytes in front of a block's payload: sync word, kind, for pages their place, the payload's length, and a checksum of these.
struct BlockHeader: Equatable {
    static let sync: [UInt8] = [0xC5, 0x7A]
    /// Bytes of the checksum behind the payload.
    static let trailerLength = 4

    var kind: UInt8
    /// Of pages alone.
    var place: PagePlace?
    var payloadLength: Int

    /// Bytes of the header.
    var length: Int { bytes.count }
    var isOptional: Bool { kind & BlockKind.optionalFlag != 0 }

    var bytes: [UInt8] {
        var fields = FieldWriter()
        fields.put(bytes: Self.sync)
        fields.put(kind)
        if let place {
            fields.put(place.flags.rawValue)
            fields.put(varint: place.firstFrame)
            fields.put(varint: place.frameCount)
        }
        fields.put(varint: payloadLength)
        fields.put(Self.check(fields.bytes))
        return fields.bytes
    }

    /// A whole block.
    static func block(_ kind: UInt8, place: PagePlace? = nil, payload: [UInt8]) -> [UInt8] {
        let bytes = BlockHeader(kind: kind, place: place, payloadLength: payload.count).bytes + payload
        var trailer = FieldWriter()
        trailer.put(CRC32C.checksum(bytes))
        return bytes + trailer.bytes
    }

    /// Half of the checksum of `bytes`: a sync word and 16 bits more are met by chance once in 2³² places.
    fileprivate static func check(_ bytes: [UInt8]) -> UInt16 { UInt16(truncatingIfNeeded: CRC32C.checksum(bytes)) }

}

extension BlockHeader {
    /// The header at which `buffer` stands, which stays there. Reads no byte more than it needs, so that a live stream need not wait.
    /// - Throws: `TokenStreamError.truncated`, `.checksum` for anything but a sound header; what the source throws.
    init(at buffer: SourceBuffer) throws {
        let offset = buffer.position
        try self.init(offset: offset) { index in
            guard try buffer.fill(index + 1) else { throw TokenStreamError.truncated(part: "a block header", offset: offset + buffer.available) }
            return buffer.peek(index + 1).last ?? 0
        }
    }

    /// Most bytes of a header.
    static let longest = sync.count + 2 + 3 * FieldWriter.varintLimit + 2

    /// The headers that differ by one bit from the beginning of `bytes`, which is none.
    static func repairs(of bytes: ArraySlice<UInt8>) -> [BlockHeader] {
        let bytes = Array(bytes.prefix(longest))
        return (0..<8 * bytes.count).compactMap { bit in
            try? BlockHeader(offset: 0) { index in
                guard index < bytes.count else { throw TokenStreamError.truncated(part: "a block header", offset: 0) }
                return index == bit / 8 ? bytes[index] ^ 1 << UInt8(bit % 8) : bytes[index]
            }
        }
    }

    private init(offset: Int, byte: (_ index: Int) throws -> UInt8) throws {
        var bytes: [UInt8] = []
        func next() throws -> UInt8 {
            bytes.append(try byte(bytes.count))
            return bytes[bytes.count - 1]
        }
        let damaged = TokenStreamError.checksum(part: "block header", offset: offset)
        func varint() throws -> Int {
            var value = 0
            for shift in stride(from: 0, to: 7 * FieldWriter.varintLimit, by: 7) {
                let byte = try next()
                value |= Int(byte & 0x7F) << shift
                if byte & 0x80 == 0 {
                    if byte == 0 && shift > 0 { break }
                    return value
                }
            }
            throw damaged
        }
        for byte in Self.sync where try next() != byte { throw damaged }
        kind = try next()
        if kind == BlockKind.page {
            let flags = PageFlags(rawValue: try next())
            place = PagePlace(flags: flags, firstFrame: try varint(), frameCount: try varint())
        }
        payloadLength = try varint()
        let check = Self.check(bytes)
        guard UInt16(try next()) | UInt16(try next()) << 8 == check else { throw damaged }
    }
}
