import Platform
import Tokens

/// A picture of how predictable codes are: on the left how often each codeword occurs, the commonest first, both axes
/// logarithmic, one curve per codebook; on the right each codebook's entropies beside the bits that it costs.
public struct CodeStatisticsPicture: Sendable {
    /// One codebook's codes. Entropies are in bits per code.
    public struct Codebook: Sendable {
        /// How often each codeword occurs.
        public var counts: CodeCounts
        /// Entropy given the code of the frame before; nil where that is unknown.
        public var givenPreviousFrame: Double?
        /// Entropy given the code of the codebook before; nil where that is unknown.
        public var givenPreviousCodebook: Double?

        /// Entropies in bits per code.
        public init(counts: CodeCounts, givenPreviousFrame: Double?, givenPreviousCodebook: Double?) {
            (self.counts, self.givenPreviousFrame, self.givenPreviousCodebook) = (counts, givenPreviousFrame, givenPreviousCodebook)
        }
    }

    /// Pixels.
    public var width: Int
    /// Pixels from top to bottom.
    public var height: Int

    /// A picture of this many pixels.
    public init(width: Int = 1100, height: Int = 520) { (self.width, self.height) = (width, height) }

    /// - Throws: `PlotError.nothing` without codes, `.size` or `.drawing`.
    public func render(_ codebooks: [Codebook], title: String, format: PictureFormat) throws(PlotError) -> [UInt8] {
        guard codebooks.contains(where: { $0.counts.total > 0 }) else { throw .nothing(what: "there are no codes") }
        let painter = try CairoPainter(width: width, height: height, format: format)
        painter.text(PlotFrame.fit(title, size: 15, width: painter.width - 32), at: Point(16, 22), size: 15)
        let (half, top) = (painter.width / 2, 30.0)
        drawRanks(codebooks, Rectangle(x: 0, y: top, width: half, height: painter.height - top), painter)
        drawEntropies(codebooks, Rectangle(x: half, y: top, width: half, height: painter.height - top), painter)
        return try painter.finish()
    }

    private func drawRanks(_ codebooks: [Codebook], _ outer: Rectangle, _ painter: some Painter) {
        let curves = codebooks.map(\.counts.ranked)
        let frame = PlotFrame(
            area: PlotFrame.area(in: outer, hasTitle: false),
            x: Axis(1...Double(max(2, curves.map(\.count).max() ?? 2)), label: "Rank of the codeword", scale: .logarithmic),
            y: Axis(0.9...Double(max(2, curves.compactMap(\.first).max() ?? 2)), label: "Times it occurs", scale: .logarithmic))
        frame.draw(on: painter, hasGrid: true)
        for (k, curve) in curves.enumerated() where curve.count > 1 {
            painter.stroke(curve.enumerated().map { frame.place(Double($0 + 1), Double($1)) }, width: 1.5, .series(k))
        }
    }

    private func drawEntropies(_ codebooks: [Codebook], _ outer: Rectangle, _ painter: some Painter) {
        let bits = codebooks.map { log2(Double(max(1, $0.counts.size))) }
        let kinds: [(String, [Double?])] = [
            ("bits per code", bits), ("entropy", codebooks.map(\.counts.entropy)),
            ("| frame before", codebooks.map(\.givenPreviousFrame)),
            ("| codebook before", codebooks.map(\.givenPreviousCodebook)),
        ]
        let last = Double(max(2, codebooks.count))
        let frame = PlotFrame(
            area: PlotFrame.area(in: outer, hasTitle: true), x: Axis(1...last, label: "Codebook"),
            y: Axis(0...max(1, (bits.max() ?? 1) * 1.05), label: "Bits"))
        frame.draw(on: painter, hasGrid: true)
        var x = frame.area.x
        for (i, (name, values)) in kinds.enumerated() {
            let points = values.enumerated().compactMap { k, value in value.map { frame.place(Double(k + 1), $0) } }
            if points.count > 1 { painter.stroke(points, width: 2, .series(i)) }
            for point in points {
                painter.fill(Rectangle(x: point.x - 3, y: point.y - 3, width: 6, height: 6), .series(i))
            }
            painter.line(Point(x, frame.area.y - 12), Point(x + 16, frame.area.y - 12), width: 2, .series(i))
            painter.text(name, at: Point(x + 21, frame.area.y - 8), size: 12)
            x += 21 + TextLayout(name, size: 12).width + 14
        }
    }
}
