import Platform

/// Power responses of fourth-order gammatone filters at the bins of a real FFT.
///
/// The filters are those of Slaney, "An Efficient Implementation of the Patterson–Holdsworth Auditory Filter Bank" (1993):
/// four second-order sections with one pair of poles and a zero each, centres spaced evenly on the scale of equivalent
/// rectangular bandwidths (ERB) of Glasberg and Moore (1990), unit gain at the centre.
struct GammatoneFilterbank: Sendable {
    let bands: Int
    /// Hz, ascending; the first is the lower limit, the last stays below the upper one.
    let centres: [Double]
    /// |H|² of bin k in band b at `[k · bands + b]`, times the factor that makes Σ |X|²·weight the energy of the filtered frame
    /// by Parseval's theorem: 2/fftSize, but 1/fftSize at the first and the last bin.
    let weights: [Float]

    private static let earQ = 9.26449
    private static let minimumBandwidth = 24.7

    init(sampleRate: Double, fftSize: Int, bands: Int, from low: Double, to high: Double) {
        let offset = Self.earQ * Self.minimumBandwidth
        let centres = (1...bands).reversed().map { k in
            (high + offset) * pow((low + offset) / (high + offset), Double(k) / Double(bands)) - offset
        }
        self.bands = bands
        self.centres = centres
        let filters = centres.map { Filter(centre: $0, sampleRate: sampleRate) }
        weights = (0...(fftSize / 2)).flatMap { bin in
            let share = (bin == 0 || bin == fftSize / 2 ? 1.0 : 2.0) / Double(fftSize)
            return filters.map { Float(share * $0.power(at: 2 * .pi * Double(bin) / Double(fftSize))) }
        }
    }

    /// Π |1 + a_i z⁻¹|² / |1 + b₁ z⁻¹ + b₂ z⁻²|⁸, over its value at the centre.
    private struct Filter {
        private let zeros: [Double]
        private let b1: Double
        private let b2: Double
        private var gain = 1.0

        init(centre: Double, sampleRate: Double) {
            let bandwidth = centre / earQ + minimumBandwidth
            let angle = 2 * .pi * centre / sampleRate
            let radius = exp(-1.019 * 2 * .pi * bandwidth / sampleRate)
            let offsets = [(3 + pow(2, 1.5)).squareRoot(), (3 - pow(2, 1.5)).squareRoot()]
            zeros = offsets.flatMap { [-radius * (cos(angle) + $0 * sin(angle)), -radius * (cos(angle) - $0 * sin(angle))] }
            b1 = -2 * radius * cos(angle)
            b2 = radius * radius
            gain = power(at: angle)
        }

        /// |H|² at an angular frequency in radians a sample.
        func power(at angle: Double) -> Double {
            func norm(_ a: Double, _ b: Double) -> Double {
                let real = 1 + a * cos(angle) + b * cos(2 * angle)
                let imaginary = a * sin(angle) + b * sin(2 * angle)
                return real * real + imaginary * imaginary
            }
            let numerator = zeros.reduce(1) { $0 * norm($1, 0) }
            return numerator / pow(norm(b1, b2), 4) / gain
        }
    }
}
