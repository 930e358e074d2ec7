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
        nextFrame = firstFrame + frames
        return model.encode(codes, of: geometry.header, frames: frames) ?? geometry.pack(codes)
    }

    /// The codes of a chunk whose header was checked.
    /// - Throws: `TokenStreamError.lostContext` when the chunk before was not decoded and the model does not start afresh;
    ///   `.invalidField` for a payload that no encoder makes. No later chunk decodes then until the model starts afresh.
    func decode(
        _ payload: [UInt8], firstFrame: Int, frames: Int, offset: Int
    ) throws(TokenStreamError) -> [Codes] {
        let model = try startModel(firstFrame: firstFrame, offset: offset)
        nextFrame = -1
        let tracks = try model.decode(payload, of: geometry.header, frames: frames, part: "chunk", offset: offset) { () throws(TokenStreamError) in
            try geometry.unpack(payload, firstFrame: firstFrame, frames: frames, offset: offset)
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
}
