/// Curves of a measure over bitrate, with confidence intervals.
public struct RateDistortionChart: Sendable {
    /// One setting of a codec.
    public struct Point: Sendable, Hashable {
        /// kb/s.
        public var rate: Double
        /// The measure.
        public var value: Double
        /// The confidence interval, when there is one.
        public var interval: ClosedRange<Double>?

        /// A point; `rate` in kb/s.
        public init(rate: Double, value: Double, interval: ClosedRange<Double>? = nil) {
            (self.rate, self.value, self.interval) = (rate, value, interval)
        }
    }

    /// One codec.
    public struct Curve: Sendable, Hashable {
        /// What the legend calls it.
        public var name: String
        /// Settings in any order.
        public var points: [Point]
        /// Chooses colour and marker, so that a codec keeps its own from chart to chart.
        public var style: Int

        /// A curve through points in the order of their rates.
        public init(name: String, points: [Point], style: Int) { (self.name, self.points, self.style) = (name, points, style) }
    }

    /// Written above the chart.
    public var title: String
    /// What is measured and its unit.
    public var label: String
    /// Written under the axis of rates.
    public var rateLabel: String
    /// One per codec.
    public var curves: [Curve]

    /// A chart; `label` names the measure and its unit.
    public init(title: String, label: String, rateLabel: String = "Bitrate (kb/s)", curves: [Curve]) {
        (self.title, self.label, self.rateLabel, self.curves) = (title, label, rateLabel, curves)
    }

    /// A picture of the chart.
    /// - Throws: `PlotError.nothing` without points, `.size` or `.drawing`.
    public func render(width: Int = 800, height: Int = 560, format: PictureFormat) throws(PlotError) -> [UInt8] {
        guard curves.contains(where: { !$0.drawable.isEmpty }) else { throw .nothing(what: "the curves have no points") }
        let painter = try CairoPainter(width: width, height: height, format: format)
        draw(on: painter)
        return try painter.finish()
    }

    /// Draws the chart; without points, its frame only.
    public func draw(on painter: some Painter) {
        let legend = legendLines(width: painter.width - 80)
        let room = Rectangle(x: 0, y: 0, width: painter.width, height: painter.height - Double(legend.count) * 22 - 6)
        let frame = PlotFrame(area: PlotFrame.area(in: room, hasTitle: !title.isEmpty), x: rateAxis, y: valueAxis)
        frame.draw(on: painter, title: title, hasGrid: true)
        for curve in curves { draw(curve, frame, painter) }
        for (line, entries) in legend.enumerated() {
            let y = room.bottom + Double(line) * 22 + 12
            for entry in entries {
                let paint = Paint.series(entry.curve.style)
                painter.line(.init(entry.x, y - 4), .init(entry.x + 26, y - 4), width: 2, paint)
                drawMarker(entry.curve.style, at: .init(entry.x + 13, y - 4), painter)
                painter.text(entry.curve.name, at: .init(entry.x + 34, y), size: 13)
            }
        }
    }

    private var points: [Point] { curves.flatMap(\.drawable) }

    /// Logarithmic where rates span much, so that low ones do not crowd.
    private var rateAxis: Axis {
        let rates = points.map(\.rate)
        guard let low = rates.min(), let high = rates.max() else { return Axis(0...1, label: rateLabel) }
        let isWide = low > 0 && high / low > 4
        return isWide
            ? Axis(low / 1.15...high * 1.15, label: rateLabel, scale: .logarithmic)
            : Axis(max(0, low - (high - low) * 0.08)...high + (high - low) * 0.08, label: rateLabel)
    }

    private var valueAxis: Axis {
        let values = points.flatMap { [$0.value, $0.interval?.lowerBound ?? $0.value, $0.interval?.upperBound ?? $0.value] }
        guard let low = values.min(), let high = values.max() else { return Axis(0...1, label: label) }
        let margin = (high - low) * 0.07
        return Axis(low - margin...high + margin, label: label)
    }

    private func draw(_ curve: Curve, _ frame: PlotFrame, _ painter: some Painter) {
        let points = curve.drawable
        let paint = Paint.series(curve.style)
        if points.count > 1 { painter.stroke(points.map { frame.place($0.rate, $0.value) }, width: 2, paint) }
        for point in points {
            let x = frame.horizontal(point.rate)
            if let interval = point.interval {
                let (top, bottom) = (frame.vertical(interval.upperBound), frame.vertical(interval.lowerBound))
                painter.line(.init(x, top), .init(x, bottom), width: 1.5, paint)
                for y in [top, bottom] { painter.line(.init(x - 4, y), .init(x + 4, y), width: 1.5, paint) }
            }
            drawMarker(curve.style, at: .init(x, frame.vertical(point.value)), painter)
        }
    }

    /// Square, diamond, triangle or hexagon.
    private func drawMarker(_ style: Int, at center: Plots.Point, _ painter: some Painter) {
        let shapes: [[(Double, Double)]] = [
            [(-4, -4), (4, -4), (4, 4), (-4, 4)], [(0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)], [(0, -5.5), (5, 4), (-5, 4)],
            [(-5, 0), (-2.5, -4.5), (2.5, -4.5), (5, 0), (2.5, 4.5), (-2.5, 4.5)], [(0, 5.5), (5, -4), (-5, -4)],
        ]
        let shape = shapes[style % shapes.count].map { Plots.Point(center.x + $0.0, center.y + $0.1) }
        painter.fill(shape, .series(style), opacity: 1)
    }

    /// The legend's entries, line by line.
    private func legendLines(width: Double) -> [[(curve: Curve, x: Double)]] {
        var lines: [[(curve: Curve, x: Double)]] = []
        var x = Double.infinity
        for var curve in curves {
            curve.name = PlotFrame.fit(curve.name, size: 13, width: width - 60)
            let needed = 34 + TextLayout(curve.name, size: 13).width + 24
            if x + needed > 64 + width {
                lines.append([])
                x = 64
            }
            lines[lines.count - 1].append((curve, x))
            x += needed
        }
        return lines
    }
}

extension RateDistortionChart.Curve {
    /// The points that have finite coordinates, by rate.
    fileprivate var drawable: [RateDistortionChart.Point] {
        points.filter { point in
            point.rate.isFinite && point.value.isFinite
                && (point.interval.map { $0.lowerBound.isFinite && $0.upperBound.isFinite } ?? true)
        }
        .sorted { $0.rate < $1.rate }
    }
}
