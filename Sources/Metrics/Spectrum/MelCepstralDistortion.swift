import Platform
import Spectral

/// Mel-cepstral distortion in dB (Kubichek, "Mel-cepstral distance measure for objective speech quality assessment", 1993):
/// the mean over frames of (10 / ln 10) · √(2 Σ (Δc_k)²), k = 1 … 24, at 16 kHz. Without c₀ the level does not matter.
///
/// c_k = (2/N) Σ ln M_n cos(πk(n + ½)/N) over the magnitudes M of N = 80 mel bands (Slaney's scale and norm, 0–8 kHz) of Hann
/// windows of 1024 samples, hop 80 (5 ms), centred, reflected edges, magnitudes raised to at least 10⁻⁵: the cepstrum of a
/// smoothed spectrum on the mel scale, so the distortion is the root mean square of its difference in dB. Every frame counts,
/// frames are compared where they stand, without time warping. Values by WORLD and SPTK are on the same scale but not equal.
struct MelCepstralDistortion: PairAccumulator {
    private var stft: PairedSTFT
    private let logMel: LogMel
    private let cepstrum: MFCC
    private var sum = 0.0
    private var frames = 0

    private static let bands = 80
    private static let order = 24
    /// From a root sum of squares of orthonormal coefficients to dB.
    private static let scale = 10 / log(10) * (2 * 2 / Double(bands)).squareRoot()

    init(sampleRate: Int) throws(SpectralError) {
        let transform = try STFT(fftSize: 1024, hopLength: sampleRate / 200)
        stft = PairedSTFT(transform)
        logMel = try LogMel(
            stft: transform, filters: try MelFilterbank(sampleRate: Double(sampleRate), fftSize: 1024, bands: Self.bands),
            exponent: .magnitude, logarithm: .natural, floor: 1e-5)
        cepstrum = try MFCC(count: Self.order + 1, bands: Self.bands)
    }

    mutating func push(reference: [Float], degraded: [Float]) {
        add(stft.push(reference: reference, degraded: degraded))
    }

    private mutating func add(_ spectra: (Spectrum, Spectrum)) {
        let (r, d) = (cepstrum.apply(logMel.apply(spectra.0)), cepstrum.apply(logMel.apply(spectra.1)))
        for t in 0..<r.count {
            var squares = 0.0
            for k in 1...Self.order {
                let delta = Double(r[t, k] - d[t, k])
                squares += delta * delta
            }
            sum += Self.scale * squares.squareRoot()
        }
        frames += r.count
    }

    mutating func finish() -> [Measure: MetricValue] {
        do throws(SpectralError) {
            add(try stft.finish())
        } catch {
            return [.melCepstralDistortion: undefined(error)]
        }
        return [.melCepstralDistortion: .value(sum / Double(frames))]
    }
}
