import Platform

/// The first 16 bytes of a file, laid out the same in every version: magic, version and their checksum.
enum Preamble {
    static let magic: [UInt8] = [0x89] + Array("CODETTA".utf8)
    static let major = 1
    static let length = 16

    static func bytes(major: Int, minor: Int) -> [UInt8] {
        var fields = FieldWriter()
        fields.put(bytes: magic)
        fields.put(UInt16(major))
        fields.put(UInt16(minor))
        fields.put(CRC32C.checksum(fields.bytes))
        return fields.bytes
    }
}

/// What a section holds. Types with the top bit set are optional: a reader that does not know one skips it.
enum SectionType {
    static let header: UInt16 = 1
    static let chunk: UInt16 = 2
    static let index: UInt16 = 3
    static let end: UInt16 = 4
    static let segments: UInt16 = 5
    static let optionalFlag: UInt16 = 0x8000

    static func name(_ type: UInt16) -> String {
        switch type {
        case header: return "header"
        case chunk: return "chunk"
        case index: return "index"
        case end: return "end mark"
        case segments: return "segments"
        default: return "section of type \(type)"
        }
    }
}

/// The 32 bytes before every section's payload.
struct SectionHeader: Equatable {
    static let length = 32
    static let sync: [UInt8] = [0xC0, 0xDE, 0x77, 0xA5]

    var type: UInt16
    /// Base frames of a chunk, or of the one whose segments these are; 0 in other sections.
    var frameCount = 0
    /// Number of the section in the file, from 0.
    var sequence: Int
    /// First base frame of a chunk, or of the one whose segments these are; 0 in other sections.
    var firstFrame: UInt64 = 0
    var payloadLength: Int
    var payloadChecksum: UInt32

    /// A whole section with this header's type, sequence and frames around `payload`.
    static func section(
        _ type: UInt16, sequence: Int, firstFrame: Int = 0, frameCount: Int = 0, payload: [UInt8]
    ) -> [UInt8] {
        var fields = FieldWriter()
        fields.put(bytes: sync)
        fields.put(type)
        fields.put(UInt16(frameCount))
        fields.put(UInt32(sequence))
        fields.put(UInt64(firstFrame))
        fields.put(UInt32(payload.count))
        fields.put(CRC32C.checksum(payload))
        fields.put(CRC32C.checksum(fields.bytes))
        return fields.bytes + payload
    }

    /// Whether 32 bytes start with the sync word and agree with their checksum.
    static func isSound(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: sync) && CRC32C.checksum(bytes.prefix(length - 4)) == storedChecksum(bytes)
    }

    /// The header's own checksum, its last four bytes.
    static func storedChecksum(_ bytes: some Collection<UInt8>) -> UInt32 {
        bytes.prefix(length).checksumAtEnd
    }

    /// The fields of 32 sound bytes found at `offset`.
    init(_ bytes: some Collection<UInt8>, offset: Int) throws(TokenStreamError) {
        var fields = FieldReader(bytes, part: "section header", offset: offset)
        _ = try fields.take(bytes: Self.sync.count)
        type = try fields.take(UInt16.self)
        frameCount = Int(try fields.take(UInt16.self))
        sequence = Int(try fields.take(UInt32.self))
        firstFrame = try fields.take(UInt64.self)
        payloadLength = Int(try fields.take(UInt32.self))
        payloadChecksum = try fields.take(UInt32.self)
    }

    var isOptional: Bool { type & SectionType.optionalFlag != 0 }
    var isChunk: Bool { type == SectionType.chunk }
    var isSegments: Bool { type == SectionType.segments }
}
