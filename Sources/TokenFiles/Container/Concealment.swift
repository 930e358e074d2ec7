import Tokens

/// Conceals lost frames: every stream repeats its last sound code, or 0 before there is any.
struct Concealment {
    private let codebooks: [CodeLayout.Codebook]
    /// `[track][codebook]`.
    private var lastCodes: [[Int32]]

    init(_ header: TokenHeader) {
        codebooks = header.layout.codebooks
        lastCodes = Array(repeating: Array(repeating: 0, count: codebooks.count), count: header.trackCount)
    }

    mutating func remember(_ chunk: TokenChunk) {
        for (track, codes) in chunk.tracks.enumerated() {
            for (k, stream) in codes.streams.enumerated() { lastCodes[track][k] = stream.last ?? lastCodes[track][k] }
        }
    }

    /// A concealed chunk of `frames`, whose length is a multiple of the superframe.
    func chunk(_ frames: Range<Int>) -> TokenChunk {
        let tracks = lastCodes.map { last in
            Codes(
                streams: zip(last, codebooks).map { code, codebook in
                    Array(repeating: code, count: frames.count / codebook.stride)
                })
        }
        return TokenChunk(firstFrame: frames.lowerBound, frameCount: frames.count, tracks: tracks, isConcealed: true)
    }
}
