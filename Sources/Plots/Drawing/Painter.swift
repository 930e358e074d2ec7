/// A place on a picture, in pixels from its top left corner.
public struct Point: Sendable, Hashable {
    /// From the left.
    public var x: Double
    /// From the top.
    public var y: Double

    /// The place `x` pixels from the left and `y` from the top.
    public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// An upright rectangle, in pixels.
public struct Rectangle: Sendable, Hashable {
    /// The left side.
    public var x: Double
    /// The top.
    public var y: Double
    /// From side to side.
    public var width: Double
    /// From top to bottom.
    public var height: Double

    /// A rectangle by its top left corner and its size.
    public init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    /// The right side.
    public var right: Double { x + width }
    /// The lower side.
    public var bottom: Double { y + height }
}

/// What something is drawn with. Roles rather than colours, so that a page can give them other colours in the dark.
public enum Paint: Sendable, Hashable {
    /// What is behind everything.
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
    /// From side to side, in pixels.
    var width: Double { get }
    /// From top to bottom, in pixels.
    var height: Double { get }

    /// Fills a rectangle.
    func fill(_ rectangle: Rectangle, _ paint: Paint)
    /// Fills a closed outline; `opacity` in 0…1.
    func fill(_ outline: [Point], _ paint: Paint, opacity: Double)
    /// Draws a line through points.
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
