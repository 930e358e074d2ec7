import Platform
import Spectral

/// The same STFT over both signals of a pair.
struct PairedSTFT: Sendable {
    private var reference: STFTAnalysis
    private var degraded: STFTAnalysis

    init(_ stft: STFT) {
        reference = STFTAnalysis(stft)
        degraded = STFTAnalysis(stft)
    }

    mutating func push(reference r: [Float], degraded d: [Float]) -> (Spectrum, Spectrum) {
        (reference.advance(r), degraded.advance(d))
    }

    mutating func finish() throws(SpectralError) -> (Spectrum, Spectrum) {
        (try reference.complete(), try degraded.complete())
    }
}

/// Why a distance over STFT frames has no value: the only error that finishing an analysis throws.
func undefined(_ error: SpectralError) -> MetricValue {
    guard case .signalTooShort(let samples, let needed) = error else { return .undefined(.noOverlap) }
    return .undefined(.tooShort(samples: samples, needed: needed))
}

/// The multi-resolution STFT distance of Yamamoto, Song and Kim, "Parallel WaveGAN" (2020): spectral convergence
/// ‖R − D‖ / ‖R‖ (Frobenius, over the whole signal) plus the mean of |ln R − ln D|, on magnitudes R and D, averaged over three
/// resolutions: FFT 512, 1024, 2048; hop 50, 120, 240; Hann windows of 240, 600, 1200 samples at any sample rate; frames
/// centred with reflected edges. Powers are raised to at least 10⁻⁷ first, as in the authors' loss.
struct MultiResolutionSTFT: PairAccumulator {
    private struct Resolution: Sendable {
        var stft: PairedSTFT
        var difference = 0.0
        var energy = 0.0
        var logDifference = 0.0
        var count = 0

        mutating func add(_ spectra: (Spectrum, Spectrum)) {
            let (reference, degraded) = (spectra.0.power.values, spectra.1.power.values)
            for i in reference.indices {
                let (r, d) = (max(reference[i], 1e-7), max(degraded[i], 1e-7))
                let delta = Double(r).squareRoot() - Double(d).squareRoot()
                difference += delta * delta
                energy += Double(r)
                // ln √r − ln √d
                logDifference += Double(abs(0.5 * logf(r / d)))
            }
            count += reference.count
        }

        var value: Double { (difference / energy).squareRoot() + logDifference / Double(count) }
    }

    private var resolutions: [Resolution]

    init() throws(SpectralError) {
        resolutions = []
        for (fftSize, hop, window) in [(512, 50, 240), (1024, 120, 600), (2048, 240, 1200)] {
            let stft = try STFT(fftSize: fftSize, hopLength: hop, windowLength: window)
            resolutions.append(Resolution(stft: PairedSTFT(stft)))
        }
    }

    mutating func push(reference: [Float], degraded: [Float]) {
        for i in resolutions.indices {
            resolutions[i].add(resolutions[i].stft.push(reference: reference, degraded: degraded))
        }
    }

    mutating func finish() -> [Measure: MetricValue] { [.multiResolutionSTFT: value()] }

    private mutating func value() -> MetricValue {
        do throws(SpectralError) {
            // Largest FFT first, so that a signal too short is told what the whole measure needs.
            for i in resolutions.indices.reversed() { resolutions[i].add(try resolutions[i].stft.finish()) }
        } catch {
            return undefined(error)
        }
        return .value(resolutions.reduce(0) { $0 + $1.value } / Double(resolutions.count))
    }
}

/// The log-spectral distance of Gray and Markel, "Distance measures for speech processing" (1976): the mean over frames of
/// the root mean square over bins of 10 log₁₀ (|R|² / |D|²), in dB. Frames of 2048 samples, hop 512, Hann, centred with
/// reflected edges, the setting common in audio super-resolution; powers are raised to at least 10⁻¹⁰ first.
///
/// `CentredDistances` makes the transforms.
struct LogSpectralDistance: Sendable {
    private var sum = 0.0
    private var frames = 0

    /// Takes powers `[frames, bins]`.
    mutating func add(_ reference: [Float], _ degraded: [Float], bins: Int) {
        for start in stride(from: 0, to: reference.count, by: bins) {
            var squares = 0.0
            for i in start..<(start + bins) {
                let decibels = Double(10 * log10f(max(reference[i], 1e-10) / max(degraded[i], 1e-10)))
                squares += decibels * decibels
            }
            sum += (squares / Double(bins)).squareRoot()
        }
        frames += reference.count / bins
    }

    var mean: Double { sum / Double(frames) }
}
