import Spectral

/// Holds a channel's pair for `ViSQOL`, five minutes at a time; patches of all parts weigh the same.
struct ViSQOLAccumulator: PairAccumulator {
    private let visqol: ViSQOL
    private var reference: [Float] = []
    private var degraded: [Float] = []
    private var sums: ViSQOL.PatchSums
    private var hasFailed = false

    init(_ mode: ViSQOL.Mode) throws(SpectralError) {
        visqol = try ViSQOL(mode: mode)
        sums = ViSQOL.PatchSums(mode: mode)
    }

    private var partLength: Int { 300 * visqol.mode.sampleRate }

    mutating func push(reference r: [Float], degraded d: [Float]) {
        var start = 0
        while start < r.count {
            let end = min(r.count, start + partLength - reference.count)
            reference += r[start..<end]
            degraded += d[start..<end]
            if reference.count == partLength { measure() }
            start = end
        }
    }

    private mutating func measure() {
        do { try visqol.add(reference, degraded, to: &sums) } catch { hasFailed = true }
        reference = []
        degraded = []
    }

    mutating func finish() -> [Measure: MetricValue] {
        if !reference.isEmpty { measure() }
        let score = sums.score
        func value(_ value: MetricValue) -> MetricValue { hasFailed ? .undefined(.outOfMemory) : value }
        switch visqol.mode {
        case .speech: return [.visqolSpeech: value(score.nsim), .visqolSpeechMOS: value(score.mos)]
        case .audio: return [.visqolAudio: value(score.nsim)]
        }
    }
}
