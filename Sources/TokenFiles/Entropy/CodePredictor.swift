/// An `EntropyModel` along one stream: says how likely each code is, given the codes before. Integers alone, so that every machine
/// says the same.
final class CodePredictor {
    private var network: EntropyNetwork
    private var tracks: [Track]
    /// Entry c is the sum of the weights of the codes before c of the codebook last predicted.
    private var cumulative: [Int]

    private struct Track {
        var place: EntropyNetwork.Place
        /// Sum of the embeddings of the frame's codes so far.
        var frame: [Int32]
    }

    /// At the beginning of a stream.
    init(_ model: EntropyModel, trackCount: Int) {
        network = EntropyNetwork(model)
        tracks = Array(repeating: Track(place: network.start(), frame: network.emptyFrame), count: trackCount)
        cumulative = Array(repeating: 0, count: model.codebookSize + 1)
    }

    /// Predicts the next code of `codebook` in `track`; the codes of a frame come in order of codebook.
    func predict(track: Int, codebook: Int) {
        if codebook == 0 {
            network.advance(&tracks[track].place, by: tracks[track].frame)
            tracks[track].frame = network.emptyFrame
        }
        network.prepare(codebook, at: tracks[track].place)
        let greatest = network.predict(after: [tracks[track].frame])[0]
        let (weights, logits) = (network.model.tables.exponential, network.logits)
        var total = 0
        cumulative.withUnsafeMutableBufferPointer { cumulative in
            for (code, logit) in logits.enumerated() {
                total += weights[EntropyTables.weight(logit, greatest: greatest)]
                cumulative[code + 1] = total
            }
        }
    }

    /// The probability, in 1/65536, that a code of those in `codes` is not one of the first `half`; both are cut to the codebook.
    func probability(ofUpperHalf codes: Range<Int>, half: Int) -> Int {
        let middle = cumulative[codes.lowerBound + half]
        let end = cumulative[min(codes.upperBound, network.model.codebookSize)]
        return (end - middle) << 16 / (end - cumulative[codes.lowerBound])
    }

    /// Takes in the code that was predicted last.
    func learn(_ code: Int, track: Int, codebook: Int) {
        network.add(code, of: codebook, to: &tracks[track].frame)
    }
}
