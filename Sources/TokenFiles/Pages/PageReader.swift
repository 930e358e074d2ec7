import Platform
import Tokens

/// Reads a stream of edition 2 behind its preamble, page by page.
final class PageReader: ContainerInput {
    let header: TokenHeader
    var totals: TokenTotals?
    private(set) var skippedSections = 0
    var skipsUndecodable = false
    let isDecodable: Bool

    let blocks: BlockReader
    /// Number of the stream's first frame. Frames are handed out counted from it.
    let base: Int
    /// Offset of the first block behind the header.
    let bodyOffset: Int

    private let coder: PageCoder
    /// The next base frame to hand out, by its number in the file.
    private var expectedFrame: Int
    /// A page that came after a gap, once the gap is filled.
    private var waiting: (page: Block, place: PagePlace)?
    /// A chunk that a seek found and `next()` returns first.
    var heldBack: TokenChunk?
    /// End of the stream's frames, once the end was met.
    private var end: Int?
    private var concealment: Concealment
    private(set) var concealedFrames = 0
    /// Whether codes come in segments, so far.
    private var hasSegments = false
    private var pageCount = 0
    private var index = SparseIndex<PageEntry>()
    private var contentHash: ContentHash
    /// Whether all codes since the start went through `next()`, so that checks of the whole apply.
    private var isWhole = true
    /// End mark of a source that can seek, once a seek needed it.
    var knownEnd: (end: EndBlock, offset: Int)?

    init(_ sections: SectionReader, entropyModel: (TokenHeader) throws -> EntropyModel?) throws {
        blocks = BlockReader(sections)
        guard let block = try blocks.read() else {
            throw TokenStreamError.truncated(part: "the header", offset: Preamble.length)
        }
        guard block.header.kind == BlockKind.header else {
            throw TokenStreamError.invalidField(
                part: "first block", field: "kind", found: "\(block.header.kind)", expected: "\(BlockKind.header)", offset: block.offset)
        }
        let (header, tableBits) = try PagedHeader.decode(block.payload, offset: block.payloadOffset)
        self.header = header
        let paging = header.paging
        base = paging?.firstFrame ?? 0
        expectedFrame = base
        bodyOffset = sections.buffer.position
        concealment = Concealment(header)
        contentHash = ContentHash(header)
        let learned = header.entropy == .lm ? try header.checkedEntropyModel(entropyModel(header)) : nil
        isDecodable = header.entropy != .lm || learned != nil
        coder = PageCoder(
            header, framesPerPacket: paging?.layout.framesPerPacket ?? 1, tableBits: tableBits, learned: learned)
        blocks.header = header
    }

    var damage: DamageLog { blocks.damage }

    var seekableLength: Int? { blocks.seekableLength }

    func tolerate(_ error: TokenStreamError) throws(TokenStreamError) { try blocks.tolerate(error) }

    var isAtEnd: Bool { end.map { expectedFrame >= $0 } ?? false }

    func readOn() throws {
        if let block = try blocks.next() {
            try accept(block)
        } else {
            try blocks.tolerate(.truncated(part: "the end mark", offset: blocks.position))
            salvageEnd()
        }
    }

    /// Goes on at byte `offset`, where the page that starts at frame number `frame` is expected.
    func restart(atByte offset: Int, frame: Int) throws {
        try blocks.seek(to: offset)
        expectedFrame = frame
        (waiting, heldBack, end, totals) = (nil, nil, nil, nil)
        concealment = Concealment(header)
        concealedFrames = 0
        isWhole = false
    }

    // MARK: Blocks

    private func accept(_ block: Block) throws {
        switch block.header.kind {
        case BlockKind.page:
            if let place = block.header.place { try acceptPage(block, place) }
        case BlockKind.end:
            try acceptEnd(block)
        case BlockKind.header:
            try blocks.tolerate(
                .invalidField(
                    part: "block", field: "kind", found: "\(block.header.kind) (a second header)", expected: "one header", offset: block.offset))
            salvageEnd()
        default:
            guard block.header.isOptional else {
                throw TokenStreamError.unknownSection(
                    type: Int(block.header.kind), offset: block.offset, major: PagedHeader.major, minor: PagedHeader.minor)
            }
            skippedSections += 1
        }
    }

    private func acceptPage(_ block: Block, _ place: PagePlace) throws {
        guard place.firstFrame >= expectedFrame else {
            return try blocks.tolerate(.repeatedChunk(firstFrame: place.firstFrame - base, offset: block.offset))
        }
        if place.firstFrame > expectedFrame {
            try blocks.tolerate(gap(to: place.firstFrame))
            guard place.firstFrame - expectedFrame <= FormatLimits.concealedChunks * max(1, place.frameCount) else { return }
        }
        if place.flags.contains(.entry) { index.add(PageEntry(frame: place.firstFrame, offset: block.offset)) }
        pageCount += 1
        if place.flags.contains(.segments) { hasSegments = true }
        waiting = (block, place)
    }

    private func gap(to frame: Int) -> TokenStreamError {
        .missingFrames(first: expectedFrame - base, count: frame - expectedFrame)
    }

    private func acceptEnd(_ block: Block) throws {
        let record: EndBlock
        do {
            record = try EndBlock(block.payload, headerLength: block.header.length, offset: block.offset)
            try check(record, block)
        } catch let error as TokenStreamError {
            try blocks.tolerate(error)
            return salvageEnd()
        }
        end = base + record.frames
        if try blocks.hasMore() { try blocks.tolerate(.trailingBytes(offset: blocks.position)) }
        totals = TokenTotals(
            frames: record.frames, samples: record.samples, chunkCount: pageCount, byteCount: blocks.position, concealedFrames: 0,
            isSalvaged: false)
    }

    /// Checks the end mark against what was read. In lenient mode only what makes its totals unbelievable throws.
    private func check(_ record: EndBlock, _ block: Block) throws {
        func disagree(_ field: String, _ recorded: some CustomStringConvertible, _ found: some CustomStringConvertible) -> TokenStreamError {
            .disagreement(field: field, recorded: recorded.description, found: found.description, offset: block.payloadOffset)
        }
        let (seen, span) = (expectedFrame - base, SampleSpan(header))
        guard record.frames >= seen, record.frames - seen <= FormatLimits.concealedChunks * FormatLimits.framesPerChunk,
            record.frames % header.layout.superframe == 0
        else { throw disagree("frame total", record.frames, seen) }
        try span.checkCover(samples: record.samples, frames: record.frames, offset: block.payloadOffset)
        if let known = header.original.sampleCount, known != record.samples { throw disagree("sample count", known, record.samples) }
        if record.frames > seen { try blocks.tolerate(gap(to: base + record.frames)) }
        if isWhole {
            try span.checkPadding(samples: record.samples, frames: record.frames, hasSegments: hasSegments, offset: block.payloadOffset)
        }
        guard damage.isEmpty && isWhole else { return }
        if record.blocks != block.number { try blocks.tolerate(disagree("block total", record.blocks, block.number)) }
        if record.entries != index.entries { try blocks.tolerate(disagree("index", "other places", "those of the pages")) }
        if isDecodable && record.contentHash != contentHash.bytes {
            try blocks.tolerate(disagree("digest of the codes", hex(record.contentHash), hex(contentHash.bytes)))
        }
    }

    private func hex(_ bytes: [UInt8]) -> String { bytes.map { hexadecimal($0) }.joined() }

    /// Ends a stream without a believable end mark: the frames are those seen.
    private func salvageEnd() {
        let frames = expectedFrame - base
        let span = SampleSpan(header).samples(frames: frames)
        end = expectedFrame
        totals = TokenTotals(
            frames: frames, samples: min(header.original.sampleCount ?? span, span), chunkCount: pageCount, byteCount: blocks.position,
            concealedFrames: 0, isSalvaged: true)
    }

    // MARK: Order

    /// The page whose turn it is, or a concealed piece of the gap before it or before the end.
    func nextReady() throws -> TokenChunk? {
        if let (block, place) = waiting {
            if place.firstFrame > expectedFrame { return conceal(upTo: place.firstFrame) }
            waiting = nil
            return try release(block, place)
        }
        guard let end, expectedFrame < end else { return nil }
        return conceal(upTo: end)
    }

    private func release(_ block: Block, _ place: PagePlace) throws -> TokenChunk {
        expectedFrame = place.frames.upperBound
        do throws(TokenStreamError) {
            guard isDecodable || skipsUndecodable else { throw header.missingEntropyModel }
            let tracks = isDecodable ? try decode(block, place) : []
            let chunk = TokenChunk(firstFrame: place.firstFrame - base, frameCount: place.frameCount, tracks: tracks)
            concealment.remember(chunk)
            return chunk
        } catch {
            try blocks.tolerate(error)
            concealedFrames += place.frameCount
            return concealment.chunk(place.firstFrame - base..<expectedFrame - base)
        }
    }

    private func decode(_ block: Block, _ place: PagePlace) throws(TokenStreamError) -> [Codes] {
        var payload = block.payload[...]
        var segments: [[CodeSegment]] = []
        if place.flags.contains(.segments) {
            var fields = FieldReader(payload, part: "page", offset: block.payloadOffset)
            let limit = SegmentRecord.lengthLimit(tracks: header.trackCount, frames: place.frameCount)
            let length = try fields.takeVarint("length of the segments", in: 1...limit)
            let record = Array(try fields.take(bytes: length))
            segments = try SegmentRecord.decode(
                record, tracks: header.trackCount, frames: place.frameCount, offset: block.payloadOffset)
            payload = payload.suffix(fields.remaining)
        }
        var tracks = try coder.decode(payload, place, offset: block.payloadOffset)
        if isWhole {
            contentHash.update(tracks.map { $0.streams.map { $0[...] } }, segments: segments, frames: place.frameCount)
        }
        for (track, segments) in zip(tracks.indices, segments) { tracks[track].segments = segments }
        return tracks
    }

    /// A piece of the gap that ends at `frame`.
    private func conceal(upTo frame: Int) -> TokenChunk {
        let most = max(header.layout.superframe, header.framesPerChunk)
        let chunk = concealment.chunk(expectedFrame - base..<min(frame, expectedFrame + most) - base)
        expectedFrame += chunk.frameCount
        concealedFrames += chunk.frameCount
        return chunk
    }
}
