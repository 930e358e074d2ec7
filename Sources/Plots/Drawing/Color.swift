import Platform

/// An opaque sRGB colour; components in 0…1.
public struct Color: Sendable, Hashable {
    /// Red.
    public var red: Double
    /// Green.
    public var green: Double
    /// Blue.
    public var blue: Double

    /// sRGB components in 0…1.
    public init(red: Double, green: Double, blue: Double) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }

    /// A grey of the given sRGB value.
    public init(gray: Double) { self.init(red: gray, green: gray, blue: gray) }

    /// Oklab lightness (0 black … 1 white), chroma and hue in degrees (Ottosson, "A perceptual color space for image
    /// processing", 2020). A chroma that sRGB cannot show is lowered until it can, which leaves lightness and hue alone.
    public init(lightness: Double, chroma: Double, hue: Double) {
        var (low, high) = (0.0, chroma)
        if Self.linear(lightness, chroma, hue).allSatisfy(Self.isShown) { low = chroma }
        for _ in 0..<(low == chroma ? 0 : 20) {
            let middle = (low + high) / 2
            if Self.linear(lightness, middle, hue).allSatisfy(Self.isShown) { low = middle } else { high = middle }
        }
        let parts = Self.linear(lightness, low, hue).map(Self.gamma)
        self.init(red: parts[0], green: parts[1], blue: parts[2])
    }

    /// Oklab lightness, 0 black … 1 white.
    public var lightness: Double {
        let (r, g, b) = (Self.inverseGamma(red), Self.inverseGamma(green), Self.inverseGamma(blue))
        let l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
        let m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
        let s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
        return 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
    }

    /// `#rrggbb`.
    public var hexadecimal: String {
        "#" + bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// Red, green and blue in 0…255.
    var bytes: [UInt8] { [red, green, blue].map { UInt8(max(0, min(255, ($0 * 255).rounded()))) } }

    private static func isShown(_ value: Double) -> Bool { (-1e-4...1.0001).contains(value) }

    /// Linear-light sRGB of an Oklab colour.
    private static func linear(_ lightness: Double, _ chroma: Double, _ hue: Double) -> [Double] {
        let angle = hue * .pi / 180
        let (a, b) = (chroma * cos(angle), chroma * sin(angle))
        let l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3)
        let m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3)
        let s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3)
        return [
            4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
        ]
    }

    private static func gamma(_ value: Double) -> Double {
        let value = max(0, min(1, value))
        return value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
    }

    private static func inverseGamma(_ value: Double) -> Double {
        value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
}
