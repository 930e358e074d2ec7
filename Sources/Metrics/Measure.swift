/// The reconstruction measures, each defined where it is computed.
public enum Measure: String, Sendable, Hashable, Codable, CaseIterable {
    /// Signal-to-noise ratio in dB; more is better. See `WaveformSums`.
    case snr
    /// Segmental signal-to-noise ratio in dB; more is better. See `SegmentalSNR`.
    case segmentalSNR
    /// Scale-invariant signal-to-distortion ratio in dB; more is better. See `WaveformSums`.
    case siSDR
    /// Multi-resolution STFT distance; less is better. See `MultiResolutionSTFT`.
    case multiResolutionSTFT
    /// Multi-scale mel distance; less is better. See `MelDistance`.
    case melDistance
    /// Log-spectral distance in dB; less is better. See `LogSpectralDistance`.
    case logSpectralDistance
    /// Short-time objective intelligibility, at most 1; more is better. See `Intelligibility`.
    case stoi
    /// Extended short-time objective intelligibility, at most 1; more is better. See `Intelligibility`.
    case estoi
}

/// One value for each measure.
public struct MeasureValues: Sendable, Hashable, Codable {
    public let snr: MetricValue
    public let segmentalSNR: MetricValue
    public let siSDR: MetricValue
    public let multiResolutionSTFT: MetricValue
    public let melDistance: MetricValue
    public let logSpectralDistance: MetricValue
    public let stoi: MetricValue
    public let estoi: MetricValue

    /// Asks `value` for each measure.
    public init(_ value: (Measure) -> MetricValue) {
        snr = value(.snr)
        segmentalSNR = value(.segmentalSNR)
        siSDR = value(.siSDR)
        multiResolutionSTFT = value(.multiResolutionSTFT)
        melDistance = value(.melDistance)
        logSpectralDistance = value(.logSpectralDistance)
        stoi = value(.stoi)
        estoi = value(.estoi)
    }

    public subscript(measure: Measure) -> MetricValue {
        switch measure {
        case .snr: return snr
        case .segmentalSNR: return segmentalSNR
        case .siSDR: return siSDR
        case .multiResolutionSTFT: return multiResolutionSTFT
        case .melDistance: return melDistance
        case .logSpectralDistance: return logSpectralDistance
        case .stoi: return stoi
        case .estoi: return estoi
        }
    }

    /// The mean over channels; undefined with the first reason found when it is undefined in any channel, and
    /// `noOverlap` without channels.
    static func mean(of channels: [MeasureValues]) -> MeasureValues {
        MeasureValues { measure in
            var sum = 0.0
            for channel in channels {
                guard let number = channel[measure].number else { return channel[measure] }
                sum += number
            }
            return channels.isEmpty ? .undefined(.noOverlap) : .value(sum / Double(channels.count))
        }
    }
}

/// The running state of one measure over aligned pairs of one channel. Its sums go sample by sample or frame by frame in
/// double precision, so that any cut of the signals gives the same bits.
///
/// Its owner has ruled out silent references and samples that are not finite before it asks for the value.
protocol PairAccumulator: Sendable {
    /// Takes as many samples of both signals.
    mutating func push(reference: [Float], degraded: [Float])
    /// The measure over all that was pushed.
    mutating func finish() -> MetricValue
}
