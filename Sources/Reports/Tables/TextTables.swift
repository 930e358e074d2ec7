import Evaluation

/// The summary of an evaluation as a table for other documents: a row a system, means with their confidence intervals.
public enum TextTables {
    /// A Markdown table. Characters of names that Markdown would take for its own are escaped.
    public static func markdown(_ results: EvaluationResults) -> String {
        let table = ResultTable.summary(results)
        let head = "| " + table.columns.map(markdownText).joined(separator: " | ") + " |\n"
        let rule = "|" + table.columns.indices.map { $0 == 0 ? "---|" : "--:|" }.joined() + "\n"
        let rows = table.rows.map { "| " + $0.map { markdownText($0.text) }.joined(separator: " | ") + " |\n" }
        return head + rule + rows.joined()
    }

    /// A LaTeX `tabular` that needs no package. Special characters of names are escaped.
    public static func latex(_ results: EvaluationResults) -> String {
        let table = ResultTable.summary(results)
        let columns = "l" + String(repeating: "r", count: table.columns.count - 1)
        let lines = [table.columns] + table.rows.map { $0.map(\.text) }
        let body = lines.map { $0.map(latexText).joined(separator: " & ") + " \\\\\n" }
        return "\\begin{tabular}{\(columns)}\n\\hline\n\(body[0])\\hline\n\(body.dropFirst().joined())\\hline\n\\end{tabular}\n"
    }

    private static func markdownText(_ text: String) -> String {
        text.map { character in
            switch character {
            case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "#", "~", "&": return "\\\(character)"
            default: return character.isNewline ? " " : "\(character)"
            }
        }.joined()
    }

    private static let latexNames: [Character: String] = [
        "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}",
        ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "\\textquotedbl{}", "–": "--", "−": "$-$", "×": "$\\times$",
        "↑": "$\\uparrow$", "↓": "$\\downarrow$",
    ]

    private static func latexText(_ text: String) -> String {
        text.map { character in
            if let name = latexNames[character] { return name }
            if "&%$#_{}".contains(character) { return "\\\(character)" }
            return character.isNewline ? " " : "\(character)"
        }.joined()
    }
}
