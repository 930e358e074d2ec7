import Evaluation
import Foundation
import Metrics

/// What tables show of a system: its rates and the mean of each measure, formatted but not escaped.
struct ResultTable {
    struct Cell {
        var text: String
        /// The confidence interval, which goes with the number.
        var interval: String?
        /// What the cell is sorted by; nil for text and for what is missing.
        var number: Double?
        /// Why there is no number.
        var reason: String?
    }

    /// Column names; the first column is text.
    var columns: [String]
    var rows: [[Cell]]

    /// One row per system.
    static func summary(_ results: EvaluationResults, measures: [MeasureDefinition]) -> ResultTable {
        let columns = ["System", "kb/s sent", "kb/s file", "Items"] + measures.map(\.heading)
            + ["Encoding (× real time)", "Decoding (× real time)"]
        let rows = results.summaries.map { summary -> [Cell] in
            let items = summary.failed > 0 ? "\(summary.coded) (\(summary.failed) failed)" : "\(summary.coded)"
            var row = [
                Cell(text: summary.system), number(summary.rates?.payload, 2), number(summary.rates?.file, 2),
                Cell(text: items, number: Double(summary.coded)),
            ]
            row += measures.map { measure in
                cell(summary.measures.first { $0.measure == measure.name }, measure, of: summary.coded)
            }
            return row + [number(summary.encodingSpeed, 1), number(summary.decodingSpeed, 1)]
        }
        return ResultTable(columns: columns, rows: rows)
    }

    /// One row per item and system.
    /// - Parameter limit: rows at most.
    static func scores(_ results: EvaluationResults, rows limit: Int) -> ResultTable {
        let rows = results.scores.prefix(limit).map { score -> [Cell] in
            [Cell(text: score.item), Cell(text: score.system), number(score.rates?.payload, 2, score.failure)]
                + results.measures.map { measure in
                    let value = score.measures[measure.name]
                    return number(value?.number, measure.decimals, (value?.reason).map { "\($0)" } ?? score.failure)
                }
        }
        return ResultTable(columns: ["File", "System", "kb/s sent"] + results.measures.map(\.heading), rows: rows)
    }

    /// One row per pair of systems and measure.
    /// - Parameter limit: rows at most.
    static func comparisons(_ results: EvaluationResults, rows limit: Int) -> ResultTable {
        let measures = Dictionary(results.measures.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = results.comparisons.prefix(limit).map { comparison -> [Cell] in
            let measure = measures[comparison.measure]
            let decimals = measure?.decimals ?? 3
            let interval = comparison.interval.map { "\(fixed($0.low, decimals)) to \(fixed($0.high, decimals))" }
            return [
                Cell(text: "\(comparison.first) − \(comparison.second)"), Cell(text: measure?.heading ?? comparison.measure),
                number(comparison.difference, decimals), Cell(text: interval ?? "–", number: comparison.interval?.low),
                Cell(text: "\(comparison.count)", number: Double(comparison.count)),
            ]
        }
        return ResultTable(columns: ["Systems", "Measure", "Mean difference", "Interval", "Items"], rows: rows)
    }

    /// Says over how many items the mean is, where that is not all that were coded.
    private static func cell(_ summary: MeasureSummary?, _ measure: MeasureDefinition, of items: Int) -> Cell {
        guard let summary, let mean = summary.mean else {
            let reasons = summary?.absent.keys.sorted().joined(separator: "; ")
            return Cell(text: "–", reason: reasons)
        }
        let interval = summary.interval.map { "[\(fixed($0.low, measure.decimals)), \(fixed($0.high, measure.decimals))]" }
        let count = summary.count == items ? nil : "(\(summary.count))"
        let detail = [interval, count].compactMap { $0 }.joined(separator: " ")
        return Cell(text: fixed(mean, measure.decimals), interval: detail.isEmpty ? nil : detail, number: mean)
    }

    private static func number(_ value: Double?, _ decimals: Int, _ reason: String? = nil) -> Cell {
        guard let value, value.isFinite else { return Cell(text: "–", reason: reason) }
        return Cell(text: fixed(value, decimals), number: value)
    }
}

/// With a fixed number of decimals, at most 9.
func fixed(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.\(max(0, min(9, decimals)))f", value)
}

extension MeasureDefinition {
    /// Title, unit and direction: `SI-SDR (dB) ↑`.
    var heading: String {
        title + (unit.isEmpty ? "" : " (\(unit))") + (moreIsBetter.map { $0 ? " ↑" : " ↓" } ?? "")
    }
}
