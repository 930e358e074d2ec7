import Platform

/// What a transform cannot be made with, or cannot be applied to.
public enum SpectralError: CodettaError, Equatable {
    /// A size outside what the transform can be planned for.
    case size(what: String, found: Int, allowed: ClosedRange<Int>)
    /// A size that must be even.
    case oddSize(what: String, found: Int)
    /// A window that does not have the length that the transform needs.
    case windowLength(expected: Int, found: Int)
    /// An MDCT window that is not symmetric or breaks w[n]² + w[n+N]² = 1, so that aliasing would remain.
    case notPrincenBradley(index: Int)
    /// A parameter outside its meaning, e.g. a mel band edge above half the sample rate.
    case parameter(what: String, found: Double, requirement: String)
    /// Reflect padding needs more samples than the signal has.
    case signalTooShort(samples: Int, needed: Int)
    /// The FFT library refused to plan, which for a valid size means that memory ran out.
    case planFailed(size: Int)

    /// The class of the failure.
    public var kind: FailureKind { .badData }

    /// One line: what is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .size(let what, let found, let allowed):
            return "\(what) is \(found), must be in \(allowed.lowerBound)...\(allowed.upperBound)"
        case .oddSize(let what, let found):
            return "\(what) is \(found), must be even"
        case .windowLength(let expected, let found):
            return "the window has \(found) values, the transform needs \(expected)"
        case .notPrincenBradley(let index):
            return "the MDCT window breaks the Princen-Bradley condition at index \(index); use a sine or Kaiser-Bessel-derived one"
        case .parameter(let what, let found, let requirement):
            return "\(what) is \(found), \(requirement)"
        case .signalTooShort(let samples, let needed):
            return "the signal has \(samples) samples, reflect padding needs \(needed); pad it or use zero padding"
        case .planFailed(let size):
            return "no FFT plan for size \(size): out of memory"
        }
    }
}

/// Largest transform: far above any use, far below what could exhaust memory when a size comes from a file.
let largestTransform = 1 << 24

/// Refuses a size outside `1...largestTransform`.
func checkSize(_ found: Int, _ what: String, atLeast least: Int = 1) throws(SpectralError) {
    guard found >= least, found <= largestTransform else {
        throw .size(what: what, found: found, allowed: least...largestTransform)
    }
}
