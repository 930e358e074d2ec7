import Platform

/// Draws a chart as SVG markup for a page: text stays text, and colours are the page's custom properties `--background`,
/// `--ink`, `--grid` and `--series-0` …, so that a page can change them in the dark.
public final class MarkupPainter: Painter {
    /// Units across.
    public let width: Double
    /// Units from top to bottom.
    public let height: Double
    private let label: String
    private var elements = ""

    /// - Parameter label: what a screen reader says of the chart.
    public init(width: Double, height: Double, label: String) {
        (self.width, self.height, self.label) = (width, height, label)
    }

    /// The finished `<svg>` element.
    public var markup: String {
        "<svg viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\" aria-label=\"\(Markup.escape(label))\">"
            + elements + "</svg>"
    }

    /// Fills a rectangle.
    public func fill(_ rectangle: Rectangle, _ paint: Paint) {
        elements += "<rect x=\"\(number(rectangle.x))\" y=\"\(number(rectangle.y))\" width=\"\(number(rectangle.width))\" "
            + "height=\"\(number(rectangle.height))\" fill=\"\(color(paint))\"/>"
    }

    /// Fills a closed outline; `opacity` in 0…1.
    public func fill(_ outline: [Point], _ paint: Paint, opacity: Double) {
        elements += "<polygon points=\"\(list(outline))\" fill=\"\(color(paint))\" fill-opacity=\"\(number(opacity))\"/>"
    }

    /// Draws a line through points.
    public func stroke(_ points: [Point], width: Double, _ paint: Paint) {
        elements += "<polyline points=\"\(list(points))\" fill=\"none\" stroke=\"\(color(paint))\" stroke-width=\"\(number(width))\" "
            + "stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
    }

    /// Writes a line of text, which the page's fonts show.
    public func text(_ text: String, at place: Point, size: Double, anchor: TextAnchor, isVertical: Bool) {
        let turn = isVertical ? " transform=\"rotate(-90 \(number(place.x)) \(number(place.y)))\"" : ""
        elements += "<text x=\"\(number(place.x))\" y=\"\(number(place.y))\" font-size=\"\(number(size))\" text-anchor=\"\(anchor)\" "
            + "fill=\"\(color(.ink))\"\(turn)>\(Markup.escape(text))</text>"
    }

    private func list(_ points: [Point]) -> String {
        points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    }

    private func color(_ paint: Paint) -> String {
        switch paint {
        case .background: return "var(--background)"
        case .ink: return "var(--ink)"
        case .grid: return "var(--grid)"
        case .series(let index): return "var(--series-\(index % SeriesColors.count))"
        }
    }

    /// With at most two decimals; what is not finite becomes 0, which no browser stumbles over.
    private func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}

/// Text for HTML and SVG.
public enum Markup {
    /// `text` with the characters that mean something to HTML replaced, safe between tags and within quoted attributes.
    /// Control characters, which neither HTML nor XML may hold, and marks that turn the direction of text are spelled out.
    public static func escape(_ text: String) -> String {
        text.escapingControls.replacing { scalar in
            switch scalar {
            case "&": return "&amp;"
            case "<": return "&lt;"
            case ">": return "&gt;"
            case "\"": return "&quot;"
            case "'": return "&#39;"
            default: return nil
            }
        }
    }
}
