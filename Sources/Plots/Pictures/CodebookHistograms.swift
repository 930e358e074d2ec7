import Platform
import Tokens

/// A picture of how evenly codebooks are used: for each, the share of every codeword relative to an even one, the commonest
/// first, on a logarithmic scale. The line marks an even share.
public struct HistogramPicture: Sendable {
    /// Pixels.
    public var width: Int
    /// Pixels from top to bottom.
    public var height: Int
    /// Counts of all codebooks together that a picture is drawn from, so that files of any length take the same memory.
    public static let countBudget = 1 << 22
    /// Codebooks at most; the title says how many are left out.
    public static let maximumPanels = 32

    /// A picture of this many pixels.
    public init(width: Int = 1200, height: Int = 800) { (self.width, self.height) = (width, height) }

    /// - Throws: `PlotError.nothing` without codes, `.size` or `.drawing`.
    public func render(_ codebooks: [CodeCounts], title: String, format: PictureFormat) throws(PlotError) -> [UInt8] {
        guard codebooks.contains(where: { $0.total > 0 }) else { throw .nothing(what: "there are no codes") }
        let painter = try CairoPainter(width: width, height: height, format: format)
        draw(codebooks, title: title, on: painter)
        return try painter.finish()
    }

    /// Draws the panels on a picture or a page's markup.
    public func draw(_ codebooks: [CodeCounts], title: String, on painter: some Painter) {
        let shown = codebooks.prefix(Self.maximumPanels)
        let rest = codebooks.count - shown.count
        let note = rest > 0 ? "\(title) (\(rest) more codebooks)" : title
        let top = note.isEmpty ? 4.0 : 34
        if !note.isEmpty {
            painter.text(PlotFrame.fit(note, size: 15, width: painter.width - 32), at: Point(16, 22), size: 15)
        }
        let columns = min(shown.count, max(1, Int(painter.width / 280)))
        let rows = (shown.count + columns - 1) / max(columns, 1)
        for (index, counts) in shown.enumerated() {
            let (w, h) = (painter.width / Double(columns), (painter.height - top) / Double(rows))
            let outer = Rectangle(x: Double(index % columns) * w, y: top + Double(index / columns) * h, width: w, height: h)
            drawPanel(counts, name: "\(index + 1)", outer, painter)
        }
    }

    private func drawPanel(_ counts: CodeCounts, name: String, _ outer: Rectangle, _ painter: some Painter) {
        let area = PlotFrame.area(in: outer, hasTitle: true)
        let (ranked, count) = (counts.ranked, counts.groupCount)
        let even = max(Double(counts.total) / Double(count), .leastNormalMagnitude)
        let shares = (0...Int(area.width)).map { pixel in
            let rank = min(count - 1, pixel * count / max(1, Int(area.width)))
            return rank < ranked.count ? Double(ranked[rank]) / even : 0
        }
        let frame = PlotFrame(
            area: area, x: Axis(0...Double(counts.size), label: "Codewords, by use"),
            y: Axis(0.1...max(2, shares.max() ?? 0), label: "× even share", scale: .logarithmic))
        let outline = shares.enumerated().map { Point(area.x + Double($0), max(area.y, min(area.bottom, frame.vertical($1)))) }
        painter.fill([Point(area.x, area.bottom)] + outline + [Point(area.right, area.bottom)], .series(0), opacity: 0.75)
        frame.draw(on: painter, hasGrid: false)
        painter.line(frame.place(0, 1), frame.place(Double(counts.size), 1), .ink)
        let unit = counts.groupSize > 1 ? " groups" : ""
        let text = "\(name): \(counts.used) of \(count)\(unit) used, \(decimal(counts.entropy, 1)) bits"
        painter.text(PlotFrame.fit(text, size: 13, width: outer.width - 30), at: Point(area.x, area.y - 9), size: 13)
    }
}
