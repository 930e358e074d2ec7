import Kernels
import Metrics

/// What a system decoded, laid over the clip sample by sample.
struct Alignment {
    /// As long as the clip; zeros where the system gave nothing.
    let audio: AudioBlock
    let delay: ItemDelay

    /// Waveforms that correlate less tell nothing of their delay: a parametric codec's lies a pitch period or several off.
    private static let trustedCorrelation = 0.5

    /// - Parameter maximumDelay: in seconds; searched only if the system may lag.
    init(_ coded: CodedClip, to clip: Clip, maximumDelay: Double) throws {
        let delay = coded.mayLag ? try Self.find(coded.decoded, clip, maximumDelay) : nil
        self.delay = ItemDelay(
            samples: delay?.samples ?? 0,
            correlation: delay?.correlation.worded ?? .undefined(.stated("the codec leaves none")))
        audio = coded.decoded.shifted(by: delay?.samples ?? 0, length: clip.audio.sampleCount)
    }

    /// By the waveforms, or where they do not correlate by their envelopes.
    private static func find(_ decoded: AudioBlock, _ clip: Clip, _ maximumDelay: Double) throws -> DelayEstimate {
        let lag = min(DelayEstimator.lagLimit, Int(maximumDelay * Double(clip.sampleRate)))
        let byWaveform = try estimate(decoded, clip.audio, lag)
        if let correlation = byWaveform.correlation.number, correlation.magnitude >= trustedCorrelation { return byWaveform }
        let width = max(1, clip.sampleRate / 100)
        let byEnvelope = try estimate(decoded.envelope(width: width), clip.audio.envelope(width: width), lag)
        return byEnvelope.correlation.number == nil ? byWaveform : byEnvelope
    }

    private static func estimate(_ decoded: AudioBlock, _ reference: AudioBlock, _ lag: Int) throws -> DelayEstimate {
        var estimator = try DelayEstimator(channelCount: reference.channelCount, maximumLag: lag)
        try estimator.push(reference: reference, degraded: decoded)
        return try estimator.finish()
    }
}

extension AudioBlock {
    /// Sample n is what was sample n + `delay`, zero where there was none.
    fileprivate func shifted(by delay: Int, length: Int) -> AudioBlock {
        let start = Swift.min(max(0, delay), sampleCount)
        let end = max(start, Swift.min(sampleCount, length + delay))
        var shifted = AudioBlock(silence: Swift.min(length, max(0, -delay)), channelCount: channelCount)
        shifted.append(slice(start..<end))
        shifted.append(AudioBlock(silence: length - shifted.sampleCount, channelCount: channelCount))
        return shifted
    }

    /// The magnitude over all channels, its mean over `width` samples around each, less the mean of all.
    fileprivate func envelope(width: Int) -> AudioBlock {
        var sums = [0.0]
        sums.reserveCapacity(sampleCount + 1)
        for i in 0..<sampleCount {
            var magnitude = 0.0
            for c in 0..<channelCount { magnitude += Double(frames[i, c].magnitude) }
            sums.append(sums[i] + magnitude)
        }
        let mean = sampleCount > 0 ? sums[sampleCount] / Double(sampleCount) : 0
        return AudioBlock(
            mono: (0..<sampleCount).map { i in
                let (start, end) = (max(0, i - width / 2), Swift.min(sampleCount, i + (width + 1) / 2))
                return Float((sums[end] - sums[start]) / Double(max(1, end - start)) - mean)
            })
    }
}
