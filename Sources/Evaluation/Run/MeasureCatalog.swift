import Metrics

extension MeasureDescription {
    /// The description of one of the toolkit's own measures.
    init(_ measure: Measure) {
        let about = measure.definition
        let moreIsBetter: Bool?
        switch about.direction {
        case .moreIsBetter: moreIsBetter = true
        case .lessIsBetter: moreIsBetter = false
        case .nearerZeroIsBetter, .descriptive: moreIsBetter = nil
        }
        self.init(
            name: measure.rawValue, title: about.title, unit: about.unit, moreIsBetter: moreIsBetter, decimals: about.decimals)
    }
}

extension EvaluationResults {
    /// The measures that a table for reading shows: of a document with all the toolkit's measures the main ones and those of
    /// scorers, else what was asked for. The document, the CSV and the HTML page have all.
    public var tableMeasures: [MeasureDescription] {
        let names = Set(measures.map(\.name))
        guard Measure.allCases.allSatisfy({ names.contains($0.rawValue) }) else { return measures }
        return measures.filter { Measure(rawValue: $0.name).map(Measure.main.contains) ?? true }
    }
}

extension ScoreValue {
    init(_ value: MetricValue) {
        switch value {
        case .value(let number): self = .value(number)
        case .undefined(let reason): self = .absent("\(reason)")
        }
    }
}
