import Platform

/// Colours for numbers. Lightness alone carries the value, in even steps, so that a picture survives printing in grey and
/// eyes that see few hues; the hue turns slowly to help the rest.
public struct ColorMap: Sendable {
    /// From the lowest to the highest value.
    public let colors: [Color]

    /// Dark violet through red to pale yellow, for levels.
    public static let level = ColorMap { x in
        Color(lightness: 0.13 + 0.85 * x, chroma: 0.05 + 0.17 * sin(.pi * min(1, 1.05 * x)), hue: 285 + 175 * x)
    }

    /// Blue for negative, near white for zero, red for positive: for differences.
    public static let difference = ColorMap { x in
        let distance = abs(2 * x - 1)
        return Color(lightness: 0.97 - 0.55 * distance, chroma: 0.21 * distance, hue: x < 0.5 ? 255 : 28)
    }

    /// - Parameter formula: the colour at 0…1.
    public init(_ formula: (Double) -> Color) {
        colors = (0..<256).map { formula(Double($0) / 255) }
    }

    /// The colour of a value whose 0…1 spans the map; what lies outside gets the nearest end, NaN the lowest.
    public subscript(_ fraction: Double) -> Color { colors[Self.index(fraction)] }

    static func index(_ fraction: Double) -> Int {
        fraction > 0 ? Int((min(fraction, 1) * 255).rounded()) : 0
    }
}

/// Colours that tell curves apart, at one lightness each so that none stands out. Charts vary the marker too, so that the
/// colour is never the only difference.
public enum SeriesColors {
    private static let hues: [Double] = [255, 50, 155, 345, 100, 205, 20, 300]

    /// Before the colours repeat.
    public static let count = hues.count

    /// The colour of curve `index` on a light or a dark background.
    public static func color(_ index: Int, onDark: Bool = false) -> Color {
        let hue = hues[((index % count) + count) % count]
        return Color(lightness: onDark ? 0.76 : 0.56, chroma: 0.16, hue: hue)
    }
}
