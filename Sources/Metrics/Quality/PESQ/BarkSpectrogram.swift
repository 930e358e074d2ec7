import Kernels
import Spectral

/// Power densities over frames and Bark bands, `[frames, bands]`.
struct BarkSpectrogram {
    private let scale: BarkScale
    private(set) var values: [Float]

    /// Bands whose power is so many times the threshold of hearing count as loud.
    private static let loud: Float = 100
    /// A frame of less power in loud bands is silent.
    private static let silence: Float = 1e7

    init(_ scale: BarkScale) {
        self.scale = scale
        values = []
    }

    var frameCount: Int { values.count / scale.bandCount }

    mutating func append(_ densities: [Float]) { values += densities }

    mutating func replace(_ frame: Int, by densities: [Float]) { values.replaceSubrange(range(frame), with: densities) }

    /// Power densities of one frame.
    func densities(_ frame: Int) -> ArraySlice<Float> { values[range(frame)] }

    mutating func multiply(_ frame: Int, by gain: Float) {
        for i in range(frame) { values[i] *= gain }
    }

    private func range(_ frame: Int) -> Range<Int> { (frame * scale.bandCount)..<((frame + 1) * scale.bandCount) }

    /// The power in bands above a multiple of the threshold of hearing. The lowest band is not heard.
    func audiblePower(_ frame: Int, above factor: Float = 1) -> Float {
        var sum = 0.0
        for (band, power) in densities(frame).enumerated().dropFirst()
        where power > Float(Double(factor) * scale.thresholds[band]) {
            sum += Double(power)
        }
        return Float(sum)
    }

    func isSilent(_ frame: Int) -> Bool { audiblePower(frame, above: Self.loud) < Self.silence }

    /// The power of each band where it is loud, in frames that are not silent, over a number of frames.
    func meanLoudPowers(silent: [Bool], over count: Int) -> [Float] {
        (0..<scale.bandCount).map { band in
            var sum = 0.0
            for frame in 0..<frameCount where !silent[frame] {
                let power = values[frame * scale.bandCount + band]
                if Double(power) > Double(Self.loud) * scale.thresholds[band] { sum += Double(power) }
            }
            return Float(sum / Double(count))
        }
    }

    /// Gives the reference the frequency response of the degraded signal, within 20 dB: linear filtering disturbs little.
    mutating func compensate(from mean: [Float], to other: [Float]) {
        for band in 0..<scale.bandCount {
            let ratio = min(max((other[band] + 1000) / (mean[band] + 1000), 0.01), 100)
            for frame in 0..<frameCount { values[frame * scale.bandCount + band] *= ratio }
        }
    }
}

/// Bark power densities of frames of 32 ms under a Hann window.
struct BarkAnalysis: Sendable {
    let scale: BarkScale
    private let fft: RealFFT
    private let window: [Float]

    init(_ format: PESQFormat) throws(SpectralError) {
        scale = BarkScale(sampleRate: format.sampleRate)
        fft = try RealFFT(size: format.frameLength)
        window = hannWindow(format.frameLength)
    }

    /// Of the frame that starts at a sample; it must lie within the samples.
    func densities(_ samples: [Float], at start: Int) -> [Float] {
        let frame = Frames(count: 1, channels: fft.size) { output in
            for i in 0..<fft.size { output[i] = samples[start + i] * window[i] }
        }
        let bins = fft.forward(frame).values
        var bin = 0
        return scale.binCounts.indices.map { band in
            var sum = 0.0
            for _ in 0..<scale.binCounts[band] {
                // Bin 0 is not heard.
                if bin > 0 { sum += Double(bins[2 * bin] * bins[2 * bin] + bins[2 * bin + 1] * bins[2 * bin + 1]) }
                bin += 1
            }
            return Float(sum * scale.powerScales[band])
        }
    }
}
