import Kernels
import Platform
import Spectral

/// By how many samples a degraded signal lags its reference.
public struct DelayEstimate: Sendable, Hashable, Codable {
    /// degraded[n + samples] stands for reference[n]; 0 when there is no estimate.
    public let samples: Int
    /// Σ r·d at that delay over the root of the signals' energies (all samples, overlapping or not): 1 for a pure delay, −1 for one with its polarity
    /// inverted.
    public let correlation: MetricValue
    /// Whether the degraded signal has the opposite sign.
    public var isInverted: Bool { correlation.number.map { $0 < 0 } ?? false }
    /// Whether the signals have so little in common that the delay means little: a correlation of a magnitude below 0.3.
    public var isWeak: Bool { correlation.number.map { $0.magnitude < Self.weakCorrelation } ?? true }

    private static let weakCorrelation = 0.3

    private enum CodingKeys: String, CodingKey { case samples, correlation, isInverted = "inverted", isWeak = "weak" }

    /// Takes the delay and the correlation; what follows from them is not read.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        samples = try values.decode(Int.self, forKey: .samples)
        correlation = try values.decode(MetricValue.self, forKey: .correlation)
    }

    /// The delay and the correlation, and whether it is inverted or weak.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(samples, forKey: .samples)
        try values.encode(correlation, forKey: .correlation)
        try values.encode(isInverted, forKey: .isInverted)
        try values.encode(isWeak, forKey: .isWeak)
    }

    /// Takes over both values.
    public init(samples: Int, correlation: MetricValue) {
        self.samples = samples
        self.correlation = correlation
    }
}

/// Finds the delay at which a degraded signal correlates best with its reference, whichever sign it has, within ± a maximum lag, all channels
/// together. Delays at which less than half of the shorter signal overlaps the other are not looked at.
///
/// Streams: blocks of the reference are correlated with the stretch of the degraded signal within the lag by FFT, and the
/// cross-spectra summed, so that memory depends on the lag and not on the length. Any cut gives the same result.
public struct DelayEstimator: Sendable {
    /// Channels of each signal.
    public let channelCount: Int
    /// Largest delay that is searched, in samples, either way.
    public let maximumLag: Int

    private let fft: RealFFT
    /// Reference samples per block; with the lag on both sides of the degraded stretch they fill the FFT, so nothing wraps round.
    private let blockLength: Int
    /// Samples from the current block on.
    private var reference: AudioBlock
    /// Samples from `maximumLag` before the current block on.
    private var degraded: AudioBlock
    /// Σ conj(R)·D, interleaved.
    private var crossSpectrum: [Double]
    private var referenceSamples = 0
    private var degradedSamples = 0
    private var referenceEnergy = 0.0
    private var degradedEnergy = 0.0

    /// Largest `maximumLag`: 43 s at 24 kHz.
    public static let lagLimit = 1 << 20

    private var end = StreamEnd("delay estimator")

    /// - Throws: `MetricsError.channelCount`, `maximumLag`, or `SpectralError.planFailed`.
    public init(channelCount: Int, maximumLag: Int) throws {
        guard channelCount > 0 else { throw MetricsError.channelCount(channelCount) }
        guard (0...Self.lagLimit).contains(maximumLag) else {
            throw MetricsError.maximumLag(maximumLag, allowed: 0...Self.lagLimit)
        }
        self.channelCount = channelCount
        self.maximumLag = maximumLag
        var size = 4096
        while size < 4 * maximumLag { size *= 2 }
        fft = try RealFFT(size: size)
        blockLength = size - 2 * maximumLag
        crossSpectrum = [Double](repeating: 0, count: 2 * fft.bins)
        reference = AudioBlock(channelCount: channelCount)
        degraded = AudioBlock(silence: maximumLag, channelCount: channelCount)
    }

    /// Takes the next samples of both signals, of any two lengths; keep them in step, as what one is ahead is held in memory.
    /// - Throws: `UsedAfterEnd` after `finish()`.
    public mutating func push(reference r: AudioBlock, degraded d: AudioBlock) throws(UsedAfterEnd) {
        try end.requireOpen()
        reference.append(r)
        degraded.append(d)
        referenceSamples += r.sampleCount
        degradedSamples += d.sampleCount
        for c in 0..<channelCount { for x in r.channel(c) { referenceEnergy += Double(x) * Double(x) } }
        for c in 0..<channelCount { for x in d.channel(c) { degradedEnergy += Double(x) * Double(x) } }
        while reference.sampleCount >= blockLength, degraded.sampleCount >= fft.size { takeBlock() }
    }

    /// The delay of the largest magnitude; of delays that tie to 10⁻⁶ the smallest.
    /// - Throws: `UsedAfterEnd` when called again.
    public mutating func finish() throws(UsedAfterEnd) -> DelayEstimate {
        try end.reach()
        if !referenceEnergy.isFinite { return DelayEstimate(samples: 0, correlation: .undefined(.nonFiniteReference)) }
        if !degradedEnergy.isFinite { return DelayEstimate(samples: 0, correlation: .undefined(.nonFiniteDegraded)) }
        if referenceEnergy == 0 { return DelayEstimate(samples: 0, correlation: .undefined(.silentReference)) }
        if degradedEnergy == 0 { return DelayEstimate(samples: 0, correlation: .undefined(.silentDegraded)) }
        while reference.sampleCount > 0 { takeBlock() }

        let spectrum = Spectrum(count: 1, bins: fft.bins, values: crossSpectrum.map { Float($0) })
        let correlation = fft.inverse(spectrum).values[...(2 * maximumLag)]
        guard correlation.allSatisfy(\.isFinite) else { return DelayEstimate(samples: 0, correlation: .undefined(.overflow)) }
        let candidates = correlation.indices.filter { overlap(at: $0 - maximumLag) >= min(referenceSamples, degradedSamples) / 2 }
        let peak = candidates.map { correlation[$0].magnitude }.max() ?? 0
        guard peak > 0 else { return DelayEstimate(samples: 0, correlation: .undefined(.uncorrelated)) }
        let best = candidates.filter { correlation[$0].magnitude >= peak * (1 - 1e-6) }
            .min { abs($0 - maximumLag) < abs($1 - maximumLag) } ?? maximumLag
        let coefficient = Double(correlation[best]) / (referenceEnergy * degradedEnergy).squareRoot()
        return DelayEstimate(samples: best - maximumLag, correlation: .value(coefficient))
    }

    /// Pairs of samples at a delay.
    private func overlap(at lag: Int) -> Int { min(referenceSamples, degradedSamples - lag) - max(0, -lag) }

    /// Adds the cross-spectrum of the block at the front, zeros standing in for samples that are not there, and drops the block.
    private mutating func takeBlock() {
        let r = reference.slice(0..<min(blockLength, reference.sampleCount))
        let d = degraded.slice(0..<min(fft.size, degraded.sampleCount))
        for c in 0..<channelCount {
            let rows = Frames(count: 2, channels: fft.size, values: padded(r.channel(c)) + padded(d.channel(c)))
            let spectra = fft.forward(rows)
            for bin in 0..<fft.bins {
                let (r, d) = (spectra[0, bin], spectra[1, bin])
                let (rr, ri) = (Double(r.real), Double(r.imaginary))
                let (dr, di) = (Double(d.real), Double(d.imaginary))
                crossSpectrum[2 * bin] += rr * dr + ri * di
                crossSpectrum[2 * bin + 1] += rr * di - ri * dr
            }
        }
        reference.removeFirst(r.sampleCount)
        degraded.removeFirst(min(blockLength, degraded.sampleCount))
    }

    private func padded(_ samples: [Float]) -> [Float] {
        samples + [Float](repeating: 0, count: fft.size - samples.count)
    }
}
