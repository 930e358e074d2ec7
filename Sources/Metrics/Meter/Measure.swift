/// The measures of a pair. To add one: a case here, a line in `MeasureDefinition.swift` that says what it is, and a line in
/// `MeasureFamily.swift` that says what computes it. Tables, JSON and `--measures` follow.
public enum Measure: String, Sendable, Hashable, Codable, CodingKey, CaseIterable {
    case snr
    case segmentalSNR
    case siSDR
    case multiResolutionSTFT
    case stftDistance
    case melDistance
    case encodecMelDistance
    case logSpectralDistance
    case melCepstralDistortion
    case stoi
    case estoi
    case pesqNarrowband
    case pesqWideband
    case visqolSpeech
    case visqolSpeechMOS
    case visqolAudio
    case f0ErrorCents
    case f0ErrorHertz
    case grossPitchError
    case voicingDecisionError
    case loudnessReference
    case loudnessDegraded
    case loudnessDifference
    case bandwidthReference
    case bandwidthDegraded
    case clippingReference
    case clippingDegraded
}

extension Measure {
    /// The measures that say most of a codec, without those that describe the signals or repeat another in other units.
    public static let main: Set<Measure> = [
        .snr, .segmentalSNR, .siSDR, .multiResolutionSTFT, .melDistance, .logSpectralDistance, .melCepstralDistortion, .stoi,
        .estoi, .pesqWideband, .visqolSpeech,
    ]

    /// All measures that say something of signals at a sample rate in Hz: ViSQOL's audio mode looks up to 24 kHz, and below
    /// CD's rate a good part of its bands would be empty in both signals, which counts as similar.
    public static func standard(sampleRate: Int) -> Set<Measure> {
        Set(allCases).subtracting(sampleRate < 44_100 ? [.visqolAudio] : [])
    }
}

/// One value for each measure. In JSON an object with a key a measure; one that is not there reads as `notMeasured`, so that
/// what an older version wrote can be read.
public struct MeasureValues: Sendable, Hashable {
    /// In the order of `Measure.allCases`.
    private let values: [MetricValue]

    private static let positions = Dictionary(uniqueKeysWithValues: zip(Measure.allCases, Measure.allCases.indices))

    /// Asks `value` for each measure.
    public init(_ value: (Measure) -> MetricValue) { values = Measure.allCases.map(value) }

    public subscript(measure: Measure) -> MetricValue { values[Self.positions[measure] ?? 0] }

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

extension MeasureValues: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Measure.self)
        values = try Measure.allCases.map {
            try container.decodeIfPresent(MetricValue.self, forKey: $0) ?? .undefined(.notMeasured)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Measure.self)
        for (measure, value) in zip(Measure.allCases, values) { try container.encode(value, forKey: measure) }
    }
}
