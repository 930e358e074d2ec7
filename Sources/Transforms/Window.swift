import Platform

/// Window functions, computed in double precision.
public enum Window: Sendable, Hashable {
    /// Ones.
    case rectangular
    /// ½ − ½ cos(2πn/D).
    case hann
    /// 0.54 − 0.46 cos(2πn/D).
    case hamming
    /// sin(π(n + ½)/count): the MDCT window of MP3 and Vorbis's ancestor; its squares at half a length apart sum to 1.
    case sine
    /// Kaiser–Bessel-derived with shape α (4 in AAC long blocks): running sums of a Kaiser window of β = πα; even lengths only.
    case kaiserBesselDerived(alpha: Double)

    /// The denominator D of the cosine windows for a window of `count` values.
    public enum Symmetry: Sendable, Hashable {
        /// D = count: one period, for spectral analysis; what torch and librosa take by default.
        case periodic
        /// D = count − 1: first and last values equal, for filter design.
        case symmetric
    }

    /// The window's `count` values. `symmetry` only matters to the cosine windows.
    /// - Throws: `SpectralError.size` for a count outside 1 … 2²⁴, `oddSize` or `parameter` for a Kaiser–Bessel-derived window
    ///   of odd length or with α not in 0 … 100.
    public func values(_ count: Int, symmetry: Symmetry = .periodic) throws(SpectralError) -> [Float] {
        try checkSize(count, "window length")
        switch self {
        case .rectangular:
            return [Float](repeating: 1, count: count)
        case .hann:
            return raisedCosine(count, symmetry, 0.5)
        case .hamming:
            return raisedCosine(count, symmetry, 0.54)
        case .sine:
            return (0..<count).map { Float(sin(Double.pi * (Double($0) + 0.5) / Double(count))) }
        case .kaiserBesselDerived(let alpha):
            guard count % 2 == 0 else { throw .oddSize(what: "Kaiser-Bessel-derived window length", found: count) }
            guard alpha >= 0, alpha <= 100 else {
                throw .parameter(what: "Kaiser-Bessel-derived alpha", found: alpha, requirement: "must be in 0...100")
            }
            return kaiserBesselValues(count, alpha)
        }
    }
}

private func raisedCosine(_ count: Int, _ symmetry: Window.Symmetry, _ a: Double) -> [Float] {
    let denominator = symmetry == .periodic ? count : count - 1
    if denominator == 0 { return [1] }
    return (0..<count).map { Float(a - (1 - a) * cos(2 * Double.pi * Double($0) / Double(denominator))) }
}

private func kaiserBesselValues(_ count: Int, _ alpha: Double) -> [Float] {
    let half = count / 2
    let kaiser = (0...half).map { n -> Double in
        let r = 2 * Double(n) / Double(half) - 1
        return besselI0(Double.pi * alpha * max(0, 1 - r * r).squareRoot())
    }
    let total = kaiser.reduce(0, +)
    var sum = 0.0
    let rising = kaiser[..<half].map { value -> Float in
        sum += value
        return Float((sum / total).squareRoot())
    }
    return rising + rising.reversed()
}

/// The modified Bessel function of the first kind and order 0, by its power series.
private func besselI0(_ x: Double) -> Double {
    let quarter = x * x / 4
    var term = 1.0
    var sum = 1.0
    var k = 1.0
    while term > sum * 1e-17 {
        term *= quarter / (k * k)
        sum += term
        k += 1
    }
    return sum
}
