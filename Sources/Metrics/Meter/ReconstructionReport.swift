import Kernels

/// What a degraded signal keeps of its reference.
public struct ReconstructionReport: Sendable, Hashable, Codable {
    /// Hz.
    public let sampleRate: Int
    /// Channels of each signal.
    public let channelCount: Int
    /// Samples in each channel of the reference.
    public let referenceSamples: Int
    /// Samples in each channel of the degraded signal.
    public let degradedSamples: Int
    /// Pairs of samples in each channel that were compared after alignment.
    public let comparedSamples: Int
    /// The delay that the signals were aligned by before anything was measured.
    public let delay: DelayEstimate
    /// The mean over channels; undefined where any channel is.
    public let overall: MeasureValues
    /// The measures of each channel by itself.
    public let channels: [MeasureValues]

    /// Measures two whole signals in memory: estimates the delay, aligns, compares what overlaps. For signals that should
    /// not be in memory, run a `DelayEstimator` and then a `ReconstructionMeter` over their blocks; the values are the same.
    /// - Parameters:
    ///   - degradedSampleRate: when known; another rate than the reference's leaves every measure undefined.
    ///   - maximumLag: largest delay searched in samples either way, or nil to take the signals as aligned.
    ///   - measures: what to measure.
    ///   - speakers: where the channels are to be heard; nil if that is not known.
    /// - Throws: `MetricsError.sampleRate`, `maximumLag`, or `SpectralError.planFailed`; never for what the samples are.
    public static func measure(
        reference: AudioBlock, degraded: AudioBlock, sampleRate: Int, degradedSampleRate: Int? = nil,
        maximumLag: Int? = nil, measures: Set<Measure> = Set(Measure.allCases), speakers: [Speaker]? = nil
    ) throws -> ReconstructionReport {
        if let mismatch = mismatch(reference, degraded, sampleRate, degradedSampleRate) {
            return ReconstructionReport(
                undefined: mismatch, reference: reference, degraded: degraded, sampleRate: sampleRate)
        }
        var delay = DelayEstimate(samples: 0, correlation: .undefined(.notMeasured))
        if let maximumLag {
            var estimator = try DelayEstimator(channelCount: reference.channelCount, maximumLag: maximumLag)
            try forEachBlock(reference, degraded) { try estimator.push(reference: $0, degraded: $1) }
            delay = try estimator.finish()
        }
        var meter = try ReconstructionMeter(
            sampleRate: sampleRate, channelCount: reference.channelCount, delay: delay, measures: measures,
            speakers: speakers)
        try forEachBlock(reference, degraded) { try meter.push(reference: $0, degraded: $1) }
        return try meter.finish()
    }

    init(
        sampleRate: Int, channelCount: Int, referenceSamples: Int, degradedSamples: Int, comparedSamples: Int,
        delay: DelayEstimate, overall: MeasureValues, channels: [MeasureValues]
    ) {
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.referenceSamples = referenceSamples
        self.degradedSamples = degradedSamples
        self.comparedSamples = comparedSamples
        self.delay = delay
        self.overall = overall
        self.channels = channels
    }

    /// Two signals that cannot be compared.
    private init(undefined reason: UndefinedReason, reference: AudioBlock, degraded: AudioBlock, sampleRate: Int) {
        self.init(
            sampleRate: sampleRate, channelCount: reference.channelCount, referenceSamples: reference.sampleCount,
            degradedSamples: degraded.sampleCount, comparedSamples: 0,
            delay: DelayEstimate(samples: 0, correlation: .undefined(reason)),
            overall: MeasureValues { _ in .undefined(reason) },
            channels: Array(
                repeating: MeasureValues { _ in .undefined(reason) }, count: reference.channelCount))
    }
}

private func mismatch(
    _ reference: AudioBlock, _ degraded: AudioBlock, _ sampleRate: Int, _ degradedSampleRate: Int?
) -> UndefinedReason? {
    if let degradedSampleRate, degradedSampleRate != sampleRate {
        return .sampleRateMismatch(reference: sampleRate, degraded: degradedSampleRate)
    }
    if reference.channelCount != degraded.channelCount {
        return .channelMismatch(reference: reference.channelCount, degraded: degraded.channelCount)
    }
    return reference.channelCount == 0 ? .noOverlap : nil
}

/// Hands both signals over in step, so that neither is copied as a whole.
private func forEachBlock(_ a: AudioBlock, _ b: AudioBlock, _ body: (AudioBlock, AudioBlock) throws -> Void) rethrows {
    let length = 1 << 16
    for start in stride(from: 0, to: max(a.sampleCount, b.sampleCount), by: length) {
        let part = { (block: AudioBlock) in
            block.slice(min(start, block.sampleCount)..<min(start + length, block.sampleCount))
        }
        try body(part(a), part(b))
    }
}
