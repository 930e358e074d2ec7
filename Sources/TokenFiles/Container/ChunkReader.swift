import Tokens

/// Reads a stream of edition 1 behind its preamble, chunk by chunk. The lenient mode puts reordered chunks back in place when they are at most eight
/// chunks late, and drops repeated ones.
final class ChunkReader: ContainerInput {
    let header: TokenHeader
    private let version: (major: Int, minor: Int)
    var totals: TokenTotals?
    private(set) var skippedSections = 0

    let sections: SectionReader
    let geometry: ChunkGeometry
    /// Offset of the first section after the header.
    let bodyOffset: Int

    /// The next base frame to hand out.
    var expectedFrame = 0
    /// The base frame at which the next chunk of the stream begins if nothing is missing: `expectedFrame`, until something is wrong.
    private var dueFrame = 0
    /// The next section's number; nil right after a seek.
    private var expectedSequence: Int? = 0
    /// The segments of the chunk that is due next in the stream.
    private var segments: ChunkSegments?
    /// Sound chunks that wait for the ones before them, by first frame.
    private var waiting: [Int: WaitingChunk] = [:]
    /// Nil in entropy mode `none`, and in mode `lm` without the model.
    private let adaptive: AdaptiveChunks?
    /// Chunks that need a missing entropy model come without codes, for reports that need none.
    var skipsUndecodable = false
    /// A chunk that a seek found and `next()` returns first.
    var heldBack: TokenChunk?
    /// Frames in all, once the end was met.
    private var frameTotal: Int?
    private var concealment: Concealment
    private(set) var concealedFrames = 0
    /// Totals and index of a source that can seek, once a seek needed them.
    var fileIndex: (end: EndRecord, chunks: ChunkIndex)?
    private var index = ChunkIndex()
    private var indexOffset: Int?
    /// Whether codes come in segments, so far.
    private var hasSegments = false
    /// Whether everything since the start went through `next()`, so that the whole-file checks apply.
    private var isSequential = true

    /// Chunks that may wait for a late one before it is given up.
    private static let reorderLimit = 8

    init(
        _ sections: SectionReader, version: (major: Int, minor: Int), entropyModel: (TokenHeader) throws -> EntropyModel?
    ) throws {
        self.sections = sections
        self.version = version
        guard let section = try sections.readSection() else {
            throw TokenStreamError.truncated(part: "the header", offset: Preamble.length)
        }
        guard section.type == SectionType.header else {
            throw TokenStreamError.invalidField(
                part: "first section", field: "type", found: "\(section.type)", expected: "\(SectionType.header)",
                offset: section.offset)
        }
        header = try HeaderRecord.decode(section.payload, offset: section.payloadOffset)
        geometry = ChunkGeometry(header)
        concealment = Concealment(header)
        let learned = header.entropy == .lm ? try header.checkedEntropyModel(entropyModel(header)) : nil
        let isDecodable = header.entropy == .adaptive || learned != nil
        adaptive = isDecodable ? AdaptiveChunks(geometry, learned: learned) : nil
        bodyOffset = sections.buffer.position
        try geometry.check(section.header, offset: section.offset)
        sections.geometry = geometry
        try checkSequence(section)
    }

    var isDecodable: Bool { header.entropy == .none || adaptive != nil }
    var mode: ContainerReader.Mode { sections.mode }
    var damage: DamageLog { sections.damage }

    var seekableLength: Int? { sections.buffer.seekableLength }

    func tolerate(_ error: TokenStreamError) throws(TokenStreamError) { try sections.tolerate(error) }

    var isAtEnd: Bool { frameTotal.map { expectedFrame >= $0 } ?? false }

    func readOn() throws {
        if let section = try sections.next() {
            try accept(section)
        } else {
            try sections.tolerate(.truncated(part: "the end mark", offset: sections.buffer.position))
            salvageEnd()
        }
    }

    /// Goes on at byte `offset`, where the chunk that starts at `frame` is expected.
    func restart(atByte offset: Int, frame: Int) throws {
        try sections.buffer.seek(to: offset)
        expectedFrame = frame
        dueFrame = frame
        expectedSequence = nil
        waiting = [:]
        segments = nil
        heldBack = nil
        frameTotal = nil
        totals = nil
        indexOffset = nil
        concealment = Concealment(header)
        concealedFrames = 0
        isSequential = false
    }

    // MARK: Sections

    private func accept(_ section: Section) throws {
        if let segments, !section.header.isChunk { try dropSegments(segments) }
        switch section.type {
        case SectionType.chunk:
            try acceptChunk(section)
        case SectionType.segments:
            try acceptSegments(section)
        case SectionType.index:
            try checkSequence(section)
            try acceptIndex(section)
        case SectionType.end:
            try checkSequence(section)
            try acceptEnd(section)
        case SectionType.header:
            try sections.tolerate(
                .invalidField(
                    part: "section", field: "type", found: "\(section.type) (a second header)", expected: "one header",
                    offset: section.offset))
            salvageEnd()
        default:
            guard section.header.isOptional else {
                throw TokenStreamError.unknownSection(
                    type: Int(section.type), offset: section.offset, major: version.major, minor: version.minor)
            }
            try checkSequence(section)
            try checkBeforeIndex(section)
            skippedSections += 1
        }
    }

    private func acceptSegments(_ section: Section) throws {
        let first = Int(section.header.firstFrame)
        guard try checkTurn(section, first) else { return }
        dueFrame = max(dueFrame, first)
        hasSegments = true
        let frames = first..<first + section.header.frameCount
        do throws(TokenStreamError) {
            segments = ChunkSegments(
                frames: frames, offset: section.offset,
                tracks: try SegmentRecord.decode(
                    section.payload, tracks: header.trackCount, frames: frames.count, offset: section.payloadOffset))
        } catch {
            try sections.tolerate(error)
        }
    }

    /// Goes on without segments that their chunk did not follow.
    private func dropSegments(_ dropped: ChunkSegments) throws {
        segments = nil
        try sections.tolerate(
            .invalidField(
                part: "segments", field: "frames", found: "\(dropped.frames)", expected: "those of the chunk right after it",
                offset: dropped.offset))
    }

    private func acceptChunk(_ section: Section) throws {
        let first = Int(section.header.firstFrame)
        if let segments, segments.frames != first..<first + section.header.frameCount { try dropSegments(segments) }
        defer { segments = nil }
        guard try checkTurn(section, first) else { return }
        let frames = first..<first + section.header.frameCount
        dueFrame = max(dueFrame, frames.upperBound)
        do {
            let tracks = try header.entropy == .none
                ? geometry.unpack(section.payload, firstFrame: first, frames: frames.count, offset: section.payloadOffset)
                : nil
            waiting[first] = WaitingChunk(
                frames: frames, tracks: tracks, segments: segments?.tracks ?? [], payload: section.payload,
                payloadOffset: section.payloadOffset)
        } catch {
            try sections.tolerate(error)
        }
        index.add(offset: segments?.offset ?? section.offset)
    }

    private func acceptIndex(_ section: Section) throws {
        try checkBeforeIndex(section)
        indexOffset = section.offset
        if isIntact && isSequential && section.payload != index.payload {
            try sections.tolerate(
                .disagreement(
                    field: "index", recorded: "other offsets", found: "those of the chunks", offset: section.payloadOffset))
        }
    }

    private func acceptEnd(_ section: Section) throws {
        let record: EndRecord
        do {
            record = try EndRecord(section.payload, offset: section.payloadOffset)
            try checkEnd(record, section)
        } catch let error as TokenStreamError {
            try sections.tolerate(error)
            return salvageEnd()
        }
        frameTotal = Int(record.frames)
        if try sections.buffer.fill(1) { try sections.tolerate(.trailingBytes(offset: sections.buffer.position)) }
        totals = TokenTotals(
            frames: Int(record.frames), samples: Int(record.samples), chunkCount: Int(record.chunkCount),
            byteCount: sections.buffer.position, concealedFrames: 0, isSalvaged: false)
    }

    /// Checks the end mark against what was read. In lenient mode only what makes its totals unbelievable throws.
    private func checkEnd(_ record: EndRecord, _ section: Section) throws {
        try record.check(geometry, offset: section.payloadOffset)
        let (total, seen) = (Int(record.frames), framesSeen)
        guard total >= seen, isNear(total) else {
            throw TokenStreamError.disagreement(
                field: "frame total", recorded: "\(total)", found: "\(seen)", offset: section.payloadOffset)
        }
        if total > dueFrame { try sections.tolerate(.missingFrames(first: dueFrame, count: total - dueFrame)) }
        if isSequential { try record.checkPadding(geometry, hasSegments: hasSegments, offset: section.payloadOffset) }
        guard isIntact else { return }
        if record.indexOffset != indexOffset.map({ UInt64($0) }) {
            try sections.tolerate(
                .disagreement(
                    field: "index offset", recorded: "\(record.indexOffset)",
                    found: indexOffset.map { "\($0)" } ?? "no index", offset: section.payloadOffset))
        }
        if isSequential && record.fileChecksum != section.precedingChecksum {
            try sections.tolerate(.checksum(part: "the file as a whole", offset: 0))
        }
    }

    /// Ends a stream without a believable end mark: the frames are those seen.
    private func salvageEnd() {
        let frames = framesSeen
        let span = SampleSpan(header).samples(frames: frames)
        frameTotal = frames
        totals = TokenTotals(
            frames: frames, samples: min(header.original.sampleCount ?? span, span),
            chunkCount: geometry.chunkCount(frames: frames), byteCount: sections.buffer.position, concealedFrames: 0,
            isSalvaged: true)
    }

    // MARK: Order

    /// The end of the furthest chunk so far.
    private var framesSeen: Int { waiting.values.map(\.frames.upperBound).max() ?? expectedFrame }

    /// Whether nothing has gone wrong so far, so that whole-file checks are worth reporting.
    private var isIntact: Bool { damage.isEmpty }

    /// Whether a gap up to `frame` is short enough to be concealed.
    private func isNear(_ frame: Int) -> Bool {
        frame - expectedFrame <= FormatLimits.concealedChunks * geometry.framesPerChunk
    }

    /// Checks that the chunk at frame `first`, or its segments, come in their turn; false when they are of no use. A gap is recorded once,
    /// where it shows, whether or not a late chunk fills it.
    private func checkTurn(_ section: Section, _ first: Int) throws -> Bool {
        guard first >= expectedFrame, waiting[first] == nil else {
            noteSequence(section)
            try sections.tolerate(.repeatedChunk(firstFrame: first, offset: section.offset))
            return false
        }
        guard isNear(first) else {
            noteSequence(section)
            try sections.tolerate(
                .invalidField(
                    part: SectionType.name(section.type), field: "first frame", found: "\(first)", expected: "one near \(expectedFrame)",
                    offset: section.offset))
            return false
        }
        if first == dueFrame {
            try checkSequence(section)
        } else {
            noteSequence(section)
            if first > dueFrame { try sections.tolerate(.missingFrames(first: dueFrame, count: first - dueFrame)) }
        }
        try checkBeforeIndex(section)
        return true
    }

    private func checkSequence(_ section: Section) throws {
        let found = section.header.sequence
        if let expected = expectedSequence, found != expected, !(section.followsDamage && found > expected) {
            try sections.tolerate(.outOfSequence(expected: expected, found: found, offset: section.offset))
        }
        noteSequence(section)
    }

    private func noteSequence(_ section: Section) {
        expectedSequence = max(expectedSequence ?? 0, section.header.sequence + 1)
    }

    /// Only the end mark may follow the index.
    private func checkBeforeIndex(_ section: Section) throws {
        guard indexOffset != nil else { return }
        try sections.tolerate(
            .invalidField(
                part: SectionType.name(section.type), field: "place", found: "after the index",
                expected: "before it", offset: section.offset))
    }

    /// The chunk at `expectedFrame`, or a concealed one once it is clear that the sound one will not come.
    func nextReady() throws -> TokenChunk? {
        if let chunk = waiting.removeValue(forKey: expectedFrame) { return try release(chunk) }
        if let first = waiting.keys.min() {
            guard waiting.count > Self.reorderLimit || frameTotal != nil else { return nil }
            return conceal(upTo: first)
        }
        guard let frameTotal, expectedFrame < frameTotal else { return nil }
        return conceal(upTo: frameTotal)
    }

    /// The codes of the chunk whose turn it is, concealed when a lenient reader cannot decode them.
    private func release(_ waiting: WaitingChunk) throws -> TokenChunk {
        expectedFrame = waiting.frames.upperBound
        do throws(TokenStreamError) {
            var tracks = waiting.tracks ?? []
            if let adaptive {
                tracks = try adaptive.decode(
                    waiting.payload, firstFrame: waiting.frames.lowerBound, frames: waiting.frames.count,
                    offset: waiting.payloadOffset)
            } else if header.entropy == .lm && !skipsUndecodable {
                throw header.missingEntropyModel
            }
            for (track, segments) in zip(tracks.indices, waiting.segments) { tracks[track].segments = segments }
            let chunk = TokenChunk(
                firstFrame: waiting.frames.lowerBound, frameCount: waiting.frames.count, tracks: tracks)
            concealment.remember(chunk)
            return chunk
        } catch {
            try sections.tolerate(error)
            concealedFrames += waiting.frames.count
            return concealment.chunk(waiting.frames)
        }
    }

    /// A piece of the gap that ends at `frame`, at most to the end of the current chunk.
    private func conceal(upTo frame: Int) -> TokenChunk {
        let chunkEnd = (expectedFrame / geometry.framesPerChunk + 1) * geometry.framesPerChunk
        let chunk = concealment.chunk(expectedFrame..<min(frame, chunkEnd))
        expectedFrame = chunk.frames.upperBound
        concealedFrames += chunk.frameCount
        return chunk
    }
}
