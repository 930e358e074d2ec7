/// The axes of a plot and the area within them.
struct PlotFrame {
    let area: Rectangle
    let x: Axis
    let y: Axis
    /// Whether the vertical axis has numbers; otherwise only its label.
    var hasRowTicks = true
    private static let textSize = 13.0

    /// The area within the axes of `outer`, on whole pixels, so that images fill it exactly.
    static func area(in outer: Rectangle, hasTitle: Bool, right: Double = 16) -> Rectangle {
        let (left, top, bottom) = (64.0, hasTitle ? 32.0 : 14.0, 46.0)
        return Rectangle(
            x: (outer.x + left).rounded(), y: (outer.y + top).rounded(),
            width: max(8, outer.width - left - right).rounded(.down),
            height: max(8, outer.height - top - bottom).rounded(.down))
    }

    func place(_ x: Double, _ y: Double) -> Point { Point(horizontal(x), vertical(y)) }
    func horizontal(_ value: Double) -> Double { area.x + self.x.fraction(value) * area.width }
    func vertical(_ value: Double) -> Double { area.bottom - y.fraction(value) * area.height }

    /// Frame, ticks, labels and title; grid lines are for curves, not for images, which they would hide.
    func draw(on painter: some Painter, title: String = "", hasGrid: Bool) {
        let size = Self.textSize
        if !title.isEmpty { painter.text(Self.fit(title, size: 15, width: painter.width - 24), at: Point(area.x, area.y - 12), size: 15) }
        for (value, text) in x.ticks(max(2, Int(area.width / 90))) {
            let at = horizontal(value)
            if hasGrid { painter.line(Point(at, area.y), Point(at, area.bottom), .grid) }
            painter.line(Point(at, area.bottom), Point(at, area.bottom + 5), .ink)
            painter.text(text, at: Point(at, area.bottom + 19), size: size, anchor: .middle)
        }
        for (value, text) in hasRowTicks ? y.ticks(max(2, Int(area.height / 45))) : [] {
            let at = vertical(value)
            if hasGrid { painter.line(Point(area.x, at), Point(area.right, at), .grid) }
            painter.line(Point(area.x - 5, at), Point(area.x, at), .ink)
            painter.text(text, at: Point(area.x - 9, at + 4.5), size: size, anchor: .end)
        }
        let corners = [
            Point(area.x, area.y), Point(area.right, area.y), Point(area.right, area.bottom), Point(area.x, area.bottom),
            Point(area.x, area.y),
        ]
        painter.stroke(corners, width: 1, .ink)
        painter.text(x.label, at: Point(area.x + area.width / 2, area.bottom + 38), size: size, anchor: .middle)
        painter.text(
            y.label, at: Point(area.x - 48, area.y + area.height / 2), size: size, anchor: .middle, isVertical: true)
    }

    /// `text`, shortened in the middle so that it is no wider than `width`.
    static func fit(_ text: String, size: Double, width: Double) -> String {
        TextLayout(text, size: size).fitted(to: width)
    }

    /// A column of `map`'s colours for `axis` at the right of `area`.
    static func drawKey(on painter: CairoPainter, beside area: Rectangle, axis: Axis, map: ColorMap) throws(PlotError) {
        let bar = Rectangle(x: area.right + 16, y: area.y, width: 14, height: area.height)
        let height = Int(bar.height)
        let image = PixelImage(width: Int(bar.width), height: height) { _, row in map[1 - (Double(row) + 0.5) / Double(height)] }
        try painter.paint(image, at: Point(bar.x, bar.y))
        for (value, text) in axis.ticks(max(2, Int(bar.height / 45))) {
            let at = bar.bottom - axis.fraction(value) * bar.height
            painter.line(Point(bar.right, at), Point(bar.right + 4, at), .ink)
            painter.text(text, at: Point(bar.right + 8, at + 4.5), size: textSize)
        }
        painter.text(
            axis.label, at: Point(bar.right + 54, bar.y + bar.height / 2), size: textSize, anchor: .middle, isVertical: true)
    }

    /// Width that the key takes at the right of the area.
    static let keyWidth = 96.0
}
