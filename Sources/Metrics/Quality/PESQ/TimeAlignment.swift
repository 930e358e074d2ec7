import Spectral

/// A stretch of the reference that the degraded signal lags by one delay. Times are in windows of 4 ms, margin included.
struct Utterance: Sendable {
    var start: Int
    var end: Int
    /// Delay in samples by which envelopes agree.
    var coarseDelay: Int
    /// Delay in samples by which waveforms agree.
    var delay: Int
    /// The share of its frames that agree with the delay.
    var confidence: Float
}

/// How envelopes correlate at each lag.
struct EnvelopeCorrelation {
    /// From the lag −(x.count − 1) on; empty where there was nothing to correlate.
    var values: [Float] = []
    /// The lag at which they correlate most, in windows; 0 when they nowhere do.
    var lag = 0

    init() {}

    init(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) throws(SpectralError) {
        values = try FrameCorrelator.allLags(x, y)
        let best = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
        if values[best] > 0 { lag = best - x.count + 1 }
    }
}

/// Finds utterances in the reference and the delay of the degraded signal in each, by envelopes first and then by waveforms.
struct TimeAlignment {
    let reference: PaddedSignal
    let degraded: PaddedSignal
    let correlator: FrameCorrelator
    /// Of the reference.
    let activity: SpeechActivity
    private let degradedActivity: SpeechActivity
    let hop: Int

    /// Speech of fewer windows is no utterance: 200 ms.
    private static let shortestUtterance = 50

    /// Takes both signals as listeners hear them.
    init(reference: PaddedSignal, degraded: PaddedSignal, correlator: FrameCorrelator) {
        self.reference = reference.filteredForAlignment()
        self.degraded = degraded.filteredForAlignment()
        self.correlator = correlator
        activity = SpeechActivity(self.reference)
        degradedActivity = SpeechActivity(self.degraded)
        hop = reference.format.activityHop
    }

    /// All utterances in order, those split in which the delay changes; none without speech.
    func utterances() throws(SpectralError) -> [Utterance] {
        let overall = try EnvelopeCorrelation(activity.envelope[...], degradedActivity.envelope[...]).lag * hop
        var found: [Utterance] = []
        for speech in speechStretches(delay: overall) {
            let margin = PESQFormat.marginWindows
            let search = max(0, speech.lowerBound - margin)..<min(activity.power.count - 1, speech.upperBound + margin)
            let coarse = try coarseDelay(search, near: overall)
            let (delay, confidence) = fineDelay(search, near: coarse)
            found.append(
                Utterance(
                    start: speech.lowerBound, end: speech.upperBound, coarseDelay: coarse, delay: delay,
                    confidence: confidence))
        }
        if found.isEmpty { return [] }
        coverSignal(&found)
        separate(&found)
        try split(&found)
        return found
    }

    /// Stretches of speech that are long enough and, at so many samples of delay, overlap the degraded signal.
    private func speechStretches(delay: Int) -> [Range<Int>] {
        let least = Self.shortestUtterance
        let first = least - delay / hop
        let last = (degraded.paddedCount - delay) / hop - least
        var stretches: [Range<Int>] = []
        var start: Int?
        for (i, power) in activity.power.enumerated() {
            if power > 0, start == nil { start = i }
            guard let begun = start, power == 0 || i == activity.power.count - 1 else { continue }
            start = nil
            if i - begun >= least, begun < last, i > first { stretches.append(begun..<i) }
        }
        return stretches
    }

    /// The delay in samples at which the reference's envelope over a range of windows fits the degraded one best.
    func coarseDelay(_ windows: Range<Int>, near estimate: Int) throws(SpectralError) -> Int {
        let correlation = try envelopeCorrelation(windows, near: estimate)
        return estimate + correlation.lag * hop
    }

    /// Correlations of the reference's envelope over a range of windows, and of the degraded one about a delay of so many samples.
    func envelopeCorrelation(_ windows: Range<Int>, near estimate: Int) throws(SpectralError) -> EnvelopeCorrelation {
        var from = windows.lowerBound
        var other = from + estimate / hop
        if other < 0 {
            from = -estimate / hop
            other = 0
        }
        let (x, y) = (activity.envelope, degradedActivity.envelope)
        let length = min(windows.upperBound, x.count) - from
        let otherLength = min(length, y.count - other)
        guard from >= 0, length > 1, otherLength > 1 else { return EnvelopeCorrelation() }
        return try EnvelopeCorrelation(x[from..<(from + length)], y[other..<(other + otherLength)])
    }

    /// The delay of the waveform in a range of windows, within half a frame of an estimate.
    private func fineDelay(_ windows: Range<Int>, near estimate: Int) -> (delay: Int, confidence: Float) {
        var histogram = DelayHistogram(size: correlator.size)
        var cursor = FrameCursor(from: windows.lowerBound * hop, delay: estimate)
        addFrames(to: &histogram, &cursor, until: windows.upperBound * hop, correlator)
        let (lag, confidence) = histogram.peak
        return (estimate + lag, confidence)
    }

    /// Where the next frames of both signals start.
    struct FrameCursor {
        var reference: Int
        var degraded: Int

        /// Frames from a sample of the reference on, or from where the degraded signal begins.
        init(from start: Int, delay: Int) {
            reference = max(start, -delay)
            degraded = reference + delay
        }

        /// Frames backwards from those that end with a sample of the reference, or where the degraded signal ends.
        init(until end: Int, size: Int, delay: Int, degradedCount: Int) {
            degraded = min(end + delay, degradedCount) - size
            reference = degraded - delay
        }

        mutating func move(by samples: Int) {
            reference += samples
            degraded += samples
        }
    }

    /// Adds every frame from the cursor on that ends by a sample of the reference.
    func addFrames(to histogram: inout DelayHistogram, _ cursor: inout FrameCursor, until end: Int, _ correlator: FrameCorrelator) {
        let size = correlator.size
        while cursor.degraded + size <= degraded.paddedCount, cursor.reference + size <= end {
            histogram.add(correlator.magnitudes(reference, at: cursor.reference, degraded, at: cursor.degraded))
            cursor.move(by: size / 4)
        }
    }

    /// Adds every frame from the cursor backwards that starts no sooner than a sample of the reference.
    func addFrames(to histogram: inout DelayHistogram, _ cursor: inout FrameCursor, backTo start: Int, _ correlator: FrameCorrelator) {
        while cursor.degraded >= 0, cursor.reference >= start {
            histogram.add(correlator.magnitudes(reference, at: cursor.reference, degraded, at: cursor.degraded))
            cursor.move(by: -correlator.size / 4)
        }
    }

    /// Extends utterances to the middle of pauses and to the ends of the signals.
    private func coverSignal(_ utterances: inout [Utterance]) {
        let (margin, last) = (PESQFormat.marginWindows, utterances.count - 1)
        utterances[0].start = margin
        utterances[last].end = activity.power.count - margin
        for i in utterances.indices.dropFirst() {
            let middle = (utterances[i].start + utterances[i - 1].end) / 2
            utterances[i].start = middle
            utterances[i - 1].end = middle
        }
        clipStart(&utterances[0])
        clipEnd(&utterances[last])
    }

    /// Starts no sooner than the degraded signal.
    func clipStart(_ utterance: inout Utterance) {
        if (utterance.start - PESQFormat.marginWindows) * hop + utterance.delay < 0 {
            utterance.start = PESQFormat.marginWindows + (hop - 1 - utterance.delay) / hop
        }
    }

    /// Ends no later than the degraded signal.
    func clipEnd(_ utterance: inout Utterance) {
        if (utterance.end + PESQFormat.marginWindows) * hop + utterance.delay > degraded.paddedCount {
            utterance.end = (degraded.paddedCount - utterance.delay) / hop - PESQFormat.marginWindows
        }
    }

    /// Where neighbours claim the same stretch of the degraded signal, divides it between them.
    private func separate(_ utterances: inout [Utterance]) {
        for i in utterances.indices.dropFirst() {
            let (before, after) = (utterances[i - 1], utterances[i])
            let (start, end) = (after.start * hop + after.delay, before.end * hop + before.delay)
            if start >= end { continue }
            let middle = (start + end) / 2
            utterances[i].start = (hop - 1 + middle - after.delay) / hop
            utterances[i - 1].end = (middle - before.delay) / hop
        }
    }
}
