import Metrics
import Tokens

/// Makes summaries and comparisons of scores.
struct Summarizer {
    private let bootstrap: Bootstrap
    private let dataset: EvaluatedDataset
    private let measures: [MeasureDefinition]
    private let systems: [EvaluatedSystem]
    /// By system, in the order of the data set's items.
    private let scores: [String: [ItemScore]]
    /// By system.
    private let codebooks: [String: [CodeCounts]]

    init(
        settings: EvaluationSettings, dataset: EvaluatedDataset, measures: [MeasureDefinition], systems: [EvaluatedSystem],
        scores: [ItemScore], codebooks: [String: [CodeCounts]]
    ) {
        bootstrap = Bootstrap(settings)
        self.dataset = dataset
        self.measures = measures
        self.systems = systems
        self.scores = Dictionary(grouping: scores, by: \.system)
        self.codebooks = codebooks
    }

    // MARK: Summaries

    func summaries() -> [SystemSummary] { systems.map(summary) }

    private func summary(_ system: EvaluatedSystem) -> SystemSummary {
        let rows = scores[system.id] ?? []
        let coded = rows.filter { $0.failure == nil }
        let seconds = Dictionary(dataset.items.map { ($0.id, $0.seconds ?? 0) }, uniquingKeysWith: { first, _ in first })
        let durations = coded.map { seconds[$0.item] ?? 0 }
        return SystemSummary(
            system: system.id, coded: coded.count, failed: rows.count - coded.count, rates: Self.rates(coded, durations),
            encodingSpeed: Self.speed(coded.map(\.encodeSeconds), durations),
            decodingSpeed: Self.speed(coded.map(\.decodeSeconds), durations),
            measures: measures.map { summary(of: $0.name, rows) }, codebooks: codebooks[system.id] ?? [])
    }

    private func summary(of measure: String, _ rows: [ItemScore]) -> MeasureSummary {
        let values = rows.compactMap { $0.measures[measure]?.number }
        let reasons = rows.compactMap { $0.absence(of: measure) }
        return MeasureSummary(
            measure: measure, mean: Self.mean(values), interval: bootstrap.interval(values), count: values.count,
            absent: Dictionary(reasons.map { ($0, 1) }, uniquingKeysWith: +))
    }

    /// All bits over all seconds.
    private static func rates(_ rows: [ItemScore], _ durations: [Double]) -> ItemRates? {
        let total = durations.reduce(0, +)
        guard total > 0 else { return nil }
        func rate(_ part: (ItemRates) -> Double) -> Double {
            zip(rows, durations).reduce(0) { $0 + ($1.0.rates.map(part) ?? 0) * $1.1 } / total
        }
        let hasEntropy = rows.allSatisfy { $0.rates?.entropy != nil }
        return ItemRates(
            nominal: rate(\.nominal), payload: rate(\.payload), file: rate(\.file),
            entropy: hasEntropy ? rate { $0.entropy ?? 0 } : nil)
    }

    private static func speed(_ times: [Double?], _ durations: [Double]) -> Double? {
        var (audio, work) = (0.0, 0.0)
        for (time, duration) in zip(times, durations) {
            guard let time else { continue }
            audio += duration
            work += time
        }
        return work > 0 ? audio / work : nil
    }

    // MARK: Comparisons

    /// Each model against every other system; of two models once.
    func comparisons() -> [PairedComparison] {
        var result: [PairedComparison] = []
        for (position, first) in systems.enumerated() where first.kind == .model {
            for (other, second) in systems.enumerated() where other > position || second.kind != .model {
                result += measures.map { compare(first.id, second.id, $0.name) }
            }
        }
        return result
    }

    private func compare(_ first: String, _ second: String, _ measure: String) -> PairedComparison {
        let differences = zip(scores[first] ?? [], scores[second] ?? []).compactMap { a, b -> Double? in
            guard a.item == b.item, let x = a.measures[measure]?.number, let y = b.measures[measure]?.number else { return nil }
            return x - y
        }
        return PairedComparison(
            first: first, second: second, measure: measure, difference: Self.mean(differences),
            interval: bootstrap.interval(differences), count: differences.count)
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

extension ItemScore {
    /// Why a measure has no value; nil when it has one.
    func absence(of measure: String) -> String? {
        switch measures[measure] {
        case .value: return nil
        case .undefined(let reason): return "\(reason)"
        case nil: return failure ?? "not measured"
        }
    }
}
