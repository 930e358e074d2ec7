import Tokens

/// Writes edition 1: a section of codes for each chunk, behind one of segments where some begin.
final class ChunkOutput: ContainerOutput {
    private let header: TokenHeader
    private let geometry: ChunkGeometry
    private let out: CountingSink
    private(set) var pieceCount = 0
    private(set) var payloadByteCount = 0
    private var sectionCount = 0
    private var index = ChunkIndex()
    /// Nil in entropy mode `none`.
    private let adaptive: AdaptiveChunks?

    init(_ header: TokenHeader, _ out: CountingSink, learned: EntropyModel?) throws {
        let payload = try HeaderRecord.encode(header)
        self.header = header
        self.out = out
        geometry = ChunkGeometry(header)
        adaptive = header.entropy == .none ? nil : AdaptiveChunks(geometry, learned: learned)
        // The least version that knows the mode.
        try out.emit(Preamble.bytes(major: Preamble.major, minor: Int(header.entropy.rawValue)))
        try emitSection(SectionType.header, payload: payload)
    }

    var framesPerPiece: Int { header.framesPerChunk }

    func put(_ piece: FramePiece, firstFrame: Int) throws {
        let payload =
            try adaptive?.encode(piece.codes, firstFrame: firstFrame, frames: piece.frameCount) ?? geometry.pack(piece.codes)
        index.add(offset: out.byteCount)
        if piece.hasSegments {
            try emitSection(
                SectionType.segments, firstFrame: firstFrame, frameCount: piece.frameCount, payload: SegmentRecord.encode(piece.segments))
        }
        try emitSection(SectionType.chunk, firstFrame: firstFrame, frameCount: piece.frameCount, payload: payload)
        pieceCount += 1
        payloadByteCount += payload.count
    }

    func finish(frames: Int, samples: Int) throws {
        let indexOffset = out.byteCount
        try emitSection(SectionType.index, payload: index.payload)
        let record = EndRecord(
            frames: frames, samples: samples, indexOffset: indexOffset, chunkCount: pieceCount, fileChecksum: out.checksum.value)
        try emitSection(SectionType.end, payload: record.payload)
    }

    private func emitSection(_ type: UInt16, firstFrame: Int = 0, frameCount: Int = 0, payload: [UInt8]) throws {
        guard sectionCount <= Int(UInt32.max) else {
            throw TokenStreamError.usage("more than 2³² sections; use more frames per chunk")
        }
        try out.emit(
            SectionHeader.section(
                type, sequence: sectionCount, firstFrame: firstFrame, frameCount: frameCount, payload: payload))
        sectionCount += 1
    }
}
