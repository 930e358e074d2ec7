import Platform

/// A gain over frequency, linear in dB between points.
struct FrequencyWeighting: Sendable {
    /// Hz and dB, by rising frequency.
    let points: [(frequency: Double, gain: Double)]

    /// The band whose power sets the level: 350 to 3250 Hz.
    static let levelBand = FrequencyWeighting(points: [
        (0, -500), (300, -500), (350, 0), (3250, 0), (3500, -500), (8000, -500),
    ])
    /// The receiving side of a telephone handset, the modified intermediate reference system of P.830.
    static let handset = FrequencyWeighting(points: [
        (0, -200), (50, -40), (100, -20), (125, -12), (160, -6), (200, 0), (250, 4), (300, 6), (350, 8), (400, 10),
        (500, 11), (600, 12), (3250, 12), (3500, 4), (4000, -200), (8000, -200),
    ])

    /// Multiplies interleaved complex bins, `resolution` Hz apart, by the gain relative to that at 1 kHz.
    func apply(to bins: inout [Float], resolution: Float) {
        let reference = gain(at: 1000, from: 0).gain
        var segment = 0
        for bin in 0..<(bins.count / 2) {
            let (gain, found) = gain(at: Float(bin) * resolution, from: segment)
            segment = found
            let factor = Float(pow(10, Double((gain - reference) / 20)))
            bins[2 * bin] *= factor
            bins[2 * bin + 1] *= factor
        }
    }

    /// The gain in dB, and the index of the point at or below the frequency, which is sought from `start` on.
    private func gain(at frequency: Float, from start: Int) -> (gain: Float, segment: Int) {
        let f = Double(frequency)
        var i = start
        while i + 2 < points.count, points[i + 1].frequency < f { i += 1 }
        let (low, high) = (points[i], points[i + 1])
        let sum = (f - low.frequency) * high.gain + (high.frequency - f) * low.gain
        return (Float(sum / (high.frequency - low.frequency)), i)
    }
}

/// A second-order section in the direct form II, as tabulated by P.862: b₀ + b₁z⁻¹ + b₂z⁻² over 1 + a₁z⁻¹ + a₂z⁻².
struct Biquad: Sendable {
    let b0, b1, b2, a1, a2: Float

    private init(_ b0: Float, _ b1: Float, _ b2: Float, _ a1: Float, _ a2: Float) {
        (self.b0, self.b1, self.b2, self.a1, self.a2) = (b0, b1, b2, a1, a2)
    }

    /// Filters a range in place, from a state of rest.
    func filter(_ samples: inout [Float], _ range: Range<Int>) {
        var (last, beforeLast): (Float, Float) = (0, 0)
        samples.withUnsafeMutableBufferPointer { x in
            for i in range {
                let state = x[i] - a1 * last - a2 * beforeLast
                x[i] = b0 * state + b1 * last + b2 * beforeLast
                (last, beforeLast) = (state, last)
            }
        }
    }

    /// The high-pass of P.862.2 at 16 kHz.
    static let headphones = Biquad(2.740826, -5.4816519, 2.740826, -1.9444777, 0.94597794)

    /// The band-pass before time alignment.
    static func alignment(sampleRate: Int) -> [Biquad] { sampleRate == 8000 ? alignment8k : alignment16k }

    private static let alignment8k = [
        Biquad(0.885535424, -0.885535424, 0, -0.771070709, 0),
        Biquad(0.895092588, 1.292907193, 0.449260174, 1.268869037, 0.442025372),
        Biquad(4.049527940, -7.865190042, 3.815662102, -1.746859852, 0.786305963),
        Biquad(0.500002353, -0.500002353, 0, 0, 0),
        Biquad(0.565002834, -0.241585934, -0.306009671, 0.259688659, 0.249979657),
        Biquad(2.115237288, 0.919935084, 1.141240051, -1.587313419, 0.665935315),
        Biquad(0.912224584, -0.224397719, -0.641121413, -0.246029464, -0.556720590),
        Biquad(0.444617727, -0.307589321, 0.141638062, -0.996391149, 0.502251622),
    ]

    private static let alignment16k = [
        Biquad(0.325631521, -0.086782860, -0.238848661, -1.079416490, 0.434583902),
        Biquad(0.403961804, -0.556985881, 0.153024077, -0.415115835, 0.696590244),
        Biquad(4.736162769, 3.287251046, 1.753289019, -1.859599046, 0.876284034),
        Biquad(0.365373469, 0, 0, -0.634626531, 0),
        Biquad(0.884811506, 0, 0, -0.256725271, 0.141536777),
        Biquad(0.723593055, -1.447186099, 0.723593044, -1.129587469, 0.657232737),
        Biquad(1.644910855, -1.817280902, 1.249658063, -1.778403899, 0.801724355),
        Biquad(0.633692689, -0.284644314, -0.319789663, 0, 0),
        Biquad(1.032763031, 0.268428979, 0.602913323, 0, 0),
        Biquad(1.001616361, -0.823749013, 0.439731942, -0.885778255, 0),
        Biquad(0.752472096, -0.375388990, 0.188977609, -0.077258216, 0.247230734),
        Biquad(1.023700575, 0.001661628, 0.521284240, -0.183867259, 0.354324187),
    ]
}
