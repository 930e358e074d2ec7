import Evaluation
import Foundation
import Reports

/// Results of evaluations, and every table and page that is made of them; or journals of evaluations that were interrupted. What is
/// shown must not hold what a terminal would obey.
func readResults(_ choice: UInt8, _ input: [UInt8]) throws {
    if choice.says(0) {
        let count = try Journal.check(Data(input))
        require(count <= input.count, "a journal has more whole lines than bytes")
        return
    }
    let results = try EvaluationResults(json: Data(input))
    if choice % 8 == 4 {
        let again = try EvaluationResults(json: results.json())
        require(again == results, "results change when they are written again")
    }
    for text in [MarkdownTable(results).text, LaTeXTable(results).text] {
        require(!text.unicodeScalars.contains { $0.isObeyed && $0 != "\n" }, "a table holds what a terminal obeys")
    }
    ScoreTable(results).forEachLine { require($0.utf8.last == UInt8(ascii: "\n"), "a line without an end") }
    // The page takes far longer than all else.
    guard choice % 8 == 2 else { return }
    let page = try HTMLReport(results, options: HTMLReport.Options(items: 0)).render()
    require(page.hasPrefix("<!DOCTYPE html>"), "no page")
}

extension Unicode.Scalar {
    /// A control character or a mark that turns the direction of text.
    fileprivate var isObeyed: Bool {
        properties.generalCategory == .control || properties.isBidiControl || value == 0x2028 || value == 0x2029
    }
}
