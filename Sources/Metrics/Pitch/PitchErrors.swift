import Platform
import Spectral

/// How well pitch and voicing are kept, frame by frame of 10 ms, both tracks by `PitchTracker`:
/// the root mean square difference of F0 in cents and in Hz, and the share of gross errors, those beyond 20 % (Rabiner, Cheng,
/// Rosenberg and McGonegal, 1976), over frames voiced in both signals; and the share of all frames with another voicing
/// decision. Shares are in percent.
///
/// A track needs the whole signal. To bound that, tracks end and start anew after every minute.
struct PitchErrors: PairAccumulator {
    private let tracker: PitchTracker
    private var held = HeldPair(partLength: 60 * PitchTracker.sampleRate)
    private var sampleCount = 0
    private var frames = 0
    private var voicedInBoth = 0
    private var otherVoicing = 0
    private var gross = 0
    private var squaredCents = 0.0
    private var squaredHertz = 0.0

    private static let grossError = 0.2
    /// One window of the tracker.
    private static let needed = 1024

    init() throws(SpectralError) { tracker = try PitchTracker() }

    mutating func push(reference r: [Float], degraded d: [Float]) {
        sampleCount += r.count
        for part in held.push(reference: r, degraded: d) { measure(part) }
    }

    private mutating func measure(_ part: HeldPair.Part) {
        for case (let r, let d) in zip(tracker.track(part.reference), tracker.track(part.degraded)) {
            frames += 1
            guard let r, let d else {
                if (r == nil) != (d == nil) { otherVoicing += 1 }
                continue
            }
            voicedInBoth += 1
            let cents = 1200 * log2(d / r)
            squaredCents += cents * cents
            squaredHertz += (d - r) * (d - r)
            if abs(d - r) > Self.grossError * r { gross += 1 }
        }
    }

    mutating func finish() -> [Measure: MetricValue] {
        if sampleCount < Self.needed {
            let reason = MetricValue.undefined(.tooShort(samples: sampleCount, needed: Self.needed))
            return [
                .f0ErrorCents: reason, .f0ErrorHertz: reason, .grossPitchError: reason, .voicingDecisionError: reason,
            ]
        }
        let rest = held.takeRest()
        if !rest.reference.isEmpty { measure(rest) }
        func mean(_ sum: Double) -> MetricValue {
            voicedInBoth > 0 ? .value(sum / Double(voicedInBoth)) : .undefined(.noVoicedFrames)
        }
        return [
            .f0ErrorCents: mean(squaredCents).map { $0.squareRoot() }, .f0ErrorHertz: mean(squaredHertz).map { $0.squareRoot() },
            .grossPitchError: mean(100 * Double(gross)),
            .voicingDecisionError: .value(100 * Double(otherVoicing) / Double(frames)),
        ]
    }
}
