import Platform

/// One section, read and checked.
struct Section {
    var header: SectionHeader
    var payload: [UInt8]
    /// Place of the section header in the stream.
    var offset: Int
    /// Checksum of all bytes of the stream before the section.
    var precedingChecksum: UInt32
    /// Whether damaged bytes were skipped to find this section.
    var followsDamage: Bool

    var payloadOffset: Int { offset + SectionHeader.length }
    var type: UInt16 { header.type }
}

/// Cuts a stream into sections. The lenient mode records damage and goes on at the next sound section header.
final class SectionReader {
    let buffer: SourceBuffer
    let mode: ContainerReader.Mode
    private(set) var damage = DamageLog()
    /// Known once the header was read.
    var geometry: ChunkGeometry?
    private var nested = NestedDamage()
    /// Of edition 2: the end marks of a chain by the offsets of their recordings, once they were looked for.
    var endMarks: [Int: EndBlock]?

    init(_ source: any ByteSource, mode: ContainerReader.Mode) {
        self.buffer = SourceBuffer(source)
        self.mode = mode
    }

    /// Throws `error` in strict mode and records it in lenient mode.
    func tolerate(_ error: TokenStreamError) throws(TokenStreamError) {
        guard mode == .lenient, error.isDamage else { throw error }
        damage.record(error)
    }

    /// Reads the first 16 bytes and returns the file's version.
    func readPreamble() throws -> (major: Int, minor: Int) {
        let length = Preamble.length
        guard try buffer.fill(length) else {
            let found = buffer.peek(buffer.available)
            let compared = min(found.count, Preamble.magic.count)
            guard found.prefix(compared).elementsEqual(Preamble.magic.prefix(compared)) else {
                throw TokenStreamError.notCodetta(found: Array(found.prefix(compared)))
            }
            throw TokenStreamError.truncated(part: "the magic", offset: found.count)
        }
        var bytes = Array(buffer.peek(length - 4))
        let stored = buffer.peek(length).checksumAtEnd
        let isSound = CRC32C.checksum(bytes) == stored
        let isRepaired = !isSound && mode == .lenient && CRC32C.repairSingleBit(&bytes, expected: stored)
        guard bytes.starts(with: Preamble.magic) else {
            throw TokenStreamError.notCodetta(found: Array(bytes.prefix(Preamble.magic.count)))
        }
        if !isSound {
            let error = TokenStreamError.checksum(part: "magic and version", offset: 0)
            guard isRepaired else { throw error }
            try tolerate(error)
        }
        let (major, minor) = (Int(bytes[8]) | Int(bytes[9]) << 8, Int(bytes[10]) | Int(bytes[11]) << 8)
        // The minor version of edition 2 is what a reader needs, that of edition 1 says no more than what a writer used.
        guard major == Preamble.major || (major == PagedHeader.major && minor <= PagedHeader.minor) else {
            throw TokenStreamError.newerVersion(major: major, minor: minor)
        }
        buffer.consume(length)
        return (major, minor)
    }

    /// The next section, nil at the end of the stream.
    func next() throws -> Section? {
        var followsDamage = false
        while true {
            do {
                return try readSection(followsDamage: followsDamage)
            } catch let error as TokenStreamError where error.isDamage {
                try tolerate(error)
                followsDamage = true
                guard try resynchronise() else { return nil }
            }
        }
    }

    /// Reads the section at the current position, or nil at the end of the stream. Consumes it only when it is sound.
    func readSection(followsDamage: Bool = false) throws -> Section? {
        let offset = buffer.position
        guard try buffer.fill(1) else { return nil }
        guard try buffer.fill(SectionHeader.length) else {
            throw TokenStreamError.truncated(part: "a section header", offset: offset + buffer.available)
        }
        let header = try readHeader(offset: offset)
        let name = SectionType.name(header.type)
        guard header.payloadLength <= FormatLimits.payloadBytes else {
            throw TokenStreamError.invalidField(
                part: name, field: "payload length", found: "\(header.payloadLength)",
                expected: "at most \(FormatLimits.payloadBytes)", offset: offset)
        }
        try geometry?.check(header, offset: offset)
        let length = SectionHeader.length + header.payloadLength
        guard try buffer.fill(length) else {
            throw TokenStreamError.truncated(part: "the rest of the \(name)", offset: offset + buffer.available)
        }
        var payload = Array(buffer.peek(length).dropFirst(SectionHeader.length))
        if CRC32C.checksum(payload) != header.payloadChecksum {
            let error = TokenStreamError.checksum(part: name, offset: offset + SectionHeader.length)
            // A chunk is worth the search where others cannot be decoded without it.
            let isRepairable =
                header.type == SectionType.header || header.type == SectionType.end
                || (header.isChunk && [.adaptive, .lm].contains(geometry?.header.entropy))
            guard isRepairable, mode == .lenient,
                CRC32C.repairSingleBit(&payload, expected: header.payloadChecksum)
            else {
                nested.note(offset..<offset + length)
                throw error
            }
            try tolerate(error)
        }
        let checksum = buffer.checksum.value
        buffer.consume(length)
        return Section(
            header: header, payload: payload, offset: offset, precedingChecksum: checksum, followsDamage: followsDamage)
    }

    /// The current section header, with a single flipped bit put right in lenient mode.
    private func readHeader(offset: Int) throws(TokenStreamError) -> SectionHeader {
        let bytes = Array(buffer.peek(SectionHeader.length))
        if SectionHeader.isSound(bytes) { return try SectionHeader(bytes, offset: offset) }
        let error = TokenStreamError.checksum(part: "section header", offset: offset)
        var repaired = Array(bytes.dropLast(4))
        guard mode == .lenient,
            CRC32C.repairSingleBit(&repaired, expected: SectionHeader.storedChecksum(bytes)),
            repaired.starts(with: SectionHeader.sync)
        else { throw error }
        try tolerate(error)
        return try SectionHeader(repaired + bytes.suffix(4), offset: offset)
    }

    /// Skips at least one byte and stops before the next sound section header; false when there is none.
    private func resynchronise() throws -> Bool {
        buffer.consume(min(nested.skip(from: buffer.position), buffer.available))
        while try buffer.fill(SectionHeader.length) {
            guard let distance = buffer.distance(to: SectionHeader.sync) else {
                buffer.consume(buffer.available - (SectionHeader.sync.count - 1))
                continue
            }
            buffer.consume(distance)
            guard try buffer.fill(SectionHeader.length) else { break }
            if SectionHeader.isSound(buffer.peek(SectionHeader.length)) { return true }
            buffer.consume(1)
        }
        buffer.consume(buffer.available)
        return false
    }
}
