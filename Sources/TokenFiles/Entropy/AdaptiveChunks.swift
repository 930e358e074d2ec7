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
        geometry.header.forEachCode(frames: frames) { track, k, index in
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
            tracks = [Codes](noneOf: geometry.header)
            var coder = RangeDecoder(payload, offset: offset)
            try geometry.header.forEachCode(frames: frames) { track, k, _ throws(TokenStreamError) in
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
            let fresh = AdaptiveModel(geometry.header, learned: learned, tableBits: AdaptiveModel.tableBits(decisions: bits * Self.chunksPerModel))
            model = fresh
            return fresh
        }
        guard firstFrame == nextFrame, let model else { throw .lostContext(firstFrame: firstFrame, offset: offset) }
        return model
    }

    /// A chunk that an encoder stores packed is one that it could not have coded in fewer bytes; the model learns it all the same.
    /// - Throws: `TokenStreamError.invalidField` where it could.
    private func learn(_ tracks: [Codes], _ model: AdaptiveModel, frames: Int, offset: Int) throws(TokenStreamError) {
        var coder = RangeEncoder(limit: geometry.payloadLength(frames: frames) - 1)
        geometry.header.forEachCode(frames: frames) { track, k, index in
            let code = UInt32(bitPattern: tracks[track].streams[k][index])
            _ = model.code(code, track: track, codebook: k, using: &coder)
        }
        guard coder.finish() == nil else {
            throw .invalidField(
                part: "chunk", field: "codes", found: "packed", expected: "range-coded ones, which are shorter", offset: offset)
        }
    }
}
