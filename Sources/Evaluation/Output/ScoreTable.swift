import Platform

/// The results as comma-separated values (RFC 4180, but with line feeds), one row per item, system and measure.
public struct ScoreTable {
    private let results: EvaluationResults

    /// The names in the first line.
    public static let columns = [
        "item", "system", "codec", "kind", "setting", "nominal_kbps", "payload_kbps", "file_kbps", "measure", "value", "absent",
    ]

    /// The table of `results`.
    public init(_ results: EvaluationResults) { self.results = results }

    /// Hands over the table line by line, each with its line feed.
    public func forEachLine(_ body: (String) throws -> Void) rethrows {
        try body(Self.line(Self.columns))
        let systems = Dictionary(results.systems.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for score in results.scores {
            guard let system = systems[score.system] else { continue }
            let rates = score.rates.map { ["\($0.nominal)", "\($0.payload)", "\($0.file)"] } ?? ["", "", ""]
            let start = [score.item, system.id, system.name, system.kind.rawValue, system.setting] + rates
            for measure in results.measures {
                let value = score.measures[measure.name]?.number.map { "\($0)" }
                try body(Self.line(start + [measure.name, value ?? "", score.absence(of: measure.name) ?? ""]))
            }
        }
    }

    private static func line(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\n"
    }

    private static func field(_ text: String) -> String {
        let isPlain = !text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0.properties.isPatternWhitespace && $0 != " " }
        return isPlain ? text : "\"" + text.replacing { $0 == "\"" ? "\"\"" : nil } + "\""
    }
}
