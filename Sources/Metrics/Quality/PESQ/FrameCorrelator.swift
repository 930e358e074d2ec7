import Kernels
import Platform
import Spectral

/// Cross-correlations by FFT: circular ones of short frames, and those of whole envelopes.
struct FrameCorrelator: Sendable {
    private let fft: RealFFT
    private var window: [Float]

    /// Samples per frame.
    var size: Int { fft.size }

    init(size: Int) throws(SpectralError) {
        fft = try RealFFT(size: size)
        window = hannWindow(size)
    }

    /// Magnitudes of the circular cross-correlation of two frames under windows, by how far the second lags.
    /// Samples outside the signals are zeros.
    func magnitudes(_ x: PaddedSignal, at start: Int, _ y: PaddedSignal, at other: Int) -> [Float] {
        let rows = Frames(count: 2, channels: size) { output in
            for (row, frame) in [(x, start), (y, other)].enumerated() {
                let (signal, first) = frame
                let row = UnsafeMutableBufferPointer(rebasing: output[(row * size)..<((row + 1) * size)])
                let inside = max(0, -first)..<max(0, -first, min(size, signal.samples.count - first))
                row.update(repeating: 0)
                signal.samples.withUnsafeBufferPointer { samples in
                    window.withUnsafeBufferPointer { window in
                        for i in inside { row[i] = samples[first + i] * window[i] }
                    }
                }
            }
        }
        return fft.correlation(rows).values.map(abs)
    }

    /// Replaces the part of the Hann window that the reference program loses before it splits utterances: there, correlations of
    /// envelopes are written to the memory in which this window lies so many values later, and what of them reaches that far
    /// weighs the samples. Scores depend on it wherever speech goes on for over 3 s (wideband: 6 s) without a pause.
    mutating func overwriteWindow(by correlation: [Float]) {
        let offset = 3 * size + 6
        for i in window.indices where offset + i < correlation.count { window[i] = correlation[offset + i] }
    }

    /// Σ x[n] y[n + lag] for the lags −(x.count − 1) … y.count − 1, in this order; of two arrays that are not empty.
    static func allLags(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) throws(SpectralError) -> [Float] {
        let fft = try RealFFT(size: 2 * powerOfTwo(atLeast: max(x.count, y.count)))
        let rows = [x, y].flatMap { $0 + [Float](repeating: 0, count: fft.size - $0.count) }
        let circular = fft.correlation(Frames(count: 2, channels: fft.size, values: rows)).values
        return Array(circular[(fft.size - x.count + 1)...] + circular[..<y.count])
    }
}

extension RealFFT {
    /// The circular cross-correlation of two rows, `[1, size]`: Σ x[n] y[n + lag].
    func correlation(_ rows: Frames) -> Frames {
        var values = forward(rows).values
        for bin in 0..<bins {
            let (xr, xi) = (values[2 * bin], values[2 * bin + 1])
            let (yr, yi) = (values[2 * (bins + bin)], values[2 * (bins + bin) + 1])
            values[2 * bin] = xr * yr + xi * yi
            values[2 * bin + 1] = xr * yi - xi * yr
        }
        return inverse(Spectrum(count: 1, bins: bins, values: Array(values[..<(2 * bins)])))
    }
}

/// A Hann window that starts with 0 and would end with it one sample later.
func hannWindow(_ size: Int) -> [Float] {
    (0..<size).map { Float(0.5 * (1 - cos(2 * Double.pi * Double($0) / Double(size)))) }
}

/// How often frames of a stretch of signal agree at each lag, weighted by how well they agree and smoothed by a triangle.
struct DelayHistogram {
    private var weights: [Float]
    private var total: Float = 0
    /// Half the triangle's base.
    private let spread: Int

    /// - Parameter size: samples per frame; lags are counted modulo it.
    init(size: Int) {
        weights = [Float](repeating: 0, count: size)
        spread = size / 64
    }

    /// Adds the lags at which a frame's correlation is within 1 % of its largest, each by that to the power of 1/8.
    mutating func add(_ magnitudes: [Float]) {
        let (size, threshold) = (weights.count, (magnitudes.max() ?? 0) * 0.99)
        let weight = Float(pow(Double(threshold), 0.125)) / Float(spread)
        for lag in 0..<size where magnitudes[lag] > threshold {
            total += weight * Float(spread)
            for k in (1 - spread)..<spread {
                weights[(lag + k + size) % size] += weight * Float(spread - abs(k))
            }
        }
    }

    /// The lag of most weight and its share of all: 1 when all frames agree.
    var peak: (lag: Int, confidence: Float) {
        let best = weights.indices.reduce(0) { weights[$1] > weights[$0] ? $1 : $0 }
        let lag = best >= weights.count / 2 ? best - weights.count : best
        return (lag, total > 0 ? weights[best] / total : 0)
    }
}
