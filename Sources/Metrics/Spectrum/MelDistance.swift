import Spectral

/// The mel distance of Kumar et al., "High-Fidelity Audio Compression with Improved RVQGAN" (the DAC paper, 2023):
/// Σ over seven scales of the mean of |log₁₀ M_r − log₁₀ M_d|, with M the mel magnitudes raised to at least 10⁻⁵.
///
/// Hann windows of 32, 64, … 2048 samples with 5, 10, … 320 mel bands, hop a quarter of the window, frames centred with
/// reflected edges; Slaney's scale and norm from 0 Hz to half the sample rate. The paper measures at 44.1 kHz; this measures
/// at the signals' own rate, and values at different rates do not compare.
///
/// One scale of it; `CentredDistances` makes the transforms and sums the scales.
struct MelDistance: Sendable {
    private let logMel: LogMel
    private var difference = 0.0
    private var count = 0

    init(_ stft: STFT, bands: Int, sampleRate: Int) throws(SpectralError) {
        logMel = try LogMel(
            stft: stft, filters: try MelFilterbank(sampleRate: Double(sampleRate), fftSize: stft.fftSize, bands: bands),
            exponent: .magnitude, logarithm: .ten, floor: 1e-5)
    }

    mutating func add(_ spectra: (Spectrum, Spectrum)) {
        let (reference, degraded) = (logMel.apply(spectra.0).values, logMel.apply(spectra.1).values)
        for i in reference.indices { difference += Double(abs(reference[i] - degraded[i])) }
        count += reference.count
    }

    var mean: Double { difference / Double(count) }
}
