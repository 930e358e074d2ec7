import Tokens

/// The two models whose codes `.ecdc` files hold, by the names that the files give them.
struct ECDCModel {
    let name: String
    let sampleRate: Int
    let channels: Int
    /// Samples of a segment, and from the start of one to that of the next; nil for a model that codes its signal as a whole.
    let segment: (length: Int, stride: Int)?
    let codebookCounts: ClosedRange<Int>

    static let hopLength = 320
    static let codebookSize = 1024
    static let modelType = "encodec"

    static let all = [
        ECDCModel(name: "encodec_24khz", sampleRate: 24000, channels: 1, segment: nil, codebookCounts: 1...32),
        ECDCModel(name: "encodec_48khz", sampleRate: 48000, channels: 2, segment: (48000, 47520), codebookCounts: 1...16),
    ]

    func layout(codebooks: Int) -> CodeLayout {
        CodeLayout(uniform: codebooks, size: Self.codebookSize, hopLength: Self.hopLength, sampleRate: sampleRate)
    }

    /// Segments of `samples` ≥ 0 samples.
    func segmentCount(samples: Int) -> Int {
        let stride = segment?.stride ?? max(samples, 1)
        return (samples + stride - 1) / stride
    }

    /// Frames of segment `index` of `samples` samples.
    func frames(ofSegment index: Int, samples: Int) -> Int {
        let rest = samples - index * (segment?.stride ?? 0)
        return (min(rest, segment?.length ?? rest) + Self.hopLength - 1) / Self.hopLength
    }
}
