import Platform
import Spectral

/// The STFT distance of Kumar et al., "High-Fidelity Audio Compression with Improved RVQGAN" (the DAC paper, 2023), with the
/// settings of its code: Σ over windows of 2048 and 512 samples of the mean of |log₁₀ R² − log₁₀ D²|, powers raised to at least
/// 10⁻⁵ first, plus the mean of |R − D|, on magnitudes R and D. Hann, hop a quarter of the window, centred, reflected edges.
///
/// One window's part of it; `CentredDistances` makes the transforms and sums the parts.
struct STFTDistance: Sendable {
    private var difference = 0.0
    private var count = 0

    mutating func add(_ reference: [Float], _ degraded: [Float]) {
        for i in reference.indices {
            let (r, d) = (reference[i], degraded[i])
            difference += Double(abs(log10f(max(r, 1e-5) / max(d, 1e-5))))
            difference += Double(abs(r.squareRoot() - d.squareRoot()))
        }
        count += reference.count
    }

    var mean: Double { difference / Double(count) }
}

/// The multi-scale mel distance that EnCodec is trained with (Défossez, Copet, Synnaeve and Adi, "High Fidelity Neural Audio
/// Compression", 2022), with the settings published with its training code: over Hann windows of 64, 128, … 1024 samples,
/// hop a quarter, the mean of |R − D| plus the mean of (log₁₀(10⁻⁵ + R) − log₁₀(10⁻⁵ + D))², averaged over the ten terms.
///
/// R and D are powers divided by the window's energy, in 64 bands of the HTK mel scale from 64 Hz up, peaks of 1. Frames lie
/// on whole hops, edges reflected; a last frame that is not filled does not count.
struct EncodecMelDistance: PairAccumulator {
    private struct Scale: Sendable {
        var stft: PairedSTFT
        let filters: MelFilterbank
        let gain: Float
        var difference = 0.0
        var count = 0

        init(window: Int, sampleRate: Int) throws(SpectralError) {
            let transform = try STFT(fftSize: window, hopLength: window / 4, padding: .same())
            stft = PairedSTFT(transform)
            filters = try MelFilterbank(
                sampleRate: Double(sampleRate), fftSize: window, bands: 64, minimumFrequency: 64, scale: .htk, norm: .none)
            gain = 1 / transform.window.reduce(0) { $0 + $1 * $1 }
        }

        mutating func add(_ spectra: (Spectrum, Spectrum)) {
            let reference = filters.apply(spectra.0.power).values
            let degraded = filters.apply(spectra.1.power).values
            for i in reference.indices {
                let (r, d) = (gain * reference[i], gain * degraded[i])
                let delta = Double(log10f((1e-5 + r) / (1e-5 + d)))
                difference += Double(abs(r - d)) + delta * delta
            }
            count += reference.count
        }
    }

    private var scales: [Scale]

    init(sampleRate: Int) throws(SpectralError) {
        scales = []
        for octave in (6...10).reversed() { scales.append(try Scale(window: 1 << octave, sampleRate: sampleRate)) }
    }

    mutating func push(reference: [Float], degraded: [Float]) {
        for i in scales.indices { scales[i].add(scales[i].stft.push(reference: reference, degraded: degraded)) }
    }

    mutating func finish() -> [Measure: MetricValue] { [.encodecMelDistance: value()] }

    private mutating func value() -> MetricValue {
        do throws(SpectralError) {
            for i in scales.indices { scales[i].add(try scales[i].stft.finish()) }
        } catch {
            return undefined(error)
        }
        let terms = Double(2 * scales.count)
        return .value(scales.reduce(0) { $0 + $1.difference / Double($1.count) } / terms)
    }
}
