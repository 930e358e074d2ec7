import Tokens

/// Keeps codes of any number of frames at bounded size while they are read: when there are too many, every second one goes.
public struct TokenMapReducer: Sendable {
    /// Of the codes.
    public let layout: CodeLayout
    /// Tracks of the codes.
    public let trackCount: Int
    /// Base frames seen so far.
    public private(set) var frameCount = 0
    private var rows: [Row]

    /// One codebook of one track.
    private struct Row: Sendable {
        /// Codes between two that are kept.
        var step = 1
        var seen = 0
        var kept: [Int32] = []

        mutating func add(_ codes: [Int32], limit: Int) {
            for code in codes {
                if seen % step == 0 { kept.append(code) }
                seen += 1
                if kept.count >= limit { thin() }
            }
        }

        private mutating func thin() {
            kept = stride(from: 0, to: kept.count, by: 2).map { kept[$0] }
            step *= 2
        }
    }

    /// Codes kept over all rows.
    private static let budget = 1 << 22
    private let limit: Int

    /// - Throws: `PlotError.nothing` without codebooks.
    public init(layout: CodeLayout, trackCount: Int) throws(PlotError) {
        let count = layout.codebooks.count.multipliedReportingOverflow(by: trackCount)
        guard !count.overflow, count.partialValue > 0, count.partialValue <= Self.budget / 4 else {
            throw .nothing(what: "\(layout.codebooks.count) codebooks of \(trackCount) tracks")
        }
        self.layout = layout
        self.trackCount = trackCount
        limit = max(2, min(8192, Self.budget / count.partialValue))
        rows = Array(repeating: Row(), count: count.partialValue)
    }

    /// Adds the next codes, one entry per track.
    public mutating func push(_ tracks: [Codes]) {
        for (track, codes) in tracks.prefix(trackCount).enumerated() {
            for (k, stream) in codes.streams.prefix(layout.codebooks.count).enumerated() {
                let row = track * layout.codebooks.count + k
                rows[row].add(stream, limit: limit)
                frameCount = max(frameCount, rows[row].seen * max(1, layout.codebooks[k].stride))
            }
        }
    }

    /// Rows of the map: codebooks of the first track, then of the next.
    public var rowCount: Int { rows.count }

    /// The code of `row` at base frame `frame`, as a fraction of its codebook; nil after the end.
    func fraction(row: Int, frame: Int) -> Float? {
        let codebook = layout.codebooks[row % layout.codebooks.count]
        let index = frame / max(1, codebook.stride) / rows[row].step
        guard rows[row].kept.indices.contains(index) else { return nil }
        return Float(rows[row].kept[index]) / Float(max(1, codebook.size - 1))
    }
}

/// A picture of codes over time: one row per codebook, the colour is the code.
public struct TokenMapPicture: Sendable {
    /// Pixels.
    public var width: Int
    /// Pixels from top to bottom.
    public var height: Int

    /// A picture of this many pixels.
    public init(width: Int = 1200, height: Int = 400) { (self.width, self.height) = (width, height) }

    /// - Parameter start: seconds that the time axis begins with.
    /// - Throws: `PlotError.nothing` without frames, `.size` or `.drawing`.
    public func render(
        _ map: TokenMapReducer, title: String, start: Double = 0, format: PictureFormat
    ) throws(PlotError) -> [UInt8] {
        guard map.frameCount > 0 else { throw .nothing(what: "there are no frames") }
        let painter = try CairoPainter(width: width, height: height, format: format)
        let area = PlotFrame.area(
            in: Rectangle(x: 0, y: 0, width: painter.width, height: painter.height), hasTitle: !title.isEmpty,
            right: PlotFrame.keyWidth)
        let (columns, rows) = (Int(area.width), Int(area.height))
        let image = PixelImage(width: columns, height: rows) { x, y in
            let frame = x * map.frameCount / columns
            return map.fraction(row: y * map.rowCount / rows, frame: frame).map { ColorMap.level[Double($0)] } ?? Color(gray: 1)
        }
        try painter.paint(image, at: Point(area.x, area.y))
        let seconds = Double(map.frameCount) / max(map.layout.frameRate, .leastNormalMagnitude)
        let time = Axis(start...start + seconds, label: seconds > 120 ? "Time (min:s)" : "Time (s)", notation: .time)
        let row = Axis(0...1, label: "Codebook")
        PlotFrame(area: area, x: time, y: row, hasRowTicks: false).draw(on: painter, title: title, hasGrid: false)
        drawRows(map, area, painter)
        try PlotFrame.drawKey(on: painter, beside: area, axis: Axis(0...1, label: "Code / size"), map: .level)
        return try painter.finish()
    }

    private func drawRows(_ map: TokenMapReducer, _ area: Rectangle, _ painter: CairoPainter) {
        let height = area.height / Double(map.rowCount)
        let every = max(1, Int((18 / height).rounded(.up)))
        for row in stride(from: 0, to: map.rowCount, by: every) {
            let codebook = row % map.layout.codebooks.count + 1
            let name = map.trackCount > 1 ? "\(row / map.layout.codebooks.count + 1)·\(codebook)" : "\(codebook)"
            let y = area.y + (Double(row) + 0.5) * height
            painter.text(name, at: Point(area.x - 9, y + 4.5), size: 13, anchor: .end)
        }
    }
}
