import Kernels
import Spectral

/// Realigns stretches in which frames are so disturbed that their delay is likely wrong.
extension Comparison {
    /// Frames of more disturbance are bad.
    private static let badDisturbance: Float = 30
    /// A frame with bad ones no further away on both sides counts as bad.
    private static let smear = 2
    private static let shortestInterval = 5
    /// Delays of less correlation are not trusted.
    private static let leastCorrelation = 0.5
    /// Energies up to this are silence.
    private static let silentPower = 1e-6

    /// Gives each bad interval the delay by which magnitudes correlate best, and keeps what disturbs less.
    mutating func realignBadIntervals() throws(SpectralError) {
        let intervals = badIntervals()
        if intervals.isEmpty { return }
        let aligned = alignedDegraded()
        var realigned = aligned
        let last = degraded.paddedCount - 1
        for interval in intervals {
            let samples = samples(of: interval)
            let delay = try magnitudeDelay(samples, aligned)
            for i in samples { realigned[i] = aligned[min(max(0, i + delay), last)] }
        }
        for interval in intervals { compare(interval, with: realigned) }
    }

    /// The degraded signal with the utterances' delays taken out.
    private func alignedDegraded() -> [Float] {
        let samples = degraded.samples
        let inside = format.margin..<(samples.count - format.margin)
        var aligned = [Float](repeating: 0, count: samples.count)
        for i in inside {
            aligned[i] = samples[min(max(inside.lowerBound, i + delays.delay(at: i)), inside.upperBound - 1)]
        }
        return aligned
    }

    /// Intervals of frames of which most are bad.
    private func badIntervals() -> [Range<Int>] {
        let bad = disturbances.enumerated().map { $0 > 0 && $1.symmetric > Self.badDisturbance }
        let smeared = bad.indices.map { i in
            i >= Self.smear && i + Self.smear + 1 < bad.count
                && bad[(i - Self.smear)...i].contains(true) && bad[i...(i + Self.smear)].contains(true)
        }
        var intervals: [Range<Int>] = []
        var start: Int?
        for (i, isBad) in smeared.enumerated() {
            if isBad, start == nil { start = i }
            guard !isBad, let begun = start else { continue }
            if i - begun >= Self.shortestInterval { intervals.append(begun..<i) }
            start = nil
        }
        return intervals
    }

    /// All samples of an interval's frames, and of the one after.
    private func samples(of interval: Range<Int>) -> Range<Int> {
        start(interval.lowerBound)..<(start(interval.upperBound) + format.frameLength)
    }

    /// By how many samples the aligned degraded signal lags the reference still, up to four frames; 0 when that is unsure.
    private func magnitudeDelay(_ range: Range<Int>, _ aligned: [Float]) throws(SpectralError) -> Int {
        let reach = 4 * format.frameLength
        let heard = degraded.heard
        let silence = [Float](repeating: 0, count: reach)
        let r = silence + reference.samples[range].map(abs) + silence
        let d = ((range.lowerBound - reach)..<(range.upperBound + reach)).map { i in
            abs(aligned[min(max(heard.lowerBound, i), heard.upperBound - 1)])
        }
        let fft = try RealFFT(size: powerOfTwo(atLeast: 2 * r.count))
        let powers = [r, d].map { x in x.reduce(0) { $0 + Double($1 * $1) } / Double(fft.size) }
        guard powers.allSatisfy({ $0 > Self.silentPower }) else { return 0 }
        let padding = [Float](repeating: 0, count: fft.size - r.count)
        let products = fft.correlation(Frames(count: 2, channels: fft.size, values: r + padding + d + padding)).values
        let scale = (powers[0] * powers[1]).squareRoot() * Double(fft.size)
        let lags = Array(-reach..<reach)
        func correlation(_ lag: Int) -> Float { abs(products[(lag + fft.size) % fft.size]) }
        let best = lags.reduce(lags[0]) { correlation($1) > correlation($0) ? $1 : $0 }
        return Double(correlation(best)) / scale < Self.leastCorrelation ? 0 : best
    }
}
