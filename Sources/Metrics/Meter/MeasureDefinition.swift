/// What a measure is, for tables and for whoever ranks by it.
public struct MeasureDefinition: Sendable, Hashable {
    /// What it looks at.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Differences of samples.
        case waveform
        /// Differences of spectra.
        case spectrum
        /// How much of speech can be understood.
        case intelligibility
        /// How a listener would rate it.
        case quality
        /// How well the pitch is kept.
        case pitch
        /// What each signal is by itself.
        case signal

        /// A table's heading.
        public var title: String {
            switch self {
            case .waveform: return "Waveform"
            case .spectrum: return "Spectrum"
            case .intelligibility: return "Intelligibility"
            case .quality: return "Perceived quality"
            case .pitch: return "Pitch"
            case .signal: return "The signals themselves"
            }
        }
    }

    /// Which values are good.
    public enum Direction: String, Sendable, Hashable, Codable {
        /// Greater values are better.
        case moreIsBetter
        /// Smaller values are better.
        case lessIsBetter
        /// A difference with a sign.
        case nearerZeroIsBetter
        /// Neither: it tells what a signal is.
        case descriptive
    }

    /// The key in reports: a measure's raw value such as `siSDR`; of external scorers `scorer.score`.
    public private(set) var name: String
    /// Nil for external scorers.
    public let kind: Kind?
    /// A few words, the first capitalised.
    public let title: String
    /// Empty for a pure number.
    public let unit: String
    /// Which values are good.
    public let direction: Direction
    /// Decimals that a table shows.
    public let decimals: Int
    /// The rate in Hz that both signals are converted to first, or nil for one that is measured at the signals' own.
    public let sampleRate: Int?

    fileprivate init(
        _ kind: Kind, _ title: String, _ unit: String, _ direction: Direction, decimals: Int = 2, at sampleRate: Int? = nil
    ) {
        name = ""
        self.kind = kind
        self.title = title
        self.unit = unit
        self.direction = direction
        self.decimals = decimals
        self.sampleRate = sampleRate
    }

    /// A measure under its name in a document. What a document does not say of one of the toolkit's own measures is known.
    /// - Parameter moreIsBetter: nil when unknown, as for an external scorer, or when neither is better.
    public init(name: String, title: String, unit: String = "", moreIsBetter: Bool? = nil, decimals: Int = 3) {
        let own = Measure(rawValue: name)?.definition
        self.name = name
        self.title = title
        self.unit = unit
        self.decimals = decimals
        kind = own?.kind
        sampleRate = own?.sampleRate
        switch moreIsBetter {
        case true?: direction = .moreIsBetter
        case false?: direction = .lessIsBetter
        case nil: direction = own.flatMap { $0.moreIsBetter == nil ? $0.direction : nil } ?? .descriptive
        }
    }

    /// Whether more is better; nil when unknown, or when neither is.
    public var moreIsBetter: Bool? {
        switch direction {
        case .moreIsBetter: return true
        case .lessIsBetter: return false
        case .nearerZeroIsBetter, .descriptive: return nil
        }
    }

    fileprivate func named(_ name: String) -> MeasureDefinition {
        var definition = self
        definition.name = name
        return definition
    }
}

/// In JSON `{"name": "siSDR", "title": "SI-SDR", "unit": "dB", "moreIsBetter": true, "decimals": 2}`.
extension MeasureDefinition: Codable {
    private enum CodingKeys: String, CodingKey { case name, title, unit, moreIsBetter, decimals }

    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name), title: try container.decode(String.self, forKey: .title),
            unit: try container.decode(String.self, forKey: .unit),
            moreIsBetter: try container.decodeIfPresent(Bool.self, forKey: .moreIsBetter),
            decimals: try container.decode(Int.self, forKey: .decimals))
    }

    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(title, forKey: .title)
        try container.encode(unit, forKey: .unit)
        try container.encodeIfPresent(moreIsBetter, forKey: .moreIsBetter)
        try container.encode(decimals, forKey: .decimals)
    }
}

extension Measure {
    /// What the measure is. Its formula stands where it is computed, see `MeasureFamily`.
    public var definition: MeasureDefinition { facts.named(rawValue) }

    private var facts: MeasureDefinition {
        switch self {
        case .snr: return MeasureDefinition(.waveform, "SNR", "dB", .moreIsBetter)
        case .segmentalSNR: return MeasureDefinition(.waveform, "Segmental SNR", "dB", .moreIsBetter)
        case .siSDR: return MeasureDefinition(.waveform, "SI-SDR", "dB", .moreIsBetter)
        case .multiResolutionSTFT:
            return MeasureDefinition(.spectrum, "Multi-resolution STFT", "", .lessIsBetter, decimals: 3)
        case .stftDistance: return MeasureDefinition(.spectrum, "STFT distance (DAC)", "", .lessIsBetter, decimals: 3)
        case .melDistance: return MeasureDefinition(.spectrum, "Mel distance (DAC)", "", .lessIsBetter, decimals: 3)
        case .encodecMelDistance:
            return MeasureDefinition(.spectrum, "Mel distance (EnCodec)", "", .lessIsBetter, decimals: 3)
        case .logSpectralDistance: return MeasureDefinition(.spectrum, "Log-spectral distance", "dB", .lessIsBetter)
        case .melCepstralDistortion:
            return MeasureDefinition(.spectrum, "Mel-cepstral distortion", "dB", .lessIsBetter, at: 16_000)
        case .stoi: return MeasureDefinition(.intelligibility, "STOI", "", .moreIsBetter, decimals: 3, at: 10_000)
        case .estoi: return MeasureDefinition(.intelligibility, "ESTOI", "", .moreIsBetter, decimals: 3, at: 10_000)
        case .pesqNarrowband: return MeasureDefinition(.quality, "PESQ, narrowband", "MOS-LQO", .moreIsBetter, at: 8000)
        case .pesqWideband: return MeasureDefinition(.quality, "PESQ, wideband", "MOS-LQO", .moreIsBetter, at: 16_000)
        case .visqolSpeech:
            return MeasureDefinition(.quality, "ViSQOL similarity, speech", "", .moreIsBetter, decimals: 3, at: 16_000)
        case .visqolSpeechMOS: return MeasureDefinition(.quality, "ViSQOL, speech", "MOS-LQO", .moreIsBetter, at: 16_000)
        case .visqolAudio:
            return MeasureDefinition(.quality, "ViSQOL similarity, audio", "", .moreIsBetter, decimals: 3, at: 48_000)
        case .f0ErrorCents:
            return MeasureDefinition(.pitch, "F0 error (RMS)", "cents", .lessIsBetter, decimals: 1, at: 16_000)
        case .f0ErrorHertz: return MeasureDefinition(.pitch, "F0 error (RMS)", "Hz", .lessIsBetter, at: 16_000)
        case .grossPitchError: return MeasureDefinition(.pitch, "Gross pitch error", "%", .lessIsBetter, at: 16_000)
        case .voicingDecisionError:
            return MeasureDefinition(.pitch, "Voicing decision error", "%", .lessIsBetter, at: 16_000)
        case .loudnessReference: return MeasureDefinition(.signal, "Loudness, reference", "LUFS", .descriptive)
        case .loudnessDegraded: return MeasureDefinition(.signal, "Loudness, degraded", "LUFS", .descriptive)
        case .loudnessDifference: return MeasureDefinition(.signal, "Loudness difference", "LU", .nearerZeroIsBetter)
        case .bandwidthReference:
            return MeasureDefinition(.signal, "Bandwidth, reference", "Hz", .descriptive, decimals: 0)
        case .bandwidthDegraded: return MeasureDefinition(.signal, "Bandwidth, degraded", "Hz", .descriptive, decimals: 0)
        case .clippingReference: return MeasureDefinition(.signal, "Clipped samples, reference", "%", .descriptive, decimals: 3)
        case .clippingDegraded: return MeasureDefinition(.signal, "Clipped samples, degraded", "%", .descriptive, decimals: 3)
        }
    }
}
