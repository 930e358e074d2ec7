import Foundation
import Metrics
import Platform

/// The summaries as a table in Markdown, one row per system: means with half the width of their confidence intervals.
/// It shows `EvaluationResults.tableMeasures`.
public struct MarkdownTable {
    private let results: EvaluationResults
    private let measures: [MeasureDefinition]

    /// The table of `results`.
    public init(_ results: EvaluationResults) {
        self.results = results
        measures = results.tableMeasures
    }

    /// The table's lines, without a line feed at the end.
    public var text: String {
        var rows = [header] + results.summaries.map(row)
        let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        rows.insert(widths.enumerated().map { String(repeating: "-", count: $1 - ($0 > 0 ? 1 : 0)) + ($0 > 0 ? ":" : "") }, at: 1)
        let lines = rows.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + space : space + cell.0
            }
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return lines.joined(separator: "\n") + "\n\n" + note
    }

    private var header: [String] {
        ["System", "kb/s", "Clips"] + measures.map { measure in
            let direction = measure.moreIsBetter.map { $0 ? " ↑" : " ↓" } ?? ""
            return Self.escape(measure.title + (measure.unit.isEmpty ? "" : " \(measure.unit)")) + direction
        }
    }

    private func row(_ summary: SystemSummary) -> [String] {
        let clips = summary.failed > 0 ? "\(summary.coded) of \(summary.coded + summary.failed)" : "\(summary.coded)"
        let rate = summary.rates.map { Self.decimal($0.payload, 2) } ?? "–"
        return [Self.escape(summary.system), rate, clips]
            + measures.map { measure in Self.cell(summary.measures.first { $0.measure == measure.name }, measure, of: summary.coded) }
    }

    private static func cell(_ summary: MeasureSummary?, _ measure: MeasureDefinition, of clips: Int) -> String {
        guard let summary, let mean = summary.mean else { return "–" }
        let interval = summary.interval.map { " ±" + decimal(($0.high - $0.low) / 2, measure.decimals) } ?? ""
        return decimal(mean, measure.decimals) + interval + (summary.count == clips ? "" : " (\(summary.count))")
    }

    private var note: String {
        let percent = Int((100 * results.settings.confidence).rounded())
        let seconds = results.dataset.items.reduce(0) { $0 + ($1.seconds ?? 0) }
        return "\(Self.escape(results.dataset.name)): \(results.dataset.items.count) clips, \(Self.decimal(seconds, 1)) s. kb/s of payload; "
            + "means ± half the \(percent) % bootstrap interval, over all clips of the row or so many as stand in brackets; ↑ more is better, ↓ less."
    }

    /// On one line, with a backslash before what Markdown would take for its own; control characters are spelled out.
    private static func escape(_ text: String) -> String {
        let text = text.escapingControls
        var rest = text.unicodeScalars.dropFirst()
        return text.replacing { scalar in
            let next = rest.popFirst()
            // A backslash counts before punctuation alone, a bracket that closes before a link's address alone.
            let isSpecial = switch scalar {
            case "|", "`", "*", "<", "&": true
            case "\\": next.map { $0.isASCII && ("!"..."/" ~= $0 || ":"..."@" ~= $0 || "["..."`" ~= $0 || "{"..."~" ~= $0) } ?? true
            case "]": next == "("
            default: false
            }
            return isSpecial ? "\\\(scalar)" : nil
        }
    }

    private static func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(max(0, min(digits, 17)))f", value) }
}
