import Spectral
import Tensors

/// The mel distance of Kumar et al., "High-Fidelity Audio Compression with Improved RVQGAN" (the DAC paper, 2023):
/// Σ over seven scales of the mean of |log₁₀ M_r − log₁₀ M_d|, with M the mel magnitudes raised to at least 10⁻⁵.
///
/// Hann windows of 32, 64, … 2048 samples with 5, 10, … 320 mel bands, hop a quarter of the window, frames centred with
/// reflected edges; Slaney's scale and norm from 0 Hz to half the sample rate. The paper measures at 44.1 kHz; this measures
/// at the signals' own rate, and values at different rates do not compare.
struct MelDistance: PairAccumulator {
    private struct Scale: Sendable {
        var stft: PairedSTFT
        let logMel: LogMel
        var difference = 0.0
        var count = 0

        init(window: Int, bands: Int, sampleRate: Int) throws(SpectralError) {
            let transform = try STFT(fftSize: window, hopLength: window / 4)
            stft = PairedSTFT(transform)
            logMel = try LogMel(
                stft: transform,
                filters: try MelFilterbank(sampleRate: Double(sampleRate), fftSize: window, bands: bands),
                exponent: .magnitude, logarithm: .ten, floor: 1e-5)
        }

        mutating func add(_ spectra: (Spectrum, Spectrum)) {
            let (reference, degraded) = (logMel.apply(spectra.0).values, logMel.apply(spectra.1).values)
            for i in reference.indices { difference += Double(abs(reference[i] - degraded[i])) }
            count += reference.count
        }
    }

    private var scales: [Scale]

    init(sampleRate: Int) throws(SpectralError) {
        scales = []
        for octave in 0..<7 {
            scales.append(try Scale(window: 32 << octave, bands: 5 << octave, sampleRate: sampleRate))
        }
    }

    mutating func push(reference: [Float], degraded: [Float]) {
        for i in scales.indices { scales[i].add(scales[i].stft.push(reference: reference, degraded: degraded)) }
    }

    mutating func finish() -> [Measure: MetricValue] { [.melDistance: value()] }

    private mutating func value() -> MetricValue {
        do throws(SpectralError) {
            // Largest window first, so that a signal too short is told what the whole measure needs.
            for i in scales.indices.reversed() { scales[i].add(try scales[i].stft.finish()) }
        } catch {
            return undefined(error)
        }
        return .value(scales.reduce(0) { $0 + $1.difference / Double($1.count) })
    }
}
