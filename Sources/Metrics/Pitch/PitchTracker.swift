import Kernels
import Platform
import Spectral

/// The fundamental frequency of speech by pYIN: Mauch and Dixon, "pYIN: A fundamental frequency estimator using probabilistic
/// threshold distributions" (2014), on YIN, de Cheveigné and Kawahara (2002).
///
/// At 16 kHz, 60 to 600 Hz, windows of 1024 samples, hop 160 (10 ms), centred, zeros outside; a hundred thresholds with the
/// prior Beta(2, 18), Boltzmann parameter 2, bins of a tenth of a semitone, at most 35.92 octaves a second, 0.01 for a change
/// of voicing and for a frame without a trough. These are the conventions of librosa.pyin 0.11, which `track` follows.
public struct PitchTracker: Sendable {
    /// Hz.
    public static let sampleRate = 16_000
    /// Samples between frames.
    public static let hopLength = 160

    private let difference: YINDifference
    private let candidates = PitchCandidates()

    /// - Throws: `SpectralError.planFailed` when memory runs out.
    public init() throws(SpectralError) { difference = try YINDifference() }

    /// F0 in Hz, nil where unvoiced, of frames centred on every 160th of the samples at 16 kHz: 1 + ⌊n/160⌋ of them.
    ///
    /// The most probable path is known at the end only, so memory grows by some 320 kB a second of audio.
    public func track(_ samples: [Float]) -> [Double?] {
        let half = YINDifference.frameLength / 2
        let padding = [Float](repeating: 0, count: half)
        let padded = padding + samples + padding
        let frames = 1 + samples.count / Self.hopLength
        var path = PitchPath(frames: frames)
        for t in 0..<frames {
            let start = t * Self.hopLength
            path.push(candidates.observe(difference.normalised(padded[start..<(start + 2 * half)])))
        }
        return path.finish().map { bin in bin.map(PitchGrid.frequency) }
    }
}

/// The pitches that a path runs over.
enum PitchGrid {
    static let lowest = 60.0
    static let highest = 600.0
    static let binsPerSemitone = 10
    static let count = Int(12 * Double(binsPerSemitone) * log2(highest / lowest)) + 1
    /// Periods in samples that are looked at.
    static let periods =
        Int(Double(PitchTracker.sampleRate) / highest)...Int((Double(PitchTracker.sampleRate) / lowest).rounded(.up))

    static func frequency(ofBin bin: Int) -> Double { lowest * exp2(Double(bin) / Double(12 * binsPerSemitone)) }

    static func bin(ofFrequency f: Double) -> Int {
        max(0, Int((Double(12 * binsPerSemitone) * log2(f / lowest)).rounded(.toNearestOrEven)))
    }
}

/// YIN's cumulative mean normalised difference over the periods of `PitchGrid`.
private struct YINDifference: Sendable {
    static let frameLength = 1024
    private let fft: RealFFT

    init() throws(SpectralError) { fft = try RealFFT(size: 2 * Self.frameLength) }

    func normalised(_ samples: ArraySlice<Float>) -> [Double] {
        let frame = Self.levelled(samples)
        let zeros = [Float](repeating: 0, count: Self.frameLength)
        let power = fft.forward(Frames(count: 1, channels: fft.size, values: frame + zeros)).power
        let correlation = fft.inverse(
            Spectrum(real: power, imaginary: Frames(zeros: 1, channels: fft.bins))
        ).values
        var result: [Double] = []
        var (energy, sum) = (0.0, 0.0)
        for (period, x) in zip(1...PitchGrid.periods.upperBound, frame) {
            // The energy that the shifted frame has lost.
            energy += Double(x) * Double(x)
            let difference = 2 * Double(correlation[0] - correlation[period]) - energy
            sum += difference
            if period >= PitchGrid.periods.lowerBound {
                result.append(difference / (sum / Double(period) + Double(Float.leastNormalMagnitude)))
            }
        }
        return result
    }

    /// A frame brought to a peak of 1 to 2 by a power of two, which rounds nothing: the result does not depend on the level, and the
    /// squares of a fading tail would otherwise vanish in Float32.
    private static func levelled(_ frame: ArraySlice<Float>) -> [Float] {
        let peak = frame.reduce(0) { max($0, abs($1)) }
        guard peak > 0, peak.isFinite else { return Array(frame) }
        let scale = Float(sign: .plus, exponent: min(-Int(peak.exponent), 126), significand: 1)
        return frame.map { $0 * scale }
    }
}

/// The pitches that one frame may have.
struct PitchObservation: Sendable {
    /// Bins and their probabilities; of several in one bin the one with the longest period.
    var bins: [(bin: Int, probability: Double)] = []
    /// The sum of the probabilities, at most 1.
    var voiced: Double {
        min(1, bins.reduce(0) { $0 + $1.probability })
    }
}

/// Troughs of the difference function, weighed by how many thresholds they lie under.
private struct PitchCandidates: Sendable {
    private static let thresholds = 100
    private static let noTrough = 0.01
    private static let boltzmann = 2.0

    /// Beta(2, 18) between neighbouring thresholds, and its sums from the first on.
    private let prior: [Double]
    private let cumulated: [Double]
    /// e^{−2k}.
    private let decay: [Double]

    init() {
        let distribution = (0...Self.thresholds).map { i -> Double in
            let x = Double(i) / Double(Self.thresholds)
            return 1 - pow(1 - x, 18) * (1 + 18 * x)
        }
        prior = zip(distribution, distribution.dropFirst()).map { $1 - $0 }
        cumulated = distribution
        decay = (0...PitchGrid.periods.count).map { exp(-Self.boltzmann * Double($0)) }
    }

    func observe(_ difference: [Double]) -> PitchObservation {
        let troughs = Self.troughs(difference)
        guard let lowest = troughs.min(by: { difference[$0] < difference[$1] }) else { return PitchObservation() }
        var probabilities = weights(troughs.map { difference[$0] })
        // Thresholds that no trough lies under still allow the lowest one.
        let above = Self.thresholdsNotAbove(difference[lowest])
        if let i = troughs.firstIndex(of: lowest) { probabilities[i] += Self.noTrough * cumulated[above] }
        var byBin: [Int: Double] = [:]
        for (trough, probability) in zip(troughs, probabilities) where probability > 0 {
            let period = Double(PitchGrid.periods.lowerBound + trough) + Self.shift(difference, trough)
            let bin = PitchGrid.bin(ofFrequency: Double(PitchTracker.sampleRate) / period)
            if bin < PitchGrid.count { byBin[bin] = probability }
        }
        return PitchObservation(bins: byBin.sorted { $0.key < $1.key }.map { (bin: $0.key, probability: $0.value) })
    }

    private static func troughs(_ x: [Double]) -> [Int] {
        let last = x.count - 1
        return x.indices.filter { i in
            i == 0 ? x[0] < x[1] : i == last ? x[last] < x[last - 1] : x[i] < x[i - 1] && x[i] <= x[i + 1]
        }
    }

    /// How many of the thresholds 0.01, 0.02 … 1 are at most `height`.
    private static func thresholdsNotAbove(_ height: Double) -> Int {
        var count = min(thresholds, max(0, Int(height * Double(thresholds))))
        while count < thresholds, height >= Double(count + 1) / Double(thresholds) { count += 1 }
        while count > 0, height < Double(count) / Double(thresholds) { count -= 1 }
        return count
    }

    /// Σ over thresholds of their prior times the Boltzmann probability of the trough's place among those under the threshold.
    private func weights(_ heights: [Double]) -> [Double] {
        let firsts = heights.map(Self.thresholdsNotAbove)
        var weights = [Double](repeating: 0, count: heights.count)
        for threshold in (firsts.min() ?? Self.thresholds)..<Self.thresholds {
            let count = firsts.reduce(0) { $0 + ($1 <= threshold ? 1 : 0) }
            let scale = prior[threshold] * (1 - decay[1]) / (1 - decay[count])
            var place = 0
            for i in firsts.indices where firsts[i] <= threshold {
                weights[i] += scale * decay[place]
                place += 1
            }
        }
        return weights
    }

    /// From a trough to the vertex of the parabola through it and its neighbours, when that lies between them.
    private static func shift(_ x: [Double], _ i: Int) -> Double {
        guard i > 0, i < x.count - 1 else { return 0 }
        let curvature = x[i + 1] + x[i - 1] - 2 * x[i]
        let slope = (x[i + 1] - x[i - 1]) / 2
        return abs(slope) >= abs(curvature) ? 0 : -slope / curvature
    }
}
