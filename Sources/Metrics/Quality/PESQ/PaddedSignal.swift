import Kernels
import Spectral

/// A signal between margins of silence, with what P.862 does to it before it is compared: level alignment and filters.
///
/// Single precision where the reference program has it, since thresholds and maxima are decided on these values.
struct PaddedSignal: Sendable {
    let format: PESQFormat
    /// Margin, signal, tail of the filters, margin.
    private(set) var samples: [Float]
    /// Samples of the signal itself.
    private(set) var count: Int

    /// Power that level alignment gives the telephone band.
    private static let targetPower = 1e7

    /// Divides a signal by the peak of both.
    init(_ signal: [Float], peak: Float, _ format: PESQFormat) {
        self.format = format
        count = signal.count
        samples = [Float](repeating: 0, count: signal.count + 2 * format.margin + format.tail)
        for (i, x) in signal.enumerated() { samples[format.margin + i] = x / peak }
    }

    /// With its margins, without the tail: what the time alignment looks at.
    var paddedCount: Int { count + 2 * format.margin }
    /// The signal itself, in `samples`.
    private var signal: Range<Int> { format.margin..<(format.margin + count) }
    /// The signal with its tail, in `samples`.
    var heard: Range<Int> { format.margin..<(format.margin + count + format.tail) }

    /// Σ x² over a range, in double precision.
    func energy(_ range: Range<Int>) -> Double {
        samples[range].reduce(0) { $0 + Double($1 * $1) }
    }

    /// Lengthens the signal by silence.
    mutating func pad(to longer: Int) {
        samples += [Float](repeating: 0, count: max(0, longer - count))
        count = max(count, longer)
    }

    /// Scales to the power that P.862 wants between 350 and 3250 Hz, averaged over a signal of `length` samples and its tail.
    /// False when there is no power to scale.
    mutating func alignLevel(over length: Int) throws(SpectralError) -> Bool {
        var band = self
        try band.applyWeighting(.levelBand)
        let power = Float(band.energy(band.heard) / Double(length + format.tail))
        let gain = Float((Self.targetPower / Double(power)).squareRoot())
        guard power > 0, gain.isFinite else { return false }
        for i in signal { samples[i] *= gain }
        return true
    }

    /// What the listener's device does: the handset's intermediate reference system, or headphones, a high-pass at 50 Hz.
    mutating func applyReceivingFilter(_ mode: PESQ.Mode) throws(SpectralError) {
        switch mode {
        case .narrowband:
            try applyWeighting(.handset)
        case .wideband:
            fade(15) { Float($0 + 1) / 16 }
            Biquad.headphones.filter(&samples, signal)
        }
    }

    /// The signal as the time alignment wants it: without its mean, faded at the ends, and band-passed.
    func filteredForAlignment() -> PaddedSignal {
        var result = self
        let mean = samples[signal].reduce(0, +) / Float(paddedCount)
        for i in signal { result.samples[i] -= mean }
        let hop = format.activityHop
        result.fade(hop) { (0.5 + Float($0)) / Float(hop) }
        for section in Biquad.alignment(sampleRate: format.sampleRate) {
            section.filter(&result.samples, samples.indices)
        }
        return result
    }

    /// Multiplies the first and last `length` samples by gains that grow from the ends.
    private mutating func fade(_ length: Int, _ gain: (Int) -> Float) {
        let (first, last) = (format.margin, format.margin + count - 1)
        for i in 0..<length {
            samples[first + i] *= gain(i)
            samples[last - i] *= gain(i)
        }
    }

    /// Filters the signal and its tail in the frequency domain, as one period.
    private mutating func applyWeighting(_ weighting: FrequencyWeighting) throws(SpectralError) {
        let fft = try RealFFT(size: powerOfTwo(atLeast: heard.count))
        let padding = [Float](repeating: 0, count: fft.size - heard.count)
        var bins = fft.forward(Frames(count: 1, channels: fft.size, values: samples[heard] + padding)).values
        weighting.apply(to: &bins, resolution: Float(format.sampleRate) / Float(fft.size))
        let filtered = fft.inverse(Spectrum(count: 1, bins: fft.bins, values: bins)).values
        samples.replaceSubrange(heard, with: filtered.prefix(heard.count))
    }
}

/// The least power of two that is at least `count`.
func powerOfTwo(atLeast count: Int) -> Int {
    var power = 1
    while power < count { power *= 2 }
    return power
}
