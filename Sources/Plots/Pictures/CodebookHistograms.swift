import Platform
import Tokens

/// How often each codeword of one codebook occurs.
public struct CodeCounts: Sendable, Hashable {
    /// Codewords of the codebook.
    public var size: Int
    /// How often each group of `groupSize` codewords in order occurs.
    public var counts: [Int]
    /// 1 unless the codebook is too large to count each codeword.
    public var groupSize: Int

    /// - Parameter groupSize: codewords that share a count.
    public init(size: Int, counts: [Int], groupSize: Int = 1) {
        (self.size, self.counts, self.groupSize) = (size, counts, groupSize)
    }

    /// Codes counted.
    public var total: Int { counts.reduce(0, +) }
    /// Groups that occur.
    public var used: Int { counts.count { $0 > 0 } }

    /// −Σ p log₂ p in bits; 0 without codes.
    public var entropy: Double {
        let total = Double(total)
        return counts.reduce(0) { sum, count in
            count > 0 ? sum - Double(count) / total * log2(Double(count) / total) : sum
        }
    }
}

/// Counts codes while they are read, all tracks together.
public struct CodeCounter: Sendable {
    /// One a codebook.
    public private(set) var codebooks: [CodeCounts]
    /// Counters over all codebooks.
    private static let budget = 1 << 22

    /// Large codebooks are counted in groups, so that memory stays bounded.
    public init(layout: CodeLayout) {
        let each = max(1, Self.budget / max(1, layout.codebooks.count))
        codebooks = layout.codebooks.map { codebook in
            var group = 1
            while codebook.size / group > each { group *= 2 }
            let size = max(1, codebook.size)
            return CodeCounts(size: size, counts: Array(repeating: 0, count: (size - 1) / group + 1), groupSize: group)
        }
    }

    /// Adds the next codes, one entry a track.
    public mutating func push(_ tracks: [Codes]) {
        for codes in tracks {
            for (k, stream) in codes.streams.prefix(codebooks.count).enumerated() {
                for code in stream {
                    let group = Int(code) / codebooks[k].groupSize
                    if codebooks[k].counts.indices.contains(group) { codebooks[k].counts[group] += 1 }
                }
            }
        }
    }
}

/// A picture of how evenly codebooks are used: for each, the share of every codeword relative to an even one, the commonest
/// first, on a logarithmic scale. The line marks an even share.
public struct HistogramPicture: Sendable {
    /// Pixels.
    public var width: Int
    public var height: Int
    /// Codebooks at most; the title says how many are left out.
    public static let maximumPanels = 32

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
        let sorted = counts.counts.sorted(by: >)
        let even = max(Double(counts.total) / Double(sorted.count), .leastNormalMagnitude)
        let shares = (0...Int(area.width)).map { pixel in
            Double(sorted[min(sorted.count - 1, pixel * sorted.count / max(1, Int(area.width)))]) / even
        }
        let frame = PlotFrame(
            area: area, x: Axis(0...Double(counts.size), label: "Codewords, by use"),
            y: Axis(0.1...max(2, shares.max() ?? 0), label: "× even share", scale: .logarithmic))
        let outline = shares.enumerated().map { Point(area.x + Double($0), max(area.y, min(area.bottom, frame.vertical($1)))) }
        painter.fill([Point(area.x, area.bottom)] + outline + [Point(area.right, area.bottom)], .series(0), opacity: 0.75)
        frame.draw(on: painter, hasGrid: false)
        painter.line(frame.place(0, 1), frame.place(Double(counts.size), 1), .ink)
        let unit = counts.groupSize > 1 ? " groups" : ""
        let text = "\(name): \(counts.used) of \(counts.counts.count)\(unit) used, \(decimal(counts.entropy, 1)) bits"
        painter.text(PlotFrame.fit(text, size: 13, width: outer.width - 30), at: Point(area.x, area.y - 9), size: 13)
    }
}
