/// A place on a picture, in pixels from its top left corner.
public struct Point: Sendable, Hashable {
    public var x: Double
    public var y: Double

    public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// An upright rectangle, in pixels.
public struct Rectangle: Sendable, Hashable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    public var right: Double { x + width }
    public var bottom: Double { y + height }
}

/// What something is drawn with. Roles rather than colours, so that a page can give them other colours in the dark.
public enum Paint: Sendable, Hashable {
    case background
    /// Text and frames.
    case ink
    /// Grid lines.
    case grid
    /// Curve number so and so.
    case series(Int)
}

/// Where a text's reference point lies along it.
public enum TextAnchor: Sendable { case start, middle, end }

/// What charts are drawn on: a picture or a page's markup.
public protocol Painter: AnyObject {
    var width: Double { get }
    var height: Double { get }

    func fill(_ rectangle: Rectangle, _ paint: Paint)
    /// Fills a closed outline; `opacity` in 0…1.
    func fill(_ outline: [Point], _ paint: Paint, opacity: Double)
    func stroke(_ points: [Point], width: Double, _ paint: Paint)
    /// A line of text whose baseline is at `place`; `isVertical` turns it to read upwards.
    func text(_ text: String, at place: Point, size: Double, anchor: TextAnchor, isVertical: Bool)
}

extension Painter {
    /// As the requirement, level.
    public func text(_ text: String, at place: Point, size: Double, anchor: TextAnchor = .start) {
        self.text(text, at: place, size: size, anchor: anchor, isVertical: false)
    }

    func line(_ from: Point, _ to: Point, width: Double = 1, _ paint: Paint) {
        stroke([from, to], width: width, paint)
    }
}
