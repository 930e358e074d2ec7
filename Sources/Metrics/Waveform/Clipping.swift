/// The share of samples at or beyond the full scale of 16 bits, |x| ≥ 32767/32768, in percent, of each signal.
struct Clipping: PairAccumulator {
    private var sampleCount = 0
    private var reference = 0
    private var degraded = 0

    private static let fullScale: Float = 32767.0 / 32768

    mutating func push(reference r: [Float], degraded d: [Float]) {
        sampleCount += r.count
        for x in r where abs(x) >= Self.fullScale { reference += 1 }
        for x in d where abs(x) >= Self.fullScale { degraded += 1 }
    }

    mutating func finish() -> [Measure: MetricValue] {
        let percent = 100 / Double(sampleCount)
        return [
            .clippingReference: .value(percent * Double(reference)), .clippingDegraded: .value(percent * Double(degraded)),
        ]
    }
}
