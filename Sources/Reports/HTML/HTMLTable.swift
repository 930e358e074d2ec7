import Plots

/// A table that can be sorted by its headings.
struct HTMLTable {
    private let table: ResultTable
    private let id: String
    private let headings: Int

    /// - Parameter headings: columns from the left that name the row.
    init(_ table: ResultTable, id: String, headings: Int) { (self.table, self.id, self.headings) = (table, id, headings) }

    var markup: String {
        let head = table.columns.map { "<th scope=\"col\"><button type=\"button\">\(Markup.escape($0))</button></th>" }.joined()
        var body = ""
        for row in table.rows { body += "<tr>\(row.enumerated().map { cell($1, $0) }.joined())</tr>\n" }
        return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table id=\"\(id)\" class=\"sortable\">"
            + "<thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div>"
    }

    private func cell(_ cell: ResultTable.Cell, _ column: Int) -> String {
        let text = Markup.escape(cell.text)
        if column < headings { return "<th scope=\"row\">\(text)</th>" }
        let interval = cell.interval.map { "<br><small>\(Markup.escape($0))</small>" } ?? ""
        if let number = cell.number { return "<td class=\"number\" data-value=\"\(number)\">\(text)\(interval)</td>" }
        guard let reason = cell.reason, !reason.isEmpty else { return "<td>\(text)</td>" }
        return "<td class=\"absent\" title=\"\(Markup.escape(reason))\">\(text)</td>"
    }
}
