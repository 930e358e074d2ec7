import Spectral

/// Holds a channel's pair for `PESQ`, as far as it takes it.
struct PESQAccumulator: PairAccumulator {
    private let measure: Measure
    private let pesq: PESQ
    private var reference: [Float] = []
    private var degraded: [Float] = []
    private var sampleCount = 0

    init(_ mode: PESQ.Mode) throws(SpectralError) {
        measure = mode == .narrowband ? .pesqNarrowband : .pesqWideband
        pesq = try PESQ(mode: mode)
    }

    private var capacity: Int { pesq.mode.sampleRate * PESQ.maximumDuration }

    mutating func push(reference r: [Float], degraded d: [Float]) {
        sampleCount += r.count
        if sampleCount > capacity {
            // It will not be measured.
            (reference, degraded) = ([], [])
        } else {
            reference += r
            degraded += d
        }
    }

    mutating func finish() -> [Measure: MetricValue] {
        if sampleCount > capacity { return [measure: .undefined(.tooLong(samples: sampleCount, allowed: capacity))] }
        do throws(SpectralError) {
            return [measure: try pesq.score(reference: reference, degraded: degraded)]
        } catch {
            return [measure: .undefined(.outOfMemory)]
        }
    }
}
