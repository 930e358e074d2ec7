import Spectral

/// All measures of one channel.
struct ChannelMeter: Sendable {
    private let measures: Set<Measure>
    /// What takes the signals at their own rate.
    private var own: [any PairAccumulator] = []
    private var converted: [ConvertedMeter] = []
    /// Measures at a rate that there is no conversion to.
    private var inconvertible: Set<Measure> = []
    private let sampleRate: Int
    private var reference = SignalCheck()
    private var degraded = SignalCheck()

    init(sampleRate: Int, measures: Set<Measure>) throws(SpectralError) {
        self.sampleRate = sampleRate
        self.measures = measures
        let families = MeasureFamily.all.filter { !measures.isDisjoint(with: $0.measures) }
        for family in families where family.sampleRate == nil { own.append(try family.make(sampleRate)) }
        for rate in Set(families.compactMap(\.sampleRate)).sorted() {
            let group = families.filter { $0.sampleRate == rate }
            if let filter = PolyphaseFilter(from: sampleRate, to: rate) {
                converted.append(try ConvertedMeter(filter: filter, rate: rate, families: group))
            } else {
                inconvertible.formUnion(group.flatMap(\.measures))
            }
        }
    }

    mutating func push(reference r: [Float], degraded d: [Float]) {
        reference.add(r)
        degraded.add(d)
        for i in own.indices { own[i].push(reference: r, degraded: d) }
        for i in converted.indices { converted[i].push(reference: r, degraded: d) }
    }

    mutating func finish(comparedSamples: Int) -> MeasureValues {
        let obstacle: UndefinedReason? =
            comparedSamples == 0 ? .noOverlap
            : !reference.isFinite ? .nonFiniteReference
            : !degraded.isFinite ? .nonFiniteDegraded
            : reference.isSilent ? .silentReference : nil
        if let obstacle {
            return MeasureValues { .undefined(measures.contains($0) ? obstacle : .notMeasured) }
        }
        var found: [Measure: MetricValue] = [:]
        for i in own.indices { found.merge(own[i].finish()) { $1 } }
        for i in converted.indices { found.merge(converted[i].finish()) { $1 } }
        return MeasureValues { measure in
            if !measures.contains(measure) { return .undefined(.notMeasured) }
            if inconvertible.contains(measure) { return .undefined(.inconvertibleRate(sampleRate)) }
            if Loudness.measures.contains(measure) { return .undefined(.measuredJointly) }
            return found[measure]?.checked ?? .undefined(.notMeasured)
        }
    }
}

/// The measures of one rate, and the conversion to it, which they share.
private struct ConvertedMeter: Sendable {
    private let filter: PolyphaseFilter
    private var reference: PolyphaseResampler
    private var degraded: PolyphaseResampler
    private var sampleCount = 0
    private var accumulators: [any PairAccumulator] = []

    init(filter: PolyphaseFilter, rate: Int, families: [MeasureFamily]) throws(SpectralError) {
        self.filter = filter
        reference = PolyphaseResampler(filter)
        degraded = reference
        for family in families { accumulators.append(try family.make(rate)) }
    }

    mutating func push(reference r: [Float], degraded d: [Float]) {
        sampleCount += r.count
        handOver(reference.push(r), degraded.push(d))
    }

    mutating func finish() -> [Measure: MetricValue] {
        handOver(reference.finish(), degraded.finish())
        return accumulators.indices.reduce(into: [:]) { found, i in
            found.merge(accumulators[i].finish().mapValues(inOwnSamples)) { $1 }
        }
    }

    /// Lengths in samples before the conversion, which is what the user has.
    private func inOwnSamples(_ value: MetricValue) -> MetricValue {
        switch value {
        case .undefined(.tooShort(_, let needed)):
            return .undefined(.tooShort(samples: sampleCount, needed: (needed - 1) * filter.q / filter.p + 1))
        case .undefined(.tooLong(_, let allowed)):
            return .undefined(.tooLong(samples: sampleCount, allowed: allowed * filter.q / filter.p))
        default:
            return value
        }
    }

    private mutating func handOver(_ r: [Float], _ d: [Float]) {
        for i in accumulators.indices { accumulators[i].push(reference: r, degraded: d) }
    }
}

/// Whether a signal so far is silent, and whether it is made of numbers.
private struct SignalCheck: Sendable {
    private(set) var isFinite = true
    private(set) var isSilent = true

    mutating func add(_ samples: [Float]) {
        for x in samples {
            if x != 0 { isSilent = false }
            if !x.isFinite { isFinite = false }
        }
    }
}
