import Platform

/// A measured number, or the reason why there is none. Never a default in place of a number.
public enum MetricValue: Sendable, Hashable {
    /// A finite number in the measure's unit.
    case value(Double)
    /// There is no number, for this reason.
    case undefined(UndefinedReason)

    /// The number, or nil.
    public var number: Double? {
        if case .value(let number) = self { return number }
        return nil
    }

    /// Why there is no number, or nil.
    public var reason: UndefinedReason? {
        if case .undefined(let reason) = self { return reason }
        return nil
    }

    /// The number, or the reason in words: what documents hold, which must last longer than this list of reasons.
    public var worded: MetricValue {
        if let reason { return .undefined(.stated("\(reason)")) }
        return self
    }

    /// The number changed, or the reason as it is.
    func map(_ change: (Double) -> Double) -> MetricValue {
        if let number { return .value(change(number)) }
        return self
    }

    /// The same, but `overflow` in place of a number that is not finite.
    var checked: MetricValue {
        if let number, !number.isFinite { return .undefined(.overflow) }
        return self
    }
}

/// Why a measure has no value.
public enum UndefinedReason: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The reference is digital silence: there is nothing to keep.
    case silentReference
    /// The degraded signal is digital silence, and the measure scales it.
    case silentDegraded
    /// NaN or infinite samples in the reference.
    case nonFiniteReference
    /// NaN or infinite samples in the degraded signal.
    case nonFiniteDegraded
    /// Fewer samples to compare than the measure's longest frame needs.
    case tooShort(samples: Int, needed: Int)
    /// More samples than the measure holds in memory.
    case tooLong(samples: Int, allowed: Int)
    /// The measure is of speech, and finds none in the reference that the degraded signal could overlap.
    case noSpeech
    /// Fewer frames in which the reference is not silent than the measure compares at a time.
    case tooFewActiveFrames(Int, needed: Int)
    /// The measure converts signals to a rate of its own and cannot from this one, in Hz, as the two have no ratio of small integers.
    case inconvertibleRate(Int)
    /// Memory ran out while the measure was computed.
    case outOfMemory
    /// No frame in which both signals have a pitch.
    case noVoicedFrames
    /// No stretch of the signal is louder than −70 LUFS, the gate of integrated loudness.
    case inaudible
    /// libebur128 does not take this number of channels or this sample rate.
    case noLoudness
    /// Loudness depends on where the channels stand, and nothing says so of this many.
    case unknownPlaces(channels: Int)
    /// The measure is of all channels together; its value stands under `overall`.
    case measuredJointly
    /// After alignment the signals have no sample in common.
    case noOverlap
    /// No error at all (for a scale-invariant measure: none but a gain), so that a ratio in dB is infinite.
    case noError
    /// Samples so large that single-precision spectra overflow.
    case overflow
    /// The signals have nothing in common: no delay in the range searched correlates them positively, or the projection is zero.
    case uncorrelated
    /// The signals have different numbers of channels.
    case channelMismatch(reference: Int, degraded: Int)
    /// The signals are at different rates, in Hz.
    case sampleRateMismatch(reference: Int, degraded: Int)
    /// The measure's last step is a trained model, which is not included.
    case trainedMapping
    /// The caller left the measure out.
    case notMeasured
    /// In words, as an external scorer or a document gives the reason.
    case stated(String)

    /// One line: what is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .silentReference: return "the reference is silent"
        case .silentDegraded: return "the degraded signal is silent"
        case .nonFiniteReference: return "the reference has NaN or infinite samples"
        case .nonFiniteDegraded: return "the degraded signal has NaN or infinite samples"
        case .tooShort(let samples, let needed): return "\(samples) samples to compare, the measure needs \(needed)"
        case .tooLong(let samples, let allowed):
            return "\(samples) samples to compare, the measure takes at most \(allowed); compare parts"
        case .noSpeech: return "no speech of 0.2 s or more in the reference that the degraded signal overlaps"
        case .tooFewActiveFrames(let frames, let needed):
            return "the reference is not silent in \(frames) frames, the measure needs \(needed)"
        case .inconvertibleRate(let rate): return "\(rate) Hz is in no simple ratio to the measure's own; resample both signals"
        case .outOfMemory: return "memory ran out"
        case .noVoicedFrames: return "no frame is voiced in both signals"
        case .inaudible: return "no stretch of the signal is louder than -70 LUFS"
        case .unknownPlaces(let channels): return "loudness depends on where the \(channels) channels stand, which the file does not say"
        case .noLoudness: return "loudness is not defined for this number of channels or sample rate"
        case .measuredJointly: return "measured over all channels together"
        case .noOverlap: return "the signals have no sample in common"
        case .noError: return "the signals do not differ, the ratio is infinite"
        case .overflow: return "the samples are too large for single-precision spectra"
        case .uncorrelated: return "the signals do not correlate"
        case .channelMismatch(let reference, let degraded):
            return "the reference has \(reference) channel(s), the degraded signal \(degraded)"
        case .sampleRateMismatch(let reference, let degraded):
            return "the reference is at \(reference) Hz, the degraded signal at \(degraded) Hz; resample one"
        case .trainedMapping: return "the mapping to an opinion score is a trained model, which is not included"
        case .notMeasured: return "not measured"
        case .stated(let reason): return reason
        }
    }
}

/// In JSON `{"value": 12.5}`, `{"undefined": {"tooShort": {"samples": 3, "needed": 1025}}}`, or in words
/// `{"absent": "the reference is silent"}`. A number that JSON lacks becomes words too.
extension MetricValue: Codable {
    private enum CodingKeys: String, CodingKey {
        case value
        case undefined
        case absent
    }

    /// Reads what `encode(to:)` wrote.
    /// - Throws: `DecodingError` for other data.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let reason = try container.decodeIfPresent(UndefinedReason.self, forKey: .undefined) {
            self = .undefined(reason)
        } else if let reason = try container.decodeIfPresent(String.self, forKey: .absent) {
            self = .undefined(.stated(reason))
        } else {
            self = .value(try container.decode(Double.self, forKey: .value))
        }
    }

    /// Writes a JSON object; see Docs/measures.md.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .value(let number) where number.isFinite: try container.encode(number, forKey: .value)
        case .value(let number): try container.encode("\(number) is not finite", forKey: .absent)
        case .undefined(.stated(let reason)): try container.encode(reason, forKey: .absent)
        case .undefined(let reason): try container.encode(reason, forKey: .undefined)
        }
    }
}

extension MetricValue: CustomStringConvertible {
    /// One line: what is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .value(let number): return "\(number)"
        case .undefined(let reason): return "undefined: \(reason)"
        }
    }
}

/// What the measures cannot be set up with.
public enum MetricsError: CodettaError, Equatable {
    /// A sample rate in Hz that nothing is measured at.
    case sampleRate(Int, allowed: ClosedRange<Int>)
    /// A range of delays, in samples, that is not searched.
    case maximumLag(Int, allowed: ClosedRange<Int>)
    /// A number of channels that nothing is measured with.
    case channelCount(Int)

    /// The class of the failure.
    public var kind: FailureKind { .badData }

    /// One line: what is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .sampleRate(let rate, let allowed):
            return "sample rate is \(rate) Hz, the measures need \(allowed.lowerBound)...\(allowed.upperBound) Hz"
        case .maximumLag(let lag, let allowed):
            return "maximum lag is \(lag) samples, must be in \(allowed.lowerBound)...\(allowed.upperBound)"
        case .channelCount(let count):
            return "\(count) channels, must be at least 1"
        }
    }
}
