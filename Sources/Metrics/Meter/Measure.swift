/// The measures of a pair. To add one: a case here, a line in `MeasureDefinition.swift` that says what it is, and a line in
/// `MeasureFamily.swift` that says what computes it. Tables, JSON and `--measures` follow.
public enum Measure: String, Sendable, Hashable, Codable, CodingKey, CaseIterable {
    /// Signal-to-noise ratio, dB.
    case snr
    /// Mean over 30 ms frames of the signal-to-noise ratio, dB (Hansen and Pellom 1998).
    case segmentalSNR
    /// Scale-invariant signal-to-distortion ratio, dB (Le Roux et al. 2019).
    case siSDR
    /// Spectral convergence and log magnitudes at several resolutions (Yamamoto et al. 2020).
    case multiResolutionSTFT
    /// Distance of STFT magnitudes with the settings of DAC's code (Kumar et al. 2023).
    case stftDistance
    /// Distance of log-mel spectrograms at seven scales with DAC's settings (Kumar et al. 2023).
    case melDistance
    /// EnCodec's training loss on mel spectrograms (Défossez et al. 2022).
    case encodecMelDistance
    /// Root mean square of the difference of log spectra, dB (Gray and Markel 1976).
    case logSpectralDistance
    /// Distance of mel cepstra, dB (Kubichek 1993).
    case melCepstralDistortion
    /// Short-time objective intelligibility, at most 1 (Taal et al. 2011).
    case stoi
    /// Extended STOI, at most 1 (Jensen and Taal 2016).
    case estoi
    /// PESQ at 8 kHz, MOS-LQO (ITU-T P.862.1).
    case pesqNarrowband
    /// PESQ at 16 kHz, MOS-LQO (ITU-T P.862.2).
    case pesqWideband
    /// Similarity of ViSQOL v3 in speech mode, at most 1 (Chinen et al. 2020).
    case visqolSpeech
    /// The same, mapped to MOS-LQO.
    case visqolSpeechMOS
    /// Similarity of ViSQOL v3 in audio mode, at most 1 (Chinen et al. 2020).
    case visqolAudio
    /// Root mean square error of the pitch where both signals are voiced, cents.
    case f0ErrorCents
    /// Root mean square error of the pitch where both signals are voiced, Hz.
    case f0ErrorHertz
    /// Share of frames voiced in both whose pitch is more than 20 % off, %.
    case grossPitchError
    /// Share of frames that are voiced in one signal only, %.
    case voicingDecisionError
    /// Integrated loudness of the reference, LUFS (ITU-R BS.1770-4).
    case loudnessReference
    /// Integrated loudness of the degraded signal, LUFS.
    case loudnessDegraded
    /// Loudness of the degraded signal less that of the reference, LU.
    case loudnessDifference
    /// Highest frequency of the reference within 60 dB of its loudest band, Hz.
    case bandwidthReference
    /// Highest frequency of the degraded signal within 60 dB of its loudest band, Hz.
    case bandwidthDegraded
    /// Share of the reference's samples at or beyond 16-bit full scale, %.
    case clippingReference
    /// Share of the degraded signal's samples at or beyond 16-bit full scale, %.
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

    /// The value of `measure`, or why there is none.
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
    /// Reads what `encode(to:)` wrote.
    /// - Throws: `DecodingError` for other data.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Measure.self)
        values = try Measure.allCases.map {
            try container.decodeIfPresent(MetricValue.self, forKey: $0) ?? .undefined(.notMeasured)
        }
    }

    /// Writes a JSON object; see Docs/measures.md.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Measure.self)
        for (measure, value) in zip(Measure.allCases, values) { try container.encode(value, forKey: measure) }
    }
}
