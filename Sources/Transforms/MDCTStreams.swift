import Kernels
import Platform

/// Samples in, MDCT coefficients out, in pieces of any size; any cut of a signal gives the same bits.
///
/// Frame t covers samples (t−1)N ..< (t+1)N; what lies before the signal is zero. A value: a copy is a checkpoint.
public struct MDCTAnalysis: Sendable {
    /// The transform of a frame.
    public let mdct: MDCT
    /// The N samples before the current hop, then the samples of the hop that is not yet full.
    private var history: [Float]
    private var started = false
    private var end = StreamEnd("MDCT analysis")

    /// Before the first sample.
    public init(_ mdct: MDCT) {
        self.mdct = mdct
        history = [Float](repeating: 0, count: mdct.size)
    }

    /// Coefficients `[frames, N]` of the hops that `samples` completes.
    /// - Throws: `UsedAfterEnd` after `finish()`.
    public mutating func push(_ samples: [Float]) throws(UsedAfterEnd) -> Frames {
        try end.requireOpen()
        return advance(samples)
    }

    private mutating func advance(_ samples: [Float]) -> Frames {
        started = started || !samples.isEmpty
        history += samples
        let count = history.count / mdct.size - 1
        let frames = history.withUnsafeBufferPointer { mdct.forward($0, count: count, stride: mdct.size) }
        history.removeFirst(count * mdct.size)
        return frames
    }

    /// The end: zeros up to a whole hop and one hop more, so that the synthesis completes every sample.
    /// For n > 0 samples there are ⌈n/N⌉ + 1 frames in all, for none there is none.
    /// - Throws: `UsedAfterEnd` when called again.
    public mutating func finish() throws(UsedAfterEnd) -> Frames {
        try end.reach()
        let partial = history.count - mdct.size
        if partial == 0 && !started { return Frames(channels: mdct.size) }
        let padding = (partial == 0 ? 0 : mdct.size - partial) + mdct.size
        return advance([Float](repeating: 0, count: padding))
    }
}

/// MDCT coefficients in, samples out, in pieces of any size; any cut of the frames gives the same bits.
///
/// Frame t completes samples (t−1)N ..< tN: the first N samples that come out stand for the zeros before the signal,
/// and the caller drops them. A value: a copy is a checkpoint.
public struct MDCTSynthesis: Sendable {
    /// The transform of a frame.
    public let mdct: MDCT
    /// The second half of the last block, waiting for its neighbour.
    private var overlap: [Float]

    /// Before the first frame.
    public init(_ mdct: MDCT) {
        self.mdct = mdct
        overlap = [Float](repeating: 0, count: mdct.size)
    }

    /// N samples for each of `frames` `[frames, N]`.
    public mutating func push(_ frames: Frames) -> [Float] {
        let n = mdct.size
        let blocks = mdct.inverse(frames)
        var output = [Float](repeating: 0, count: frames.count * n)
        blocks.withUnsafeBufferPointer { y in
            for block in 0..<frames.count {
                let start = 2 * block * n
                for i in 0..<n {
                    output[block * n + i] = overlap[i] + y[start + i]
                    overlap[i] = y[start + n + i]
                }
            }
        }
        return output
    }
}
