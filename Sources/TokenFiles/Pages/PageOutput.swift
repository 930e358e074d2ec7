import Tokens

/// Writes edition 2: pages of packets.
final class PageOutput: ContainerOutput {
    private let header: TokenHeader
    private let paging: Paging
    private let out: CountingSink
    private let coder: PageCoder
    private(set) var pieceCount = 0
    private(set) var payloadByteCount = 0
    private var index = SparseIndex<PageEntry>()
    private var pagesSinceEntry = 0
    private var contentHash: ContentHash

    init(_ header: TokenHeader, _ paging: Paging, _ out: CountingSink, learned: EntropyModel?) throws {
        let payload = try PagedHeader.encode(header, paging)
        self.header = header
        self.paging = paging
        self.out = out
        contentHash = ContentHash(header)
        coder = PageCoder(
            header, framesPerPacket: paging.layout.framesPerPacket, tableBits: PageCoder.tableBits(header, paging.layout), learned: learned)
        try out.emit(Preamble.bytes(major: PagedHeader.major, minor: PagedHeader.minor))
        try out.emit(BlockHeader.block(BlockKind.header, payload: payload))
        if let tags = header.tags, !tags.isEmpty { try out.emit(BlockHeader.block(BlockKind.tags, payload: TagsRecord.encode(tags))) }
    }

    var framesPerPiece: Int { paging.layout.framesPerPage }

    func put(_ piece: FramePiece, firstFrame: Int) throws {
        var place = PagePlace(flags: [], firstFrame: paging.firstFrame + firstFrame, frameCount: piece.frameCount)
        let isStart = header.entropy == .none || pieceCount % paging.layout.pagesPerModel == 0
        if isStart && header.entropy != .none { place.flags.insert(.freshModel) }
        if isStart && pieceCount > 0 && pagesSinceEntry >= paging.layout.pagesPerEntry {
            place.flags.insert(.entry)
            index.add(PageEntry(frame: place.firstFrame, offset: out.byteCount))
            pagesSinceEntry = 0
        }
        var payload = FieldWriter()
        if piece.hasSegments {
            place.flags.insert(.segments)
            let record = SegmentRecord.encode(piece.segments)
            payload.put(varint: record.count)
            payload.put(bytes: record)
        }
        let codes = try coder.encode(piece.codes, place)
        payload.put(bytes: codes)
        contentHash.update(piece.codes, segments: piece.segments, frames: piece.frameCount)
        try out.emit(BlockHeader.block(BlockKind.page, place: place, payload: payload.bytes))
        pieceCount += 1
        pagesSinceEntry += 1
        payloadByteCount += codes.count
    }

    func finish(frames: Int, samples: Int) throws {
        let end = EndBlock(
            frames: frames, samples: samples, length: out.byteCount, contentHash: contentHash.bytes, entries: index.entries)
        try out.emit(end.block)
    }
}
