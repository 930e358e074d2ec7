import Platform

/// The mean of the SNR in dB of 30 ms frames, three quarters overlapping, each under a Hann window (without its zero ends)
/// and limited to −10 … 35 dB: Hansen and Pellom, "An effective quality evaluation protocol for speech enhancement
/// algorithms" (1998), with the frames of Loizou's "Speech Enhancement" (2007).
///
/// Only whole frames count, and frames in which the reference is silent are left out, as they have no ratio.
struct SegmentalSNR: PairAccumulator {
    private let hop: Int
    /// Squared Hann window: a frame's weights of energies.
    private let weights: [Double]
    private var reference: [Float] = []
    private var degraded: [Float] = []
    private var sampleCount = 0
    private var sum = 0.0
    private var frames = 0

    static let range = -10.0...35.0

    init(sampleRate: Int) {
        let length = Int((0.030 * Double(sampleRate)).rounded())
        hop = length / 4
        weights = (1...length).map { n in
            let w = 0.5 - 0.5 * cos(2 * Double.pi * Double(n) / Double(length + 1))
            return w * w
        }
    }

    mutating func push(reference r: [Float], degraded d: [Float]) {
        reference += r
        degraded += d
        sampleCount += r.count
        var start = 0
        while start + weights.count <= reference.count {
            addFrame(at: start)
            start += hop
        }
        reference.removeFirst(start)
        degraded.removeFirst(start)
    }

    private mutating func addFrame(at start: Int) {
        var (signal, noise) = (0.0, 0.0)
        for (i, w) in weights.enumerated() {
            let (x, y) = (Double(reference[start + i]), Double(degraded[start + i]))
            signal += w * x * x
            noise += w * (x - y) * (x - y)
        }
        if signal == 0 { return }
        let ratio = noise == 0 ? Self.range.upperBound : 10 * log10(signal / noise)
        sum += min(max(ratio, Self.range.lowerBound), Self.range.upperBound)
        frames += 1
    }

    mutating func finish() -> [Measure: MetricValue] { [.segmentalSNR: value()] }

    private mutating func value() -> MetricValue {
        if sampleCount < weights.count { return .undefined(.tooShort(samples: sampleCount, needed: weights.count)) }
        return frames == 0 ? .undefined(.silentReference) : .value(sum / Double(frames))
    }
}
