import Metrics

extension EvaluationResults {
    /// The measures that a table for reading shows: of a document with all the toolkit's measures the main ones and those of
    /// scorers, else what was asked for. The document, the CSV and the HTML page have all.
    public var tableMeasures: [MeasureDefinition] {
        let names = Set(measures.map(\.name))
        guard Measure.allCases.allSatisfy({ names.contains($0.rawValue) }) else { return measures }
        return measures.filter { Measure(rawValue: $0.name).map(Measure.main.contains) ?? true }
    }
}
