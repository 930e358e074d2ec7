import Tokens

/// Codes the chunks of one stream in entropy modes 1 and 2: carries the model from chunk to chunk and starts it afresh every
/// `chunksPerModel`.
final class AdaptiveChunks {
    private let geometry: ChunkGeometry
    /// The trained network of mode 2.
    private let learned: EntropyModel?
    private var model: AdaptiveModel?
    /// The only frame, apart from those where the model starts afresh, whose chunk can follow.
    private var nextFrame = 0

    /// Chunks from one fresh model to the next: what a seek has to decode and what damage can cost, against what the model learns.
    static let chunksPerModel = 64

    init(_ geometry: ChunkGeometry, learned: EntropyModel?) {
        self.geometry = geometry
        self.learned = learned
    }

    /// The payload of the next chunk.
    /// - Throws: `TokenStreamError.lostContext` for any but the next one.
    func encode(_ codes: [[ArraySlice<Int32>]], firstFrame: Int, frames: Int) throws(TokenStreamError) -> [UInt8] {
        let model = try startModel(firstFrame: firstFrame, offset: 0)
        let packedLength = geometry.payloadLength(frames: frames)
        var coder = RangeEncoder(limit: packedLength - 1)
        forEachCode(frames: frames) { track, k, index in
            let stream = codes[track][k]
            _ = model.code(UInt32(bitPattern: stream[stream.startIndex + index]), track: track, codebook: k, using: &coder)
        }
        nextFrame = firstFrame + frames
        return coder.finish() ?? geometry.pack(codes)
    }

    /// The codes of a chunk whose header was checked.
    /// - Throws: `TokenStreamError.lostContext` when the chunk before was not decoded and the model does not start afresh;
    ///   `.invalidField` for a payload that no encoder makes. No later chunk decodes then until the model starts afresh.
    func decode(
        _ payload: [UInt8], firstFrame: Int, frames: Int, offset: Int
    ) throws(TokenStreamError) -> [Codes] {
        let model = try startModel(firstFrame: firstFrame, offset: offset)
        nextFrame = -1
        var tracks: [Codes]
        if payload.count == geometry.payloadLength(frames: frames) {
            tracks = try geometry.unpack(payload, firstFrame: firstFrame, frames: frames, offset: offset)
            try learn(tracks, model, frames: frames, offset: offset)
        } else {
            tracks = emptyTracks(frames: frames)
            var coder = RangeDecoder(payload, offset: offset)
            try forEachCode(frames: frames) { track, k, _ throws(TokenStreamError) in
                let code = try model.code(0, track: track, codebook: k, using: &coder)
                tracks[track].streams[k].append(Int32(bitPattern: code))
            }
            try coder.finish()
        }
        nextFrame = firstFrame + frames
        return tracks
    }

    /// The chunk that holds the fresh model from which chunk `chunk` can be reached.
    static func start(of chunk: Int) -> Int { chunk / chunksPerModel * chunksPerModel }

    private func startModel(firstFrame: Int, offset: Int) throws(TokenStreamError) -> AdaptiveModel {
        if firstFrame % (Self.chunksPerModel * geometry.framesPerChunk) == 0 {
            let bits = geometry.packedBits(frames: geometry.framesPerChunk)
            let fresh = AdaptiveModel(geometry.header, learned: learned, decisions: bits * Self.chunksPerModel)
            model = fresh
            return fresh
        }
        guard firstFrame == nextFrame, let model else { throw .lostContext(firstFrame: firstFrame, offset: offset) }
        return model
    }

    /// A chunk that an encoder stores packed is one that it could not have coded in fewer bytes; the model learns it all the same, which
    /// is as much work as to see that it is such a one.
    private func learn(_ tracks: [Codes], _ model: AdaptiveModel, frames: Int, offset: Int) throws(TokenStreamError) {
        let packedLength = geometry.payloadLength(frames: frames)
        var coder = RangeEncoder(limit: packedLength - 1)
        forEachCode(frames: frames) { track, k, index in
            let code = UInt32(bitPattern: tracks[track].streams[k][index])
            _ = model.code(code, track: track, codebook: k, using: &coder)
        }
        guard let shorter = coder.finish() else { return }
        throw .invalidField(
            part: "chunk", field: "packed payload of", found: "\(packedLength) bytes", expected: "the range-coded one of \(shorter.count)",
            offset: offset)
    }

    private func emptyTracks(frames: Int) -> [Codes] {
        let codebooks = geometry.header.layout.codebooks
        let track = Codes(
            streams: codebooks.map { codebook in
                var stream: [Int32] = []
                stream.reserveCapacity(frames / codebook.stride)
                return stream
            })
        return Array(repeating: track, count: geometry.header.trackCount)
    }

    /// Visits a chunk's codes in order of time, those that start at one frame by codebook, then by track.
    private func forEachCode<Failure: Error>(
        frames: Int, _ visit: (_ track: Int, _ codebook: Int, _ index: Int) throws(Failure) -> Void
    ) throws(Failure) {
        let codebooks = geometry.header.layout.codebooks
        for frame in 0..<frames {
            for (k, codebook) in codebooks.enumerated() where frame % codebook.stride == 0 {
                for track in 0..<geometry.header.trackCount { try visit(track, k, frame / codebook.stride) }
            }
        }
    }
}
