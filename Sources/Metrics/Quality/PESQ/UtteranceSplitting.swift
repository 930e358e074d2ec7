import Spectral

/// Splits utterances in which the delay changes.
extension TimeAlignment {
    /// Utterances are not split into more.
    private static let mostUtterances = 50
    /// Speech of fewer windows is not split: 0.8 s.
    private static let shortestSplit = 200
    private static let mostBreakPoints = 40

    /// Splits every utterance, and the parts again, while both parts agree better with their delays than the whole did.
    func split(_ utterances: inout [Utterance]) throws(SpectralError) {
        var i = 0
        while i < utterances.count, utterances.count < Self.mostUtterances {
            if let (first, second) = try bestSplit(utterances[i]) {
                utterances.replaceSubrange(i...i, with: [first, second])
            } else {
                i += 1
            }
        }
    }

    /// The two parts about the best break point, if there is one.
    private func bestSplit(_ whole: Utterance) throws(SpectralError) -> (Utterance, Utterance)? {
        let speech = speech(in: whole)
        guard speech.count >= Self.shortestSplit else { return nil }
        let points = breakPoints(speech)
        var correlator = correlator
        var (before, after): ([Int], [Int]) = ([], [])
        for point in points {
            before.append(try coarseDelay(bounds(whole.start, point), of: whole, &correlator))
            after.append(try coarseDelay(bounds(point, whole.end), of: whole, &correlator))
        }
        let firsts = firstParts(whole, points, before, correlator)
        let seconds = secondParts(whole, points, after, correlator) { firsts[$0].confidence > whole.confidence }
        var best: (Utterance, Utterance)?
        var bestConfidence: Float = 0
        for (first, second) in zip(firsts, seconds) {
            guard let second, abs(second.delay - first.delay) >= hop,
                first.confidence > whole.confidence, second.confidence > whole.confidence,
                first.confidence + second.confidence > bestConfidence
            else { continue }
            best = (first, second)
            bestConfidence = first.confidence + second.confidence
        }
        guard var (first, second) = best else { return nil }
        let overlap = max(0, second.delay - first.delay) / (2 * hop)
        first.end += overlap
        second.start -= overlap
        clipStart(&first)
        clipEnd(&second)
        return (first, second)
    }

    /// From the first to the last window of speech in an utterance.
    private func speech(in utterance: Utterance) -> Range<Int> {
        func isSpeech(_ window: Int) -> Bool { activity.power.indices.contains(window) && activity.power[window] > 0 }
        var (start, end) = (utterance.start, utterance.end)
        while start < utterance.end, !isSpeech(start) { start += 1 }
        while end > utterance.start, !isSpeech(end) { end -= 1 }
        return start..<max(start, end + 1)
    }

    /// Windows to break speech at: some 40, further apart than alignment frames are, and not near its ends.
    private func breakPoints(_ speech: Range<Int>) -> [Int] {
        let frameHop = correlator.size / (4 * hop)
        let least = Self.mostBreakPoints * frameHop
        let step = Int((0.801 * Double(speech.count) + Double(least - 1)) / Double(least)) * frameHop
        let ends = max(75, speech.count / 10)
        var points = [speech.lowerBound + ends]
        while let next = points.last.map({ $0 + step }), next <= speech.upperBound - ends,
            points.count < Self.mostBreakPoints
        {
            points.append(next)
        }
        return points
    }

    /// The coarse delay of a part.
    private func coarseDelay(
        _ windows: Range<Int>, of whole: Utterance, _ correlator: inout FrameCorrelator
    ) throws(SpectralError) -> Int {
        let correlation = try envelopeCorrelation(windows, near: whole.coarseDelay)
        correlator.overwriteWindow(by: correlation.values)
        return whole.coarseDelay + correlation.lag * hop
    }

    /// The parts before each break point. Those of one coarse delay share their frames.
    private func firstParts(
        _ whole: Utterance, _ points: [Int], _ coarse: [Int], _ correlator: FrameCorrelator
    ) -> [Utterance] {
        var runs: [Int: (histogram: DelayHistogram, cursor: FrameCursor)] = [:]
        return zip(points, coarse).map { point, coarse in
            var run = runs[coarse] ?? (
                DelayHistogram(size: correlator.size), FrameCursor(from: whole.start * hop, delay: coarse)
            )
            addFrames(to: &run.histogram, &run.cursor, until: point * hop, correlator)
            runs[coarse] = run
            let (lag, confidence) = run.histogram.peak
            return Utterance(
                start: whole.start, end: point, coarseDelay: coarse, delay: coarse + lag, confidence: confidence)
        }
    }

    /// The parts from each break point that is wanted on.
    private func secondParts(
        _ whole: Utterance, _ points: [Int], _ coarse: [Int], _ correlator: FrameCorrelator, where isWanted: (Int) -> Bool
    ) -> [Utterance?] {
        var parts = [Utterance?](repeating: nil, count: points.count)
        var runs: [Int: (histogram: DelayHistogram, cursor: FrameCursor)] = [:]
        for i in points.indices.reversed() where isWanted(i) {
            var run = runs[coarse[i]] ?? (
                DelayHistogram(size: correlator.size),
                FrameCursor(
                    until: whole.end * hop, size: correlator.size, delay: coarse[i],
                    degradedCount: degraded.paddedCount)
            )
            addFrames(to: &run.histogram, &run.cursor, backTo: points[i] * hop, correlator)
            runs[coarse[i]] = run
            let (lag, confidence) = run.histogram.peak
            parts[i] = Utterance(
                start: points[i], end: whole.end, coarseDelay: coarse[i], delay: coarse[i] + lag, confidence: confidence)
        }
        return parts
    }

    private func bounds(_ start: Int, _ end: Int) -> Range<Int> { start..<max(start, end) }
}
