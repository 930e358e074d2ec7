import Platform

/// How much one frame differs from the reference, as heard.
struct Disturbance: Sendable {
    /// All differences.
    var symmetric: Float
    /// What was added much more than what was lost.
    var asymmetric: Float

    static let none = Disturbance(symmetric: 0, asymmetric: 0)

    /// Disturbances are limited to this.
    private static let limit: Float = 45

    /// Compares the power densities of a frame.
    init(reference: ArraySlice<Float>, degraded: ArraySlice<Float>, _ scale: BarkScale) {
        var (squares, sum, total) = (0.0, 0.0, 0.0)
        for (band, (r, d)) in zip(reference, degraded).enumerated().dropFirst() {
            let difference = Self.masked(scale.loudness(r, band: band), scale.loudness(d, band: band))
            let width = scale.widths[band]
            let weighted = Double(abs(difference) * width)
            squares += weighted * weighted
            sum += Double(abs(difference * Self.asymmetry(r, d)) * width)
            total += Double(width)
        }
        symmetric = Float((squares / total).squareRoot() * total)
        asymmetric = Float(sum / total * total)
    }

    private init(symmetric: Float, asymmetric: Float) {
        self.symmetric = symmetric
        self.asymmetric = asymmetric
    }

    /// The difference of loudness densities, less the quarter of the smaller that masks it.
    private static func masked(_ reference: Float, _ degraded: Float) -> Float {
        let (difference, mask) = (degraded - reference, min(reference, degraded) * 0.25)
        if difference > mask { return difference - mask }
        return difference < -mask ? difference + mask : 0
    }

    /// 0 unless the degraded power is well above the reference, and at most 12.
    private static func asymmetry(_ reference: Float, _ degraded: Float) -> Float {
        let factor = Float(pow(Double((degraded + 50) / (reference + 50)), Double(Float(1.2))))
        return factor < 3 ? 0 : min(factor, 12)
    }

    /// The smaller of both kinds.
    func smaller(_ other: Disturbance) -> Disturbance {
        Disturbance(
            symmetric: min(symmetric, other.symmetric), asymmetric: min(asymmetric, other.asymmetric))
    }

    /// Weighted by how soft the reference is, from its audible power, and limited.
    func weighted(audiblePower: Float) -> Disturbance {
        let weight = Float(pow((Double(audiblePower) + 1e5) / 1e7, 0.04))
        return Disturbance(
            symmetric: min(symmetric / weight, Self.limit), asymmetric: min(asymmetric / weight, Self.limit))
    }
}

/// The sum of disturbances over time: the sixth-power mean over syllables of 20 frames, which half overlap, and the
/// quadratic mean over these.
struct DisturbanceAggregation {
    /// The first and last frame that are not silence at the ends.
    let frames: ClosedRange<Int>
    /// Weights of frames, from the first of all on.
    let weights: [Float]

    private static let syllable = 20

    /// Signals of more than 16 s weigh more towards their end.
    /// - Parameters:
    ///   - frameCount: frames, those of the tail included.
    ///   - signalFrames: those of the signal alone.
    init(_ frames: ClosedRange<Int>, frameCount: Int, signalFrames: Int) {
        self.frames = frames
        if frameCount <= 1000 {
            weights = [Float](repeating: 1, count: frameCount)
        } else {
            let slope = min(Double((Float(signalFrames) - 1000) / 5500), 0.5)
            weights = (0..<frameCount).map { Float(1 - slope + slope * Double(Float($0)) / Double(Float(signalFrames))) }
        }
    }

    func mean(_ disturbances: [Float]) -> Float {
        var (sum, total) = (0.0, 0.0)
        for start in stride(from: frames.lowerBound, through: frames.upperBound, by: Self.syllable / 2) {
            var sixths = 0.0
            for frame in start...min(start + Self.syllable - 1, frames.upperBound) {
                let square = Double(disturbances[frame]) * Double(disturbances[frame])
                sixths += square * square * square
            }
            let weight = Double(weights[start - frames.lowerBound])
            let weighted = weight * pow(sixths / Double(Self.syllable), 1.0 / 6)
            sum += weighted * weighted
            total += weight * weight
        }
        return Float((sum / total).squareRoot())
    }
}
