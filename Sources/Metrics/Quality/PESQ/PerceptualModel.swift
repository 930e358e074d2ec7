import Spectral

/// The delay at each sample of the reference, margin included.
struct DelayTable {
    private let entries: [(start: Int, delay: Int)]
    let utterances: [Utterance]

    /// At least one utterance.
    init(_ utterances: [Utterance], _ format: PESQFormat) {
        self.utterances = utterances
        entries = utterances.map { ($0.start * format.activityHop, $0.delay) }
    }

    /// That of the last utterance that has begun, or of the first.
    func delay(at sample: Int) -> Int { (entries.last { $0.start <= sample } ?? entries[0]).delay }
}

/// The perceptual model of P.862: loudness of time-aligned frames, their disturbance and its mean, as a quality of −0.5 … 4.5.
struct PerceptualModel: Sendable {
    let format: PESQFormat
    let analysis: BarkAnalysis

    /// Five samples whose magnitudes sum to less are silence at the ends.
    private static let silenceOfFiveSamples: Float = 500

    init(_ format: PESQFormat) throws(SpectralError) {
        self.format = format
        analysis = try BarkAnalysis(format)
    }

    /// The quality of signals of one length as listeners hear them; nil when the reference is all silence.
    func quality(reference: PaddedSignal, degraded: PaddedSignal, delays: DelayTable) throws(SpectralError) -> Float? {
        guard let frames = activeFrames(reference) else { return nil }
        var comparison = Comparison(self, reference, degraded, delays, frameCount: frames.upperBound + 1)
        let powers = comparison.compare()
        comparison.skipJumps()
        try comparison.realignBadIntervals()
        let weighted = zip(comparison.disturbances, powers).map { $0.weighted(audiblePower: $1) }
        let aggregation = DisturbanceAggregation(
            frames, frameCount: weighted.count, signalFrames: reference.count / format.frameHop - 1)
        let symmetric = Double(aggregation.mean(weighted.map(\.symmetric)))
        let asymmetric = Double(aggregation.mean(weighted.map(\.asymmetric)))
        return Float(4.5 - 0.1 * symmetric - 0.0309 * asymmetric)
    }

    /// From the first frame that is not digital silence to the last.
    private func activeFrames(_ signal: PaddedSignal) -> ClosedRange<Int>? {
        let heard = signal.samples[signal.heard]
        let most = signal.paddedCount / 2
        let atStart = Self.silence(heard.prefix(most + 4), most)
        let atEnd = Self.silence(heard.suffix(most + 4).reversed(), most)
        let (first, end) = (atStart / format.frameHop, (heard.count - atEnd) / format.frameHop - 1)
        return first <= end ? first...end : nil
    }

    /// After how many samples five are not silence, at most `most`.
    private static func silence(_ samples: some Collection<Float>, _ most: Int) -> Int {
        let samples = Array(samples)
        func isSilent(_ i: Int) -> Bool {
            samples[i..<(i + 5)].reduce(0) { $0 + abs($1) } < silenceOfFiveSamples
        }
        var count = 0
        while count < most, count + 5 <= samples.count, isSilent(count) { count += 1 }
        return count
    }
}

/// The frames of two signals and their disturbances so far.
struct Comparison {
    let format: PESQFormat
    private let analysis: BarkAnalysis
    let reference: PaddedSignal
    let degraded: PaddedSignal
    let delays: DelayTable
    let frameCount: Int
    private var referenceSpectra: BarkSpectrogram
    private var degradedSpectra: BarkSpectrogram
    var disturbances: [Disturbance] = []

    /// Limits of the gain that follows the level of the reference.
    private static let gains: ClosedRange<Float> = 3e-4...5

    init(
        _ model: PerceptualModel, _ reference: PaddedSignal, _ degraded: PaddedSignal, _ delays: DelayTable,
        frameCount: Int
    ) {
        format = model.format
        analysis = model.analysis
        self.reference = reference
        self.degraded = degraded
        self.delays = delays
        self.frameCount = frameCount
        referenceSpectra = BarkSpectrogram(analysis.scale)
        degradedSpectra = BarkSpectrogram(analysis.scale)
    }

    /// The first sample of a frame.
    func start(_ frame: Int) -> Int { format.margin + frame * format.frameHop }

    /// Compares all frames with those that lag by their utterance's delay.
    /// - Returns: the audible power of the reference in each frame.
    mutating func compare() -> [Float] {
        analyse()
        compensateResponse()
        var level = LevelFollower()
        for frame in 0..<frameCount { disturbances.append(disturbance(frame, &level)) }
        return (0..<frameCount).map { referenceSpectra.audiblePower($0) }
    }

    private mutating func analyse() {
        let nothing = [Float](repeating: 0, count: analysis.scale.bandCount)
        for frame in 0..<frameCount {
            let start = start(frame)
            let other = start + delays.delay(at: start)
            let isInside = other > 0 && other + format.frameLength < degraded.samples.count
            referenceSpectra.append(analysis.densities(reference.samples, at: start))
            degradedSpectra.append(isInside ? analysis.densities(degraded.samples, at: other) : nothing)
        }
    }

    private mutating func compensateResponse() {
        let silent = (0..<frameCount).map { referenceSpectra.isSilent($0) }
        let count = reference.heard.count / format.frameHop - 1
        referenceSpectra.compensate(
            from: referenceSpectra.meanLoudPowers(silent: silent, over: count),
            to: degradedSpectra.meanLoudPowers(silent: silent, over: count))
    }

    /// The gain from the degraded to the reference level, smoothed over frames.
    private struct LevelFollower {
        var last: Float?

        /// The next gain, of audible powers.
        mutating func gain(_ reference: Float, _ degraded: Float) -> Float {
            var gain = (reference + 5e3) / (degraded + 5e3)
            if let last { gain = 0.2 * last + 0.8 * gain }
            last = gain
            return min(max(gain, Comparison.gains.lowerBound), Comparison.gains.upperBound)
        }
    }

    /// Brings a degraded frame to the reference's level and compares it.
    private mutating func disturbance(_ frame: Int, _ level: inout LevelFollower) -> Disturbance {
        let gain = level.gain(referenceSpectra.audiblePower(frame), degradedSpectra.audiblePower(frame))
        degradedSpectra.multiply(frame, by: gain)
        return Disturbance(
            reference: referenceSpectra.densities(frame), degraded: degradedSpectra.densities(frame), analysis.scale)
    }

    /// Compares frames with those of a degraded signal without delay, and keeps the smaller disturbances.
    mutating func compare(_ frames: Range<Int>, with aligned: [Float]) {
        var level = LevelFollower(last: 1)
        for frame in frames {
            degradedSpectra.replace(frame, by: analysis.densities(aligned, at: start(frame)))
            disturbances[frame] = disturbances[frame].smaller(disturbance(frame, &level))
        }
    }

    /// Leaves out frames where the delay falls by more than half a frame, so that the degraded signal lost a part.
    mutating func skipJumps() {
        let (hop, margin) = (format.activityHop, PESQFormat.marginWindows)
        for (before, after) in zip(delays.utterances, delays.utterances.dropFirst()) {
            let jump = after.delay - before.delay
            guard jump < -format.frameHop else { continue }
            let start = (after.start - margin) * hop
            let first = min(start + after.delay, (before.end - margin) * hop + before.delay) / format.frameHop
            let last = (start - jump) / format.frameHop + 1
            for frame in max(0, first)..<max(0, first, min(last + 1, frameCount - 1)) { disturbances[frame] = .none }
        }
    }
}
