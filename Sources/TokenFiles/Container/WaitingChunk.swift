import Tokens

/// A sound chunk that waits for its turn.
struct WaitingChunk {
    var frames: Range<Int>
    /// Nil for chunks that decode only in order.
    var tracks: [Codes]?
    /// Of each track; none for most codecs.
    var segments: [[CodeSegment]]
    var payload: [UInt8]
    var payloadOffset: Int
}

/// A segments section that waits for its chunk.
struct ChunkSegments {
    var frames: Range<Int>
    /// Place of the section header in the stream.
    var offset: Int
    var tracks: [[CodeSegment]]
}
