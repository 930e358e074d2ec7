import Platform
import Spectral

/// Perceptual evaluation of speech quality: ITU-T P.862 mapped to a listening quality score (MOS-LQO) by P.862.1, for
/// telephone speech at 8 kHz, and its wideband extension P.862.2 at 16 kHz; 1 is bad and 4.5 (wideband 4.6) is the best.
///
/// Both signals are brought to one level and through the filter of a telephone handset (wideband: of headphones). The delay
/// of the degraded signal is found for each utterance, and for parts of an utterance where it changes. Loudnesses of aligned
/// frames of 32 ms in Bark bands are then compared: their differences, and those that add something to the speech once more
/// ("asymmetric"), are summed over bands and time. Numbers are those of the ITU's reference program as corrected up to 2005,
/// which the Python package pesq 0.0.4 wraps. Where that program overruns its table of 50 utterances, this one carries on.
///
/// Delays are compared over the whole length, so signals are held: at most `maximumDuration` of them, which takes some 300 MB.
/// The measure was fitted to speech of 8 to 30 s; for music it is a number, but not known to follow what listeners say.
public struct PESQ: Sendable {
    /// What listeners are taken to hear.
    public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        /// Telephone speech, P.862 and P.862.1.
        case narrowband
        /// 50 to 7000 Hz through headphones, P.862.2.
        case wideband

        /// The rate in Hz that both signals must have.
        public var sampleRate: Int { self == .narrowband ? 8000 : 16000 }
    }

    /// Which variant of the measure it is.
    public let mode: Mode
    private let format: PESQFormat
    private let model: PerceptualModel
    private let correlator: FrameCorrelator

    /// Seconds of either signal that are accepted at most.
    public static let maximumDuration = 300

    /// - Throws: `SpectralError.planFailed` when memory runs out.
    public init(mode: Mode) throws(SpectralError) {
        self.mode = mode
        format = PESQFormat(sampleRate: mode.sampleRate)
        model = try PerceptualModel(format)
        correlator = try FrameCorrelator(size: format.alignmentSize)
    }

    /// The MOS-LQO of a degraded signal, both at `mode.sampleRate`; their lengths, levels and delays may differ.
    ///
    /// Undefined for a signal under 0.25 s (`tooShort`) or over `maximumDuration` (`tooLong`), silent or not finite, and for a
    /// reference in which no utterance of 0.2 s is found that the degraded signal can overlap (`noSpeech`).
    /// - Throws: `SpectralError.planFailed` when memory runs out.
    public func score(reference: [Float], degraded: [Float]) throws(SpectralError) -> MetricValue {
        if let reason = reasonAgainst(reference, degraded) { return .undefined(reason) }
        let length = max(reference.count, degraded.count)
        let peak = max(Self.peak(reference), Self.peak(degraded))
        var r = PaddedSignal(reference, peak: peak, format)
        var d = PaddedSignal(degraded, peak: peak, format)
        guard try r.alignLevel(over: length) else { return .undefined(.silentReference) }
        guard try d.alignLevel(over: length) else { return .undefined(.silentDegraded) }
        try r.applyReceivingFilter(mode)
        try d.applyReceivingFilter(mode)
        let utterances = try TimeAlignment(reference: r, degraded: d, correlator: correlator).utterances()
        guard !utterances.isEmpty else { return .undefined(.noSpeech) }
        r.pad(to: length)
        d.pad(to: length)
        guard let quality = try model.quality(reference: r, degraded: d, delays: DelayTable(utterances, format)) else {
            return .undefined(.noSpeech)
        }
        return MetricValue.value(Double(listeningQuality(quality))).checked
    }

    private func reasonAgainst(_ reference: [Float], _ degraded: [Float]) -> UndefinedReason? {
        let (shorter, longer) = (min(reference.count, degraded.count), max(reference.count, degraded.count))
        let (least, most) = (mode.sampleRate / 4, mode.sampleRate * Self.maximumDuration)
        if shorter < least { return .tooShort(samples: shorter, needed: least) }
        if longer > most { return .tooLong(samples: longer, allowed: most) }
        if !reference.allSatisfy(\.isFinite) { return .nonFiniteReference }
        if !degraded.allSatisfy(\.isFinite) { return .nonFiniteDegraded }
        if reference.allSatisfy({ $0 == 0 }) { return .silentReference }
        if degraded.allSatisfy({ $0 == 0 }) { return .silentDegraded }
        return nil
    }

    private static func peak(_ signal: [Float]) -> Float { signal.reduce(0) { max($0, abs($1)) } }

    /// The logistic curves of P.862.1 and P.862.2.
    private func listeningQuality(_ quality: Float) -> Float {
        let exponent = mode == .narrowband ? -1.4945 * quality + 4.6607 : -1.3669 * quality + 3.8224
        return 0.999 + 4 / (1 + Float(exp(Double(exponent))))
    }
}
