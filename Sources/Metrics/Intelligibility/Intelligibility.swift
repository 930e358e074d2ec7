import Kernels
import Platform
import Spectral

/// The short-time objective intelligibility (STOI) of Taal, Hendriks, Heusdens and Jensen, "An algorithm for intelligibility
/// prediction of time–frequency weighted noisy speech" (2011), and the extended one (ESTOI) of Jensen and Taal, "An algorithm
/// for predicting the intelligibility of speech masked by modulated noise maskers" (2016).
///
/// Both signals at 10 kHz are cut into Hann windows of 256 samples, half overlapping; windows in which the reference is more
/// than 40 dB below its loudest are left out and the others added up again. Magnitudes in 15 one-third octave bands from 150 Hz
/// are then compared over stretches of 30 frames, 384 ms, and the correlations averaged. Edges are treated as in the authors'
/// code and in pystoi 0.4.1, whose numbers these are. A band without variation, as in a drop-out of digital silence, correlates
/// with nothing; pystoi puts random noise there, so that its ESTOI varies by some 10⁻³ from call to call about the value here.
///
/// Which windows are silent is known at the end only, so signals are held. To bound that, ones over ten minutes are measured in
/// parts of ten minutes, each with its own loudest window, and the mean is taken over the segments of all.
struct Intelligibility: PairAccumulator {
    private let fft: RealFFT
    private var held = HeldPair(partLength: Self.partLength)
    private var sampleCount = 0
    private var isDegradedSilent = true
    /// Windows that were not silent, in the part that has most of them.
    private var activeWindows = 0
    private var sums = SegmentSums()

    /// Samples at 10 kHz held at most: ten minutes.
    static let partLength = 6_000_000
    /// Windows that make one segment of STFT frames, as the last gives none.
    private static let neededWindows = SegmentSums.frames + 1

    init() throws(SpectralError) { fft = try RealFFT(size: ActiveSpeech.fftSize) }

    mutating func push(reference r: [Float], degraded d: [Float]) {
        sampleCount += r.count
        if isDegradedSilent { isDegradedSilent = d.allSatisfy { $0 == 0 } }
        for part in held.push(reference: r, degraded: d) { measure(part) }
    }

    mutating func finish() -> [Measure: MetricValue] {
        if let reason = finishSums() { return [.stoi: .undefined(reason), .estoi: .undefined(reason)] }
        return [
            .stoi: .value(sums.stoi / Double(sums.count * ActiveSpeech.bandCount)),
            .estoi: .value(sums.estoi / Double(sums.count * SegmentSums.frames)),
        ]
    }

    /// Measures the rest; says why that leaves nothing to average.
    private mutating func finishSums() -> UndefinedReason? {
        let needed = ActiveSpeech.minimumLength(windows: Self.neededWindows)
        if sampleCount < needed { return .tooShort(samples: sampleCount, needed: needed) }
        if isDegradedSilent { return .silentDegraded }
        measure(held.takeRest())
        return sums.count > 0 ? nil : .tooFewActiveFrames(activeWindows, needed: Self.neededWindows)
    }

    /// Adds the segments of a part.
    private mutating func measure(_ part: HeldPair.Part) {
        let speech = ActiveSpeech(reference: part.reference, degraded: part.degraded)
        activeWindows = max(activeWindows, speech.windows.count)
        sums.add(speech.bands(fft))
    }
}

/// A pair of signals at 10 kHz without the windows in which the reference is silent.
private struct ActiveSpeech {
    let reference: [Float]
    let degraded: [Float]
    /// Where the windows that are kept start.
    let windows: [Int]

    static let length = 256
    static let hop = 128
    static let fftSize = 512
    static let bandCount = 15
    /// Hann without its zero ends.
    static let hann: [Double] = (1...length).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(length + 1)) }
    /// Bins of each band: those nearest to its edges, 150 Hz · 2^((2k ± 1) / 6), the upper not included.
    static let bands: [Range<Int>] = (0..<bandCount).map { k in
        func bin(_ exponent: Int) -> Int {
            Int((150 * pow(2, Double(exponent) / 6) * Double(fftSize) / 10_000).rounded())
        }
        return bin(2 * k - 1)..<bin(2 * k + 1)
    }

    /// Samples that hold so many windows; as in the authors' code, one that ends with the signal does not count.
    static func minimumLength(windows: Int) -> Int { length + (windows - 1) * hop + 1 }

    init(reference: [Float], degraded: [Float]) {
        self.reference = reference
        self.degraded = degraded
        let starts = Array(stride(from: 0, to: reference.count - Self.length, by: Self.hop))
        let energies = starts.map { start in
            var sum = 0.0
            for (i, w) in Self.hann.enumerated() {
                let x = w * Double(reference[start + i])
                sum += x * x
            }
            return sum
        }
        let threshold = 1e-4 * (energies.max() ?? 0)
        windows = zip(starts, energies).filter { $1 > threshold }.map(\.0)
    }

    /// Band magnitudes of both signals, `[frames, bands]`.
    func bands(_ fft: RealFFT) -> (reference: [Double], degraded: [Double]) {
        var result: (reference: [Double], degraded: [Double]) = ([], [])
        for j in windows.indices.dropLast() {
            let rows = Frames(
                count: 2, channels: Self.fftSize, values: frame(j, of: reference) + frame(j, of: degraded))
            let spectra = fft.forward(rows)
            result.reference += Self.bands.map { Self.magnitude(spectra, 0, $0) }
            result.degraded += Self.bands.map { Self.magnitude(spectra, 1, $0) }
        }
        return result
    }

    /// The j-th STFT frame of the kept windows added up again: the window with its kept neighbours' halves, under a window.
    private func frame(_ j: Int, of signal: [Float]) -> [Float] {
        let (window, hop) = (windows[j], Self.hop)
        var frame = [Float](repeating: 0, count: Self.fftSize)
        for i in 0..<hop {
            let before = j > 0 ? Self.hann[hop + i] * Double(signal[windows[j - 1] + hop + i]) : 0
            let after = Self.hann[i] * Double(signal[windows[j + 1] + i])
            frame[i] = Float(Self.hann[i] * (Self.hann[i] * Double(signal[window + i]) + before))
            frame[hop + i] = Float(
                Self.hann[hop + i] * (Self.hann[hop + i] * Double(signal[window + hop + i]) + after))
        }
        return frame
    }

    private static func magnitude(_ spectra: Spectrum, _ row: Int, _ bins: Range<Int>) -> Double {
        var power = 0.0
        for bin in bins {
            let value = spectra[row, bin]
            power += Double(value.real) * Double(value.real) + Double(value.imaginary) * Double(value.imaginary)
        }
        return power.squareRoot()
    }
}

/// The sums over segments that both measures are means of.
private struct SegmentSums {
    private(set) var count = 0
    private(set) var stoi = 0.0
    private(set) var estoi = 0.0

    /// Frames a segment.
    static let frames = 30
    private static let bands = ActiveSpeech.bandCount
    /// How far a normalised degraded magnitude may exceed the reference: to a signal-to-distortion ratio of −15 dB.
    private static let clip = 1 + pow(10, 15.0 / 20)

    /// Adds every segment of band magnitudes, `[frames, bands]`.
    mutating func add(_ magnitudes: (reference: [Double], degraded: [Double])) {
        let width = Self.bands
        for start in 0..<max(0, magnitudes.reference.count / width - Self.frames + 1) {
            let range = (start * width)..<((start + Self.frames) * width)
            let x = Self.byBand(magnitudes.reference[range])
            let y = Self.byBand(magnitudes.degraded[range])
            for band in 0..<width { stoi += Self.correlation(x[band], y[band]) }
            estoi += Self.spectralCorrelation(x, y)
            count += 1
        }
    }

    private static func byBand(_ segment: ArraySlice<Double>) -> [[Double]] {
        (0..<bands).map { band in (0..<frames).map { segment[segment.startIndex + $0 * bands + band] } }
    }

    /// The correlation of one band's magnitudes after those of the degraded signal are scaled to the energy of the
    /// reference and clipped.
    private static func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let level = norm(y)
        if level == 0 { return 0 }
        let scale = norm(x) / level
        let clipped = zip(x, y).map { min($1 * scale, $0 * clip) }
        return dot(standardised(x), standardised(clipped))
    }

    /// The sum over frames of the correlations of the spectra, after each band is standardised over the segment.
    private static func spectralCorrelation(_ x: [[Double]], _ y: [[Double]]) -> Double {
        let (x, y) = (x.map(standardised), y.map(standardised))
        return (0..<frames).reduce(0) { sum, t in
            sum + dot(standardised(x.map { $0[t] }), standardised(y.map { $0[t] }))
        }
    }

    /// Without mean and of norm 1; zeros for a constant, which correlates with nothing.
    private static func standardised(_ values: [Double]) -> [Double] {
        let mean = values.reduce(0, +) / Double(values.count)
        let centred = values.map { $0 - mean }
        let norm = norm(centred)
        return norm > 0 ? centred.map { $0 / norm } : centred
    }

    private static func norm(_ values: [Double]) -> Double { dot(values, values).squareRoot() }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in a.indices { sum += a[i] * b[i] }
        return sum
    }
}
