import Evaluation
import Platform

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
        let body = lines.map { Self.row($0.map(Self.escape)) }
        return "\\begin{tabular}{\(columns)}\n\\hline\n\(body[0])\\hline\n\(body.dropFirst().joined())\\hline\n\\end{tabular}\n"
    }

    /// A row that begins with a bracket or a star would be taken for an option of the row's end before it.
    private static func row(_ cells: [String]) -> String {
        let start = cells.first.map { $0.hasPrefix("[") || $0.hasPrefix("*") } == true ? "{}" : ""
        return start + cells.joined(separator: " & ") + " \\\\\n"
    }

    private static let names: [Unicode.Scalar: String] = [
        "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}",
        ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "\\textquotedbl{}", "–": "--", "−": "$-$", "×": "$\\times$",
        "↑": "$\\uparrow$", "↓": "$\\downarrow$",
    ]

    /// On one line; control characters are spelled out.
    private static func escape(_ text: String) -> String {
        text.escapingControls.replacing { scalar in
            names[scalar] ?? ("&%$#_{}".unicodeScalars.contains(scalar) ? "\\\(scalar)" : nil)
        }
    }
}
