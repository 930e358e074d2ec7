import Platform

/// One block, read and checked.
struct Block {
    var header: BlockHeader
    var payload: [UInt8]
    /// Place in the stream.
    var offset: Int

    var payloadOffset: Int { offset + header.length }
}

/// Cuts a stream of edition 2 into blocks. The lenient mode records damage and goes on at the next sound header of a block.
final class BlockReader {
    /// Known once the header was read.
    var header: TokenHeader?

    let sections: SectionReader
    private var buffer: SourceBuffer { sections.buffer }
    private var nested = NestedDamage()

    /// Goes on where `sections` stands.
    init(_ sections: SectionReader) { self.sections = sections }

    var mode: ContainerReader.Mode { sections.mode }
    var damage: DamageLog { sections.damage }
    var position: Int { buffer.position }
    var seekableLength: Int? { buffer.seekableLength }

    /// Throws `error` in strict mode and records it in lenient mode.
    func tolerate(_ error: TokenStreamError) throws(TokenStreamError) { try sections.tolerate(error) }

    func seek(to offset: Int) throws { try buffer.seek(to: offset) }

    /// Does `body`, which may read elsewhere in a source that can seek, and goes on where it was.
    func aside<Value>(_ body: () throws -> Value) throws -> Value {
        let place = buffer.position
        let result = Result { try body() }
        try buffer.seek(to: place)
        return try result.get()
    }

    func hasMore() throws -> Bool { try buffer.fill(1) }

    /// Whether a recording begins here.
    func isAtPreamble() throws -> Bool {
        let magic = Preamble.magic
        // Not a byte more than tells, so that nobody waits for what a live stream has not sent yet.
        for count in 1...magic.count {
            guard try buffer.fill(count), buffer.peek(count).elementsEqual(magic.prefix(count)) else { return false }
        }
        return true
    }

    /// A reader of the same stream that knows nothing of the recording so far.
    func successor() -> BlockReader { BlockReader(sections) }

    /// The recording whose preamble stands here.
    /// - Throws: `TokenStreamError.invalidField` for one of edition 1, which stands alone.
    func nextRecording(entropyModel: (TokenHeader) throws -> EntropyModel?) throws -> PageReader {
        let offset = position
        let version = try sections.readPreamble()
        guard version.major == PagedHeader.major else {
            throw TokenStreamError.invalidField(
                part: "preamble", field: "major version", found: "\(version.major)", expected: "\(PagedHeader.major) in a chain", offset: offset)
        }
        return try PageReader(sections, entropyModel: entropyModel)
    }

    /// Bytes of a source that can seek, whose place changes.
    func bytes(at offset: Int, count: Int) throws -> ArraySlice<UInt8> {
        try buffer.seek(to: offset)
        guard try buffer.fill(count) else { throw TokenStreamError.truncated(part: "the end mark", offset: offset) }
        return buffer.peek(count)
    }

    /// The next block, nil at the end of the stream.
    func next() throws -> Block? {
        while true {
            do {
                return try read()
            } catch let error as TokenStreamError where error.isDamage {
                try tolerate(error)
                guard try resynchronise() else { return nil }
            }
        }
    }

    /// The block at the current place, or nil at the end of the stream. Moves on only when it is sound, or in lenient mode when one flipped bit makes it
    /// so.
    func read() throws -> Block? {
        guard try buffer.fill(1) else { return nil }
        let block: BlockHeader
        do {
            block = try BlockHeader(at: buffer)
            try check(block, offset: buffer.position)
        } catch let error as TokenStreamError where error.isDamage {
            guard mode == .lenient, let repaired = try repairedHeader() else { throw error }
            try tolerate(error)
            return repaired
        }
        return try read(block)
    }

    /// The block whose header differs from the bytes at the current place by one bit, if there is one with the right checksum.
    private func repairedHeader() throws -> Block? {
        _ = try buffer.fill(BlockHeader.longest)
        for block in BlockHeader.repairs(of: buffer.peek(buffer.available)) {
            let length = block.length + block.payloadLength + BlockHeader.trailerLength
            guard (try? check(block, offset: 0)) != nil, try buffer.fill(length) else { continue }
            let payload = buffer.peek(length).dropFirst(block.length).dropLast(BlockHeader.trailerLength)
            guard CRC32C.checksum(block.bytes + payload) == buffer.peek(length).checksumAtEnd else { continue }
            return take(block, Array(payload), length)
        }
        return nil
    }

    private func read(_ block: BlockHeader) throws -> Block {
        let offset = buffer.position
        let length = block.length + block.payloadLength + BlockHeader.trailerLength
        guard try buffer.fill(length) else {
            throw TokenStreamError.truncated(part: "the rest of the \(BlockKind.name(block.kind))", offset: offset + buffer.available)
        }
        var bytes = Array(buffer.peek(length - BlockHeader.trailerLength))
        if CRC32C.checksum(bytes) != buffer.peek(length).checksumAtEnd {
            let error = TokenStreamError.checksum(part: BlockKind.name(block.kind), offset: offset + block.length)
            // A page is worth the search where those behind it cannot be decoded without it.
            guard mode == .lenient, block.kind != BlockKind.page || header?.entropy != .some(.none),
                CRC32C.repairSingleBit(&bytes, expected: buffer.peek(length).checksumAtEnd)
            else {
                nested.note(offset..<offset + length)
                throw error
            }
            try tolerate(error)
        }
        return take(block, Array(bytes.dropFirst(block.length)), length)
    }

    private func take(_ block: BlockHeader, _ payload: [UInt8], _ length: Int) -> Block {
        let offset = buffer.position
        buffer.consume(length)
        return Block(header: block, payload: payload, offset: offset)
    }

    /// Checks a block's header against what its kind and this file allow, before its payload is read.
    private func check(_ block: BlockHeader, offset: Int) throws(TokenStreamError) {
        func require(
            _ valid: Bool, _ field: String, _ found: some CustomStringConvertible, _ expected: String
        ) throws(TokenStreamError) {
            if !valid {
                throw .invalidField(
                    part: BlockKind.name(block.kind), field: field, found: found.description, expected: expected, offset: offset)
            }
        }
        var limit = FormatLimits.payloadBytes
        if let header, let place = block.place {
            let superframe = header.layout.superframe
            try require(
                PageFlags.known.isSuperset(of: place.flags) && (header.entropy != .none || !place.flags.contains(.freshModel))
                    && (header.entropy == .none || !place.flags.contains(.entry) || place.flags.contains(.freshModel)),
                "flags", place.flags.rawValue, "those of an entropy mode \(header.entropy.name)")
            try require(
                (1...FormatLimits.framesPerChunk).contains(place.frameCount) && place.frameCount % superframe == 0, "frame count",
                place.frameCount, "a multiple of \(superframe) up to \(FormatLimits.framesPerChunk)")
            let base = header.paging?.firstFrame ?? 0
            try require(
                (place.firstFrame - base) % superframe == 0
                    && place.firstFrame <= FormatLimits.sampleCount.upperBound - FormatLimits.framesPerChunk,
                "first frame", place.firstFrame,
                "a multiple of \(superframe) from \(base) on")
            let codes = header.trackCount * header.layout.codebooks.reduce(0) { $0 + place.frameCount / $1.stride }
            try require(codes <= FormatLimits.codesPerChunk, "codes", codes, "at most \(FormatLimits.codesPerChunk)")
            let packets = header.entropy == .none ? 0 : 3 * (place.frameCount / superframe + 1)
            let segments = place.flags.contains(.segments)
                ? SegmentRecord.lengthLimit(tracks: header.trackCount, frames: place.frameCount) + FieldWriter.varintLimit : 0
            if segments > 0 { try require(superframe == 1, "superframe", superframe, "1, which segments need") }
            limit = min(limit, header.packedLength(frames: place.frameCount) + packets + segments)
        }
        try require(block.payloadLength <= limit, "payload length", block.payloadLength, "at most \(limit)")
    }

    /// Skips at least one byte and stops before the next sound header of a block; false when there is none.
    private func resynchronise() throws -> Bool {
        buffer.consume(min(nested.skip(from: buffer.position), buffer.available))
        while try buffer.fill(BlockHeader.sync.count) {
            guard let distance = buffer.distance(to: BlockHeader.sync) else {
                buffer.consume(buffer.available - (BlockHeader.sync.count - 1))
                continue
            }
            buffer.consume(distance)
            if let header = try? BlockHeader(at: buffer), (try? check(header, offset: buffer.position)) != nil { return true }
            buffer.consume(1)
        }
        buffer.consume(buffer.available)
        return false
    }
}
