import Kernels
import Platform
import Spectral

/// Levels of gammatone bands over time, `[frames, bands]`.
struct GammatoneSpectrogram: Sendable {
    let bands: Int
    var values: [Double]

    var frames: Int { values.count / bands }

    /// 10 log₁₀ of the root mean squares of both, floored at −45 and at 45 below the louder signal's loudest band in the frame
    /// (as far as both have that frame), and then above the lowest value of both.
    static func normalise(_ a: inout GammatoneSpectrogram, _ b: inout GammatoneSpectrogram) {
        let bands = a.bands
        for t in 0..<max(a.frames, b.frames) {
            var floor = -45.0
            if t < a.frames, t < b.frames {
                for i in (t * bands)..<((t + 1) * bands) { floor = max(floor, a.values[i] - 45, b.values[i] - 45) }
            }
            if t < a.frames { for i in (t * bands)..<((t + 1) * bands) { a.values[i] = max(a.values[i], floor) } }
            if t < b.frames { for i in (t * bands)..<((t + 1) * bands) { b.values[i] = max(b.values[i], floor) } }
        }
        let lowest = min(a.values.min() ?? 0, b.values.min() ?? 0)
        for i in a.values.indices { a.values[i] -= lowest }
        for i in b.values.indices { b.values[i] -= lowest }
    }
}

/// Turns samples into gammatone spectrograms: Hann windows of 80 ms every 20 ms, each filtered by itself.
///
/// The filters are applied to power spectra. The reference filters each window in time and stops at its end; the energy that
/// rings on after it, which is counted here, changes a band's level by some hundredths of a dB in the lowest bands, in both
/// signals alike.
struct GammatoneAnalysis: Sendable {
    let windowLength: Int
    let hop: Int
    let filterbank: GammatoneFilterbank
    private let fft: RealFFT
    private let window: [Float]

    init(sampleRate: Int, bands: Int, maximumFrequency: Double) throws(SpectralError) {
        windowLength = sampleRate * 80 / 1000
        hop = windowLength / 4
        var size = 256
        while size < windowLength { size *= 2 }
        fft = try RealFFT(size: size)
        window = try Window.hann.values(windowLength, symmetry: .symmetric)
        filterbank = GammatoneFilterbank(
            sampleRate: Double(sampleRate), fftSize: size, bands: bands, from: 50, to: maximumFrequency)
    }

    /// The levels of every whole window, 10 log₁₀ of the root mean square; nil when there is no more than a window.
    func spectrogram(_ samples: [Float]) -> GammatoneSpectrogram? {
        guard samples.count > windowLength else { return nil }
        let bands = filterbank.bands
        let frames = 1 + (samples.count - windowLength) / hop
        var values: [Double] = []
        values.reserveCapacity(frames * bands)
        var energies = [Float](repeating: 0, count: bands)
        for start in stride(from: 0, through: (frames - 1) * hop, by: hop) {
            let frame = Frames(count: 1, channels: fft.size) { output in
                for i in 0..<windowLength { output[i] = samples[start + i] * window[i] }
                for i in windowLength..<fft.size { output[i] = 0 }
            }
            addEnergies(of: fft.forward(frame), to: &energies)
            for b in 0..<bands {
                let meanSquare = Double(energies[b]) / Double(windowLength)
                values.append(meanSquare > 0 ? 5 * log10(meanSquare) : 10 * log10(Double.ulpOfOne))
            }
        }
        return GammatoneSpectrogram(bands: bands, values: values)
    }

    /// Σ over bins of |X|² · weight for each band.
    private func addEnergies(of spectrum: Spectrum, to energies: inout [Float]) {
        let bands = energies.count
        energies.withUnsafeMutableBufferPointer { sums in
            spectrum.values.withUnsafeBufferPointer { x in
                filterbank.weights.withUnsafeBufferPointer { weights in
                    for b in 0..<bands { sums[b] = 0 }
                    for bin in 0..<fft.bins {
                        let power = x[2 * bin] * x[2 * bin] + x[2 * bin + 1] * x[2 * bin + 1]
                        let row = bin * bands
                        for b in 0..<bands { sums[b] += power * weights[row + b] }
                    }
                }
            }
        }
    }
}
