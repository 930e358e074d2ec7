/// Columns as wide as their widest entry, set to the right.
struct TextTable {
    var rows: [[String]]
    /// Whether the first column is set to the left, as names are.
    var beginsWithNames: Bool

    init(_ rows: [[String]], beginsWithNames: Bool = false) { (self.rows, self.beginsWithNames) = (rows, beginsWithNames) }

    var text: String {
        let widths = (rows.first ?? []).indices.map { c in rows.map { $0[c].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 && beginsWithNames ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
