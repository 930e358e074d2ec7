import Spectral

/// Holds a channel's pair for `ViSQOL`, five minutes at a time; patches of all parts weigh the same.
struct ViSQOLAccumulator: PairAccumulator {
    private let visqol: ViSQOL
    private var held: HeldPair
    private var sums: ViSQOL.PatchSums
    private var hasFailed = false

    init(_ mode: ViSQOL.Mode) throws(SpectralError) {
        visqol = try ViSQOL(mode: mode)
        sums = ViSQOL.PatchSums(mode: mode)
        held = HeldPair(partLength: 300 * mode.sampleRate)
    }

    mutating func push(reference r: [Float], degraded d: [Float]) {
        for part in held.push(reference: r, degraded: d) { measure(part) }
    }

    private mutating func measure(_ part: HeldPair.Part) {
        do { try visqol.add(part.reference, part.degraded, to: &sums) } catch { hasFailed = true }
    }

    mutating func finish() -> [Measure: MetricValue] {
        let rest = held.takeRest()
        if !rest.reference.isEmpty { measure(rest) }
        let score = sums.score
        func value(_ value: MetricValue) -> MetricValue { hasFailed ? .undefined(.outOfMemory) : value }
        switch visqol.mode {
        case .speech: return [.visqolSpeech: value(score.nsim), .visqolSpeechMOS: value(score.mos)]
        case .audio: return [.visqolAudio: value(score.nsim)]
        }
    }
}
