import Platform

/// Why a picture cannot be made.
public enum PlotError: CodettaError, Equatable {
    /// A width or height outside what a picture may have, in pixels.
    case size(width: Int, height: Int, allowed: ClosedRange<Int>)
    /// There is nothing to draw.
    case nothing(what: String)
    /// The drawing library failed.
    case drawing(reason: String)

    /// The class of the failure.
    public var kind: FailureKind { .badData }

    /// What is wrong, on one line.
    public var description: String {
        switch self {
        case .size(let width, let height, let allowed):
            return "a picture of \(width) × \(height) pixels, each side must be \(allowed.lowerBound) to \(allowed.upperBound)"
        case .nothing(let what): return "nothing to draw: \(what)"
        case .drawing(let reason): return "drawing failed: \(reason)"
        }
    }
}

/// The sizes of pictures.
public enum PictureLimits {
    /// Pixels of a picture's side.
    public static let side = 120...16_000

    /// - Throws: `PlotError.size`.
    public static func check(width: Int, height: Int) throws(PlotError) {
        guard side.contains(width), side.contains(height) else {
            throw .size(width: width, height: height, allowed: side)
        }
    }
}
