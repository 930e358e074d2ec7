import Kernels
import Spectral

/// Aligns a degraded signal to its reference by the delay at which their envelopes correlate best.
enum EnvelopeAlignment {
    /// Samples searched on each side at most, so that memory does not grow with the length of long signals.
    private static let maximumLag = 1 << 19

    /// By how many samples to delay the degraded signal, negative to advance it; 0 when nothing within half the reference's
    /// length correlates.
    static func shift(reference: [Float], degraded: [Float]) throws -> Int {
        let lag = min(reference.count / 2, maximumLag)
        let longest = max(reference.count, degraded.count)
        guard longest > 0 else { return 0 }
        let fft = try RealFFT(size: transformSize(longest + lag))
        let (r, d) = (try envelope(reference), try envelope(degraded))
        let rows = Frames(count: 2, channels: fft.size) { output in
            output.update(repeating: 0)
            for i in r.indices { output[i] = r[i] }
            for i in d.indices { output[fft.size + i] = d[i] }
        }
        let correlation = fft.correlation(rows).values
        func value(_ delay: Int) -> Float { correlation[delay < 0 ? fft.size + delay : delay] }
        // Of delays that tie but for rounding, the smallest.
        var best = 0
        for size in 1..<max(lag + 1, 1) {
            for delay in [size, -size] where value(delay) * (1 - 1e-6) > value(best) { best = delay }
        }
        return value(best) > 0 ? -best : 0
    }

    /// The degraded signal delayed (zeros first) or advanced.
    static func shifted(_ degraded: [Float], by shift: Int) -> [Float] {
        shift < 0 ? Array(degraded.dropFirst(-shift)) : [Float](repeating: 0, count: shift) + degraded
    }

    /// Both signals cut to the samples that they have in common after the degraded one is shifted.
    static func overlap(reference: [Float], degraded: [Float]) throws -> (reference: [Float], degraded: [Float]) {
        let shift = try shift(reference: reference, degraded: degraded)
        let aligned = shifted(degraded, by: shift)
        let skipped = shift > 0 && aligned.count > reference.count ? shift : 0
        let count = max(0, min(reference.count, aligned.count) - skipped)
        return (Array(reference.dropFirst(skipped).prefix(count)), Array(aligned.dropFirst(skipped).prefix(count)))
    }

    /// The magnitude of the analytic signal without the mean, plus the mean.
    private static func envelope(_ samples: [Float]) throws -> [Float] {
        guard !samples.isEmpty else { return [] }
        let mean = Float(samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count))
        let fft = try RealFFT(size: transformSize(samples.count))
        let centred = Frames(count: 1, channels: fft.size) { output in
            for i in samples.indices { output[i] = samples[i] - mean }
            for i in samples.count..<fft.size { output[i] = 0 }
        }
        var spectrum = fft.forward(centred).values
        for bin in 0..<fft.bins {
            // A quarter of a turn back; the ends, which have no negative twin, are left out.
            let isEnd = bin == 0 || 2 * bin == fft.size
            let (real, imaginary) = (spectrum[2 * bin], spectrum[2 * bin + 1])
            spectrum[2 * bin] = isEnd ? 0 : imaginary
            spectrum[2 * bin + 1] = isEnd ? 0 : -real
        }
        let hilbert = fft.inverse(Spectrum(count: 1, bins: fft.bins, values: spectrum))
        return samples.indices.map { i in
            let x = centred.values[i]
            return (x * x + hilbert.values[i] * hilbert.values[i]).squareRoot() + mean
        }
    }

    /// The smallest even size of factors 2, 3 and 5 for so many samples.
    private static func transformSize(_ count: Int) -> Int {
        var best = 2
        while best < count { best *= 2 }
        var fives = 2
        while fives < best {
            var threes = fives
            while threes < best {
                var size = threes
                while size < count { size *= 2 }
                best = min(best, size)
                threes *= 3
            }
            fives *= 5
        }
        return best
    }
}
