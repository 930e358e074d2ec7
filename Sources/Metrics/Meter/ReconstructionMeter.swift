import Kernels
import Platform
import Spectral

/// Measures how well a degraded signal reproduces its reference, fed with blocks, in bounded memory: little for most measures,
/// up to 100 MB per channel for STOI and ESTOI, which look at ten minutes at a time, 30 MB for the measures of pitch, which look at
/// one, 300 MB for PESQ, which takes five at most, and 200 MB (audio mode 500 MB) for ViSQOL, which looks at five at a time.
///
/// The meter aligns the signals by the delay that it is given and compares what they have in common. Any cut of the signals
/// gives the same bits, so a file measured in blocks has the values that it has as a whole.
public struct ReconstructionMeter {
    /// Rate of both signals in Hz.
    public let sampleRate: Int
    /// Channels of each signal.
    public let channelCount: Int
    /// The delay that the signals are aligned by.
    public let delay: DelayEstimate

    private let measures: Set<Measure>
    private var channels: [ChannelMeter]
    /// Nil when no loudness is asked for.
    private let loudness: Loudness?
    /// Samples that still have no partner.
    private var reference: AudioBlock
    private var degraded: AudioBlock
    private var referenceSkip: Int
    private var degradedSkip: Int
    private var referenceSamples = 0
    private var degradedSamples = 0
    private var comparedSamples = 0
    private var end = StreamEnd("meter")

    /// Sample rates for which every measure has a meaning.
    public static let sampleRates = 1000...1_000_000
    /// Samples measured at a time: small enough for the spectra to stay in cache.
    private static let blockLength = 8192

    /// - Parameters:
    ///   - delay: how far `degraded` lags, from a `DelayEstimator`; samples that it leaves without a partner are not compared.
    ///   - measures: what to measure; the others are reported as `notMeasured`.
    ///   - speakers: where the channels are to be heard, which their loudness depends on; nil if that is not known.
    /// - Throws: `MetricsError.sampleRate`, `channelCount`, or `SpectralError.planFailed`.
    public init(
        sampleRate: Int, channelCount: Int,
        delay: DelayEstimate = DelayEstimate(samples: 0, correlation: .undefined(.notMeasured)),
        measures: Set<Measure> = Set(Measure.allCases), speakers: [Speaker]? = nil
    ) throws {
        guard Self.sampleRates.contains(sampleRate) else {
            throw MetricsError.sampleRate(sampleRate, allowed: Self.sampleRates)
        }
        guard channelCount > 0 else { throw MetricsError.channelCount(channelCount) }
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.delay = delay
        self.measures = measures
        loudness =
            measures.isDisjoint(with: Loudness.measures)
            ? nil : Loudness(sampleRate: sampleRate, channelCount: channelCount, speakers: speakers)
        channels = Array(repeating: try ChannelMeter(sampleRate: sampleRate, measures: measures), count: channelCount)
        reference = AudioBlock(channelCount: channelCount)
        degraded = AudioBlock(channelCount: channelCount)
        referenceSkip = max(0, -delay.samples)
        degradedSkip = max(0, delay.samples)
    }

    /// Takes the next samples of both signals, of any two lengths; keep them in step, as what one is ahead is held in memory.
    /// - Throws: `UsedAfterEnd` after `finish()`.
    public mutating func push(reference r: AudioBlock, degraded d: AudioBlock) throws(UsedAfterEnd) {
        try end.requireOpen()
        referenceSamples += r.sampleCount
        degradedSamples += d.sampleCount
        Self.append(r, to: &reference, skipping: &referenceSkip)
        Self.append(d, to: &degraded, skipping: &degradedSkip)
        let paired = min(reference.sampleCount, degraded.sampleCount)
        for start in stride(from: 0, to: paired, by: Self.blockLength) {
            let range = start..<min(start + Self.blockLength, paired)
            let (r, d) = (reference.slice(range), degraded.slice(range))
            for c in channels.indices { channels[c].push(reference: r.channel(c), degraded: d.channel(c)) }
        }
        let (r, d) = (reference.takeFirst(paired), degraded.takeFirst(paired))
        loudness?.push(reference: r, degraded: d)
        comparedSamples += paired
    }

    /// The report on all that was pushed.
    /// - Throws: `UsedAfterEnd` when called again.
    public mutating func finish() throws(UsedAfterEnd) -> ReconstructionReport {
        try end.reach()
        let values = channels.indices.map { c in
            channels[c].finish(comparedSamples: comparedSamples)
        }
        return ReconstructionReport(
            sampleRate: sampleRate, channelCount: channelCount, referenceSamples: referenceSamples,
            degradedSamples: degradedSamples, comparedSamples: comparedSamples, delay: delay,
            overall: overall(values), channels: channelCount == 1 ? [overall(values)] : values)
    }

    /// The mean over channels, and the loudness of all of them unless they have no values for a reason of their own. Silence of some channels
    /// is none.
    private func overall(_ values: [MeasureValues]) -> MeasureValues {
        let mean = MeasureValues.mean(of: values)
        return MeasureValues { measure in
            let found = values.map { $0[measure] }
            let isJoint = found.contains(.undefined(.measuredJointly))
                && found.allSatisfy { [.undefined(.measuredJointly), .undefined(.silentReference)].contains($0) }
            return isJoint ? loudness?.value(measure) ?? mean[measure] : mean[measure]
        }
    }

    private static func append(_ block: AudioBlock, to queue: inout AudioBlock, skipping skip: inout Int) {
        let dropped = min(skip, block.sampleCount)
        skip -= dropped
        queue.append(dropped == 0 ? block : block.slice(dropped..<block.sampleCount))
    }
}

