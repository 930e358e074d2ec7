/// What a measure is, for tables and for whoever ranks by it.
public struct MeasureDefinition: Sendable, Hashable {
    /// What it looks at.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case waveform
        case spectrum
        case intelligibility

        /// A table's heading.
        public var title: String {
            switch self {
            case .waveform: return "Waveform"
            case .spectrum: return "Spectrum"
            case .intelligibility: return "Intelligibility"
            }
        }
    }

    /// Which values are good.
    public enum Direction: String, Sendable, Hashable, Codable {
        case moreIsBetter
        case lessIsBetter
    }

    public let kind: Kind
    /// A few words, the first capitalised.
    public let title: String
    /// Empty for a pure number.
    public let unit: String
    public let direction: Direction
    /// Decimals that a table shows.
    public let decimals: Int
    /// The rate in Hz that both signals are converted to first, or nil for one that is measured at the signals' own.
    public let sampleRate: Int?

    fileprivate init(
        _ kind: Kind, _ title: String, _ unit: String, _ direction: Direction, decimals: Int = 2, at sampleRate: Int? = nil
    ) {
        self.kind = kind
        self.title = title
        self.unit = unit
        self.direction = direction
        self.decimals = decimals
        self.sampleRate = sampleRate
    }
}

extension Measure {
    /// What the measure is. Its formula stands where it is computed, see `MeasureFamily`.
    public var definition: MeasureDefinition {
        switch self {
        case .snr: return MeasureDefinition(.waveform, "SNR", "dB", .moreIsBetter)
        case .segmentalSNR: return MeasureDefinition(.waveform, "Segmental SNR", "dB", .moreIsBetter)
        case .siSDR: return MeasureDefinition(.waveform, "SI-SDR", "dB", .moreIsBetter)
        case .multiResolutionSTFT:
            return MeasureDefinition(.spectrum, "Multi-resolution STFT", "", .lessIsBetter, decimals: 3)
        case .melDistance: return MeasureDefinition(.spectrum, "Mel distance", "", .lessIsBetter, decimals: 3)
        case .logSpectralDistance: return MeasureDefinition(.spectrum, "Log-spectral distance", "dB", .lessIsBetter)
        case .stoi: return MeasureDefinition(.intelligibility, "STOI", "", .moreIsBetter, decimals: 3, at: 10_000)
        case .estoi: return MeasureDefinition(.intelligibility, "ESTOI", "", .moreIsBetter, decimals: 3, at: 10_000)
        }
    }
}
