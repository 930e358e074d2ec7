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
    let paging: Paging
    /// Number of the stream's first frame. Frames are handed out counted from it.
    let base: Int
    /// Offset of the recording's preamble: other recordings of a chain may stand before it.
    let start: Int
    /// Offset of the first block behind the header and the tags.
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
    var knownEnd: EndBlock?
    /// Flaws before the recording.
    private let earlierFlaws: Int
    /// What comes behind the end, once the end was met.
    private var following = Following.nothing

    private enum Following {
        case nothing, recording
        /// The header of a recording whose preamble was lost with the end of this one.
        case header(Block)
    }

    /// Reads the header and the tags behind a preamble.
    convenience init(_ sections: SectionReader, entropyModel: (TokenHeader) throws -> EntropyModel?) throws {
        let blocks = BlockReader(sections)
        guard let block = try blocks.read() else {
            throw TokenStreamError.truncated(part: "the header", offset: blocks.position)
        }
        guard block.header.kind == BlockKind.header else {
            throw TokenStreamError.invalidField(
                part: "first block", field: "kind", found: "\(block.header.kind)", expected: "\(BlockKind.header)", offset: block.offset)
        }
        try self.init(blocks, header: block, entropyModel: entropyModel)
    }

    /// - Parameter block: the header.
    private init(_ blocks: BlockReader, header block: Block, entropyModel: (TokenHeader) throws -> EntropyModel?) throws {
        self.blocks = blocks
        earlierFlaws = blocks.damage.count
        start = block.offset - Preamble.length
        let content = try PagedHeader.decode(block.payload, offset: block.payloadOffset)
        var header = content.header
        if content.hasTags { header.tags = try Self.readTags(blocks) }
        self.header = header
        paging = content.paging
        base = paging.firstFrame
        expectedFrame = base
        bodyOffset = blocks.position
        concealment = Concealment(header)
        contentHash = ContentHash(header)
        let learned = header.entropy == .lm ? try header.checkedEntropyModel(entropyModel(header)) : nil
        isDecodable = header.entropy != .lm || learned != nil
        coder = PageCoder(
            header, framesPerPacket: paging.layout.framesPerPacket, tableBits: content.tableBits, learned: learned)
        blocks.header = header
    }

    /// The block of tags at which `blocks` stands. A lenient reader goes on without damaged ones.
    static func readTags(_ blocks: BlockReader) throws -> [String: String]? {
        do {
            guard let block = try blocks.read() else { throw TokenStreamError.truncated(part: "the tags", offset: blocks.position) }
            guard block.header.kind == BlockKind.tags else {
                throw TokenStreamError.invalidField(
                    part: "block behind the header", field: "kind", found: "\(block.header.kind)", expected: "\(BlockKind.tags)",
                    offset: block.offset)
            }
            return try TagsRecord.decode(block.payload, offset: block.payloadOffset)
        } catch let error as TokenStreamError where error.isDamage {
            try blocks.tolerate(error)
            return nil
        }
    }

    func nextLink(entropyModel: (TokenHeader) throws -> EntropyModel?) throws -> (any ContainerInput)? {
        switch following {
        case .nothing: return nil
        case .header(let block): return try PageReader(blocks.successor(), header: block, entropyModel: entropyModel)
        case .recording: return try blocks.nextRecording(entropyModel: entropyModel)
        }
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
            following = .header(block)
            salvageEnd()
        case BlockKind.tags:
            try blocks.tolerate(
                .invalidField(
                    part: "tags", field: "place", found: "another", expected: "behind a header that announces them", offset: block.offset))
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
        if place.flags.contains(.entry) { index.add(PageEntry(frame: place.firstFrame, offset: block.offset - start)) }
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
        try lookBehindEnd()
        totals = TokenTotals(
            frames: record.frames, samples: record.samples, chunkCount: pageCount, byteCount: blocks.position - start, concealedFrames: 0,
            isSalvaged: false, digest: ContentDigest(beginning: record.contentHash))
    }

    /// Nothing but another recording may stand behind the end.
    private func lookBehindEnd() throws {
        if try blocks.isAtPreamble() {
            following = .recording
        } else if try blocks.hasMore() {
            try blocks.tolerate(.trailingBytes(offset: blocks.position))
        }
    }

    /// Checks the end mark against what was read. In lenient mode only what makes its totals unbelievable throws.
    private func check(_ record: EndBlock, _ block: Block) throws {
        func disagree(_ field: String, _ recorded: some CustomStringConvertible, _ found: some CustomStringConvertible) -> TokenStreamError {
            .disagreement(field: field, recorded: recorded.description, found: found.description, offset: block.payloadOffset)
        }
        let seen = expectedFrame - base
        guard record.frames >= seen, record.frames - seen <= FormatLimits.concealedChunks * FormatLimits.framesPerChunk,
            record.frames % header.layout.superframe == 0
        else { throw disagree("frame total", record.frames, seen) }
        let length = RecordingLength(samples: record.samples, frames: record.frames)
        try length.checkCover(header, offset: block.offset)
        if let known = header.original.sampleCount, known != record.samples { throw disagree("sample count", known, record.samples) }
        if record.frames > seen { try blocks.tolerate(gap(to: base + record.frames)) }
        if isWhole { try length.checkPadding(header, hasSegments: hasSegments, offset: block.offset) }
        guard damage.count == earlierFlaws && isWhole else { return }
        if record.length != block.offset - start { try blocks.tolerate(disagree("length", record.length, block.offset - start)) }
        if record.entries != index.entries { try blocks.tolerate(disagree("index", "other places", "those of the pages")) }
        if isDecodable && record.contentHash != contentHash.bytes {
            try blocks.tolerate(disagree("digest of the codes", hex(record.contentHash), hex(contentHash.bytes)))
        }
    }

    private func hex(_ bytes: [UInt8]) -> String { bytes.map { hexadecimal($0) }.joined() }

    /// Ends a stream without a believable end mark: the frames are those seen.
    private func salvageEnd() {
        let frames = expectedFrame - base
        let span = SampleSpan(header)
        let held = max(0, span.samples(frames: expectedFrame) - (span.samplesBefore(frame: base) ?? 0) - paging.skippedSamples)
        end = expectedFrame
        totals = TokenTotals(
            frames: frames, samples: min(header.original.sampleCount ?? held, held), chunkCount: pageCount, byteCount: blocks.position - start,
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
