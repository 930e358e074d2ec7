import Kernels
import Spectral

/// The bandwidth of each signal in Hz: the upper edge of the highest band of some 200 Hz whose mean power is at most 60 dB
/// below that of the loudest band. Powers are means over the whole signal of Hann-windowed frames of 2048 samples, hop 1024,
/// inside the signal.
///
/// The level does not matter. A codec that stops at 4 kHz shows as 4 kHz, a recording that has nothing up there as well;
/// hence both signals.
struct Bandwidth: PairAccumulator {
    private let sampleRate: Int
    /// Bins a band, and how many whole bands there are.
    private let width: Int
    private var stft: PairedSTFT
    private var sampleCount = 0
    private var reference: [Double]
    private var degraded: [Double]

    private static let fftSize = 2048
    /// −60 dB.
    private static let threshold = 1e-6

    init(sampleRate: Int) throws(SpectralError) {
        self.sampleRate = sampleRate
        width = max(1, Int((200 * Double(Self.fftSize) / Double(sampleRate)).rounded()))
        let transform = try STFT(fftSize: Self.fftSize, hopLength: Self.fftSize / 2, padding: .none)
        stft = PairedSTFT(transform)
        reference = [Double](repeating: 0, count: transform.bins / width)
        degraded = reference
    }

    mutating func push(reference: [Float], degraded: [Float]) {
        sampleCount += reference.count
        add(stft.push(reference: reference, degraded: degraded))
    }

    private mutating func add(_ spectra: (Spectrum, Spectrum)) {
        Self.add(spectra.0.power, width, to: &reference)
        Self.add(spectra.1.power, width, to: &degraded)
    }

    private static func add(_ power: Frames, _ width: Int, to bands: inout [Double]) {
        for t in 0..<power.count {
            for band in bands.indices {
                for bin in (band * width)..<((band + 1) * width) { bands[band] += Double(power[t, bin]) }
            }
        }
    }

    mutating func finish() -> [Measure: MetricValue] {
        // Frames inside the signal are complete with their last sample: there is nothing to flush.
        if sampleCount < Self.fftSize {
            let reason = MetricValue.undefined(.tooShort(samples: sampleCount, needed: Self.fftSize))
            return [.bandwidthReference: reason, .bandwidthDegraded: reason]
        }
        return [
            .bandwidthReference: edge(reference, silent: .silentReference),
            .bandwidthDegraded: edge(degraded, silent: .silentDegraded),
        ]
    }

    private func edge(_ bands: [Double], silent: UndefinedReason) -> MetricValue {
        guard let peak = bands.max(), peak > 0 else { return .undefined(silent) }
        guard let highest = bands.lastIndex(where: { $0 >= peak * Self.threshold }) else { return .undefined(.overflow) }
        return .value(Double((highest + 1) * width) * Double(sampleRate) / Double(Self.fftSize))
    }
}
