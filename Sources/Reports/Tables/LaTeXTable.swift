import Evaluation

/// The summary of an evaluation as a LaTeX `tabular` that needs no package: one row per system, means with their confidence
/// intervals, of `EvaluationResults.tableMeasures`. Special characters of names are escaped.
public struct LaTeXTable {
    private let results: EvaluationResults

    /// The table of `results`.
    public init(_ results: EvaluationResults) { self.results = results }

    /// The `tabular`, with a line feed at the end.
    public var text: String {
        let table = ResultTable.summary(results, measures: results.tableMeasures)
        let columns = "l" + String(repeating: "r", count: table.columns.count - 1)
        let lines = [table.columns] + table.rows.map { row in row.map { $0.text + ($0.interval.map { " " + $0 } ?? "") } }
        let body = lines.map { $0.map(Self.escape).joined(separator: " & ") + " \\\\\n" }
        return "\\begin{tabular}{\(columns)}\n\\hline\n\(body[0])\\hline\n\(body.dropFirst().joined())\\hline\n\\end{tabular}\n"
    }

    private static let names: [Character: String] = [
        "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}",
        ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "\\textquotedbl{}", "–": "--", "−": "$-$", "×": "$\\times$",
        "↑": "$\\uparrow$", "↓": "$\\downarrow$",
    ]

    private static func escape(_ text: String) -> String {
        text.map { character in
            if let name = names[character] { return name }
            if "&%$#_{}".contains(character) { return "\\\(character)" }
            return character.isNewline ? " " : "\(character)"
        }.joined()
    }
}
