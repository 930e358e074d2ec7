import Platform

/// The pitch scale of P.862: how FFT bins of 31.25 Hz make Bark bands, and how loud the power in a band is.
struct BarkScale: Sendable {
    /// FFT bins of each band, which follow each other from bin 0.
    let binCounts: [Int]
    /// What turns the sum of a band's FFT powers into its power density.
    let powerScales: [Double]
    /// Widths of the bands in Bark.
    let widths: [Float]
    /// Power densities at the threshold of hearing.
    let thresholds: [Double]
    /// The exponent of Zwicker's law in each band.
    private let exponents: [Double]
    /// Loudness at the threshold in each band, (threshold / 0.5)^exponent.
    private let thresholdLoudness: [Double]

    var bandCount: Int { widths.count }

    /// Zwicker's exponent above 4 Bark.
    private static let exponent = 0.23
    private static let loudnessScale: Float = 0.1866055

    /// - Parameter sampleRate: 8000 or 16000 Hz, with FFTs of 256 or 512 samples.
    init(sampleRate: Int) {
        let isNarrow = sampleRate == 8000
        let count = isNarrow ? 42 : 49
        binCounts = Array(Self.binTable.prefix(count - 1)) + [isNarrow ? 11 : 20]
        let corrections = Array(Self.correctionTable.prefix(count - 1)) + [isNarrow ? 59.248363 : 79.546974]
        let powerScale = Double(Float(isNarrow ? 2.764344e-5 : 6.910853e-6))
        powerScales = corrections.map { $0 * powerScale }
        widths = Array(Self.widthTable.prefix(count))
        thresholds = Self.thresholdLevels.prefix(count).map { pow(10, $0 / 10) }
        var exponents: [Double] = []
        var edge: Float = 0
        for width in widths {
            let centre = edge + width / 2
            edge += width
            // Zwicker's exponent grows towards low frequencies.
            let growth = centre < 4 ? min(6 / (centre + 2), 2) : 1
            exponents.append(Self.exponent * Double(Float(pow(Double(growth), Double(Float(0.15))))))
        }
        self.exponents = exponents
        thresholdLoudness = zip(thresholds, exponents).map { pow(Double(Float($0)) / 0.5, $1) }
    }

    /// Zwicker's law: the loudness density of a power density in a band, 0 below the threshold of hearing.
    func loudness(_ power: Float, band: Int) -> Float {
        let threshold = Float(thresholds[band])
        if power <= threshold { return 0 }
        let ratio = pow(0.5 + 0.5 * Double(power) / Double(threshold), exponents[band])
        return Float(thresholdLoudness[band] * (ratio - 1)) * Self.loudnessScale
    }

    /// At 8 kHz the 42nd band is the last, and ends at 4 kHz.
    private static let binTable = [
        1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2,
        3, 3, 3, 3, 4, 3, 4, 5, 4, 5, 6, 6, 7, 8, 9, 9, 12, 12, 15, 16, 18, 21, 25,
    ]
    private static let correctionTable = [
        100, 99.999992, 100, 100.000008, 100.000008, 100.000015, 99.999992, 99.999969, 50.000027, 100,
        99.999969, 100.000015, 99.999947, 100.000061, 53.047077, 110.000046, 117.991989, 65, 68.760147, 69.999931,
        71.428818, 75.000038, 76.843384, 80.968781, 88.646126, 63.864388, 68.155350, 72.547775, 75.584831, 58.379192,
        80.950836, 64.135651, 54.384785, 73.821884, 64.437073, 59.176456, 65.521278, 61.399822, 58.144047, 57.004543,
        64.126297, 54.311001, 61.114979, 55.077751, 56.849335, 55.628868, 53.137054, 54.985844,
    ]
    private static let widthTable: [Float] = [
        0.157344, 0.317994, 0.322441, 0.326934, 0.331474, 0.336061, 0.340697, 0.345381, 0.350114, 0.354897,
        0.359729, 0.364611, 0.369544, 0.374529, 0.379565, 0.384653, 0.389794, 0.394989, 0.400236, 0.405538,
        0.410894, 0.416306, 0.421773, 0.427297, 0.432877, 0.438514, 0.444209, 0.449962, 0.455774, 0.461645,
        0.467577, 0.473569, 0.479621, 0.485736, 0.491912, 0.498151, 0.504454, 0.510819, 0.517250, 0.523745,
        0.530308, 0.536934, 0.543629, 0.550390, 0.557220, 0.564119, 0.571085, 0.578125, 0.585232,
    ]
    /// In dB.
    private static let thresholdLevels = [
        77.1, 63.9, 48.5, 36.9, 30.7, 25.9, 20.2, 16.6, 12.5, 9.9, 6.9, 4.9, 2.8, 1, -0.1, -1.4, -2.5, -3.4, -4.1, -4.8,
        -5.3, -5.7, -5.9, -6, -6, -6, -6, -5.8, -5.4, -5.1, -4.7, -4.3, -4, -3.6, -3.3, -3.1, -3, -3, -2.9, -2.8,
        -2.8, -2.8, -2.9, -3.2, -3.7, -4.3, -4.4, -3.8, -2.7,
    ]
}
