import Kernels
import Platform

/// A map between frequency in Hz and mel.
public enum MelScale: String, Sendable, Hashable, Codable {
    /// 2595 log₁₀(1 + f/700), of O'Shaughnessy and the HTK toolkit.
    case htk
    /// Linear below 1 kHz, logarithmic above, of Slaney's Auditory Toolbox; librosa's default.
    case slaney

    /// Mel of a frequency in Hz.
    public func mel(fromHertz f: Double) -> Double {
        switch self {
        case .htk: return 2595 * log10(1 + f / 700)
        case .slaney: return f < 1000 ? f * 3 / 200 : 15 + log(f / 1000) * 27 / log(6.4)
        }
    }

    /// Frequency in Hz of a mel value, the inverse of `mel`.
    public func hertz(fromMel m: Double) -> Double {
        switch self {
        case .htk: return 700 * (pow(10, m / 2595) - 1)
        case .slaney: return m < 15 ? m * 200 / 3 : 1000 * exp((m - 15) * log(6.4) / 27)
        }
    }
}

/// Triangular mel filters over the bins of a real FFT, with librosa's conventions.
public struct MelFilterbank: Sendable {
    /// How the triangles are scaled.
    public enum Norm: String, Sendable, Hashable, Codable {
        /// Each triangle peaks near 1.
        case none
        /// Each triangle has about unit area: weights times 2 / (upper − lower edge in Hz).
        case slaney
    }

    /// Bins of the spectra it takes, fftSize/2 + 1.
    public let bins: Int
    /// Number of filters.
    public let bands: Int

    /// Nonzero weights of every filter one after the other.
    private let weights: [Float]
    /// For each filter the first bin with a weight, and where its weights lie in `weights`.
    private let spans: [(firstBin: Int, weights: Range<Int>)]

    /// - Parameters:
    ///   - sampleRate: Hz.
    ///   - maximumFrequency: upper edge of the last filter in Hz; nil = half the sample rate.
    /// - Throws: `SpectralError.size` for sizes out of range, `parameter` for frequencies that are not
    ///   0 ≤ minimum < maximum ≤ sampleRate/2.
    public init(
        sampleRate: Double, fftSize: Int, bands: Int, minimumFrequency: Double = 0, maximumFrequency: Double? = nil,
        scale: MelScale = .slaney, norm: Norm = .slaney
    ) throws(SpectralError) {
        try checkSize(fftSize, "FFT size")
        try checkSize(bands, "number of mel bands")
        guard sampleRate > 0, sampleRate.isFinite else {
            throw .parameter(what: "sample rate", found: sampleRate, requirement: "must be positive")
        }
        let maximum = maximumFrequency ?? sampleRate / 2
        guard maximum > 0, maximum <= sampleRate / 2 else {
            throw .parameter(
                what: "maximum mel frequency", found: maximum, requirement: "must be in 0...\(sampleRate / 2) Hz")
        }
        guard minimumFrequency >= 0, minimumFrequency < maximum else {
            throw .parameter(
                what: "minimum mel frequency", found: minimumFrequency, requirement: "must be in 0..<\(maximum) Hz")
        }
        self.bins = fftSize / 2 + 1
        self.bands = bands
        let (low, high) = (scale.mel(fromHertz: minimumFrequency), scale.mel(fromHertz: maximum))
        let edges = (0..<(bands + 2)).map { i in
            scale.hertz(fromMel: low + (high - low) * Double(i) / Double(bands + 1))
        }
        var weights: [Float] = []
        var spans: [(firstBin: Int, weights: Range<Int>)] = []
        for band in 0..<bands {
            let start = weights.count
            let first = Self.appendTriangle(
                (edges[band], edges[band + 1], edges[band + 2]), norm, binWidth: sampleRate / Double(fftSize),
                bins: bins, to: &weights)
            spans.append((first, start..<weights.count))
        }
        self.weights = weights
        self.spans = spans
    }

    /// Appends the weights of the bins strictly inside a triangle and returns the first of those bins.
    private static func appendTriangle(
        _ edges: (lower: Double, center: Double, upper: Double), _ norm: Norm, binWidth: Double, bins: Int,
        to weights: inout [Float]
    ) -> Int {
        let scale = norm == .slaney ? 2 / (edges.upper - edges.lower) : 1
        let first = min(bins, Int(edges.lower / binWidth) + (edges.lower == 0 ? 0 : 1))
        for bin in first..<bins {
            let f = Double(bin) * binWidth
            if f >= edges.upper { break }
            let rising = (f - edges.lower) / (edges.center - edges.lower)
            let falling = (edges.upper - f) / (edges.upper - edges.center)
            weights.append(Float(max(0, min(rising, falling)) * scale))
        }
        return first
    }

    /// Filters magnitude or power spectra `[time, bins]` to `[time, bands]`.
    public func apply(_ spectra: Frames) -> Frames {
        precondition(spectra.channels == bins, "rows of \(spectra.channels) bins for mel filters over \(bins)")
        return Frames(count: spectra.count, channels: bands) { output in
            spectra.withUnsafeBufferPointer { input in
                weights.withUnsafeBufferPointer { w in
                    for t in 0..<spectra.count {
                        for (band, span) in spans.enumerated() {
                            let base = t * bins + span.firstBin - span.weights.lowerBound
                            var sum: Float = 0
                            for i in span.weights { sum += w[i] * input[base + i] }
                            output[t * bands + band] = sum
                        }
                    }
                }
            }
        }
    }

    /// The filters as a dense matrix `[bands, bins]`.
    public var matrix: Frames {
        var matrix = Frames(zeros: bands, channels: bins)
        for (band, span) in spans.enumerated() {
            for (offset, i) in span.weights.enumerated() { matrix[band, span.firstBin + offset] = weights[i] }
        }
        return matrix
    }
}
