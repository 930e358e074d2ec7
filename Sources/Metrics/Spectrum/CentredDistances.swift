import Spectral

/// The distances over frames of the same kind, which share their transforms: `MelDistance`, `STFTDistance` and
/// `LogSpectralDistance`, all of Hann windows, hop a quarter, centred with reflected edges.
struct CentredDistances: PairAccumulator {
    private struct Scale: Sendable {
        var stft: PairedSTFT
        var mel: MelDistance
        var magnitudes: STFTDistance?
        var decibels: LogSpectralDistance?

        mutating func add(_ spectra: (Spectrum, Spectrum)) {
            mel.add(spectra)
            if magnitudes == nil, decibels == nil { return }
            let (reference, degraded) = (spectra.0.power.values, spectra.1.power.values)
            magnitudes?.add(reference, degraded)
            decibels?.add(reference, degraded, bins: spectra.0.bins)
        }
    }

    /// From the largest window down, so that a signal too short is told what the whole measures need.
    private var scales: [Scale] = []

    init(sampleRate: Int) throws(SpectralError) {
        for octave in (0..<7).reversed() {
            let window = 32 << octave
            let stft = try STFT(fftSize: window, hopLength: window / 4)
            scales.append(
                Scale(
                    stft: PairedSTFT(stft), mel: try MelDistance(stft, bands: 5 << octave, sampleRate: sampleRate),
                    magnitudes: [512, 2048].contains(window) ? STFTDistance() : nil,
                    decibels: window == 2048 ? LogSpectralDistance() : nil))
        }
    }

    mutating func push(reference: [Float], degraded: [Float]) {
        for i in scales.indices { scales[i].add(scales[i].stft.push(reference: reference, degraded: degraded)) }
    }

    mutating func finish() -> [Measure: MetricValue] {
        do throws(SpectralError) {
            for i in scales.indices { scales[i].add(try scales[i].stft.finish()) }
        } catch {
            let reason = undefined(error)
            return [.melDistance: reason, .stftDistance: reason, .logSpectralDistance: reason]
        }
        func sum(_ part: (Scale) -> Double?) -> MetricValue { .value(scales.compactMap(part).reduce(0, +)) }
        return [
            .melDistance: sum { $0.mel.mean }, .stftDistance: sum { $0.magnitudes?.mean },
            .logSpectralDistance: sum { $0.decibels?.mean },
        ]
    }
}
