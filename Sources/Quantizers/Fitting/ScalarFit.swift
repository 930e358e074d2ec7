import Kernels
import Platform

/// Fits the kinds whose codes are levels of single channels: FSQ, residual FSQ, lattice.
///
/// The channels are the principal components of a sample. Each codebook gets a like share of them, strong and weak; within
/// it levels are raised one at a time where that lowers the error most for its bits, as long as their product stays within
/// the size. Components that get a single level are left out.
struct ScalarFit {
    private let sample: Frames
    private let components: PrincipalComponents
    /// The sample along the axes.
    private let values: [[Float]]
    private let codebooks: Int
    private let size: Int
    /// Vectors that gains are tried on.
    private static let trialLimit = 2048
    private static let levelCounts = [2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 20, 25, 32, 45, 64, 90, 128, 256, 512, 1024]

    init(_ sample: Frames, codebooks: Int, size: Int) throws {
        guard codebooks <= sample.channels else {
            throw QuantizerError.unfittable("\(codebooks) codebooks over \(sample.channels) channels; each needs a channel")
        }
        self.sample = sample
        self.codebooks = codebooks
        self.size = size
        components = PrincipalComponents(sample)
        let rows = components.components(of: sample.slice(0..<min(sample.count, Self.trialLimit)), count: sample.channels)
        values = (0..<sample.channels).map { c in (0..<rows.count).map { rows[$0, c] } }
    }

    /// A product of FSQs with the published bound.
    func finiteScalar() throws -> ProductQuantizer {
        let shares = try allocate(codebooks) { axis, levels in fit(axis, levels: levels, shape: .bounded(levels)) }
        return try ProductQuantizer(
            parts: shares.map { try FiniteScalarQuantizer(levels: $0.map(\.levels)) }, projections: projections(shares))
    }

    /// A product of residual FSQs: of the splits into groups and stages the one of the least expected error.
    func residualFiniteScalar() throws -> ProductQuantizer {
        var best: (error: Double, stages: Int, shares: [[Axis]])?
        for stages in 1...codebooks where codebooks % stages == 0 && (stages > 1 || codebooks == 1) {
            let shares = try allocate(codebooks / stages) { axis, levels in
                fit(axis, levels: levels, shape: .residual(levels, stages))
            }
            let error = remainingError(shares)
            if error < best?.error ?? .infinity { best = (error, stages, shares) }
        }
        guard let best else { throw QuantizerError.unfittable("no split into stages") }
        return try ProductQuantizer(
            parts: best.shares.map { try ResidualFiniteScalarQuantizer(levels: $0.map(\.levels), stages: best.stages) },
            projections: projections(best.shares))
    }

    /// A lattice that begins with steps along the axes and then takes, in turn, the codes for its basis and the basis of
    /// least error for its codes.
    func lattice() throws -> LatticeQuantizer {
        let shares = try allocate(codebooks) { axis, levels in fit(axis, levels: levels, shape: .clamped(levels)) }
        let axes = shares.flatMap { $0 }
        let levels = shares.map { $0.map(\.levels) }
        let ones = [Double](repeating: 1, count: axes.count)
        let vectors = axes.map { components.axes[$0.index] }
        let projections = try Projections(
            inward: components.inward(vectors, scales: ones),
            outward: components.outward(vectors, slopes: ones, intercepts: ones.map { _ in 0 }))
        var basis = [Float](repeating: 0, count: axes.count * axes.count)
        for (i, axis) in axes.enumerated() { basis[i * (axes.count + 1)] = Float(axis.slope * 2 / Double(axis.levels - 1)) }
        let inner = projections.into(sample)
        var best = try LatticeQuantizer(basis: basis, levels: levels)
        var error = try best.remainder(of: inner).meanEnergy
        for _ in 0..<12 {
            guard let next = try improved(best, on: inner) else { break }
            let nextError = try next.remainder(of: inner).meanEnergy
            if nextError >= error * 0.9999 { break }
            (best, error) = (next, nextError)
        }
        return try LatticeQuantizer(basis: best.basis, levels: levels, projections: projections)
    }

    private func improved(_ lattice: LatticeQuantizer, on inner: Frames) throws -> LatticeQuantizer? {
        let unit = (0..<lattice.basis.count).map { Float($0 % (inner.channels + 1) == 0 ? 1 : 0) }
        let coordinates = try LatticeQuantizer(basis: unit, levels: lattice.levels).dequantize(lattice.quantize(inner))
        let map = try leastSquares(from: coordinates, to: inner)
        return try? LatticeQuantizer(basis: map.weight, levels: lattice.levels)
    }

    // MARK: Levels

    /// One component with its levels: y ≈ slope · grid(gain · y) + intercept.
    struct Axis {
        var index: Int
        var levels: Int
        var gain: Double
        var slope: Double
        var intercept: Double
        var error: Double
    }

    /// How a channel is rounded.
    private enum Shape {
        case bounded(Int)
        case clamped(Int)
        case residual(Int, Int)

        func callAsFunction(_ value: Float) -> Float {
            switch self {
            case .clamped(let levels):
                let half = Float(levels - 1) / 2
                return (half * (min(max(value, -1), 1) + 1) + 0.5).rounded(.down) / half - 1
            case .bounded(let levels):
                let half = Float(levels - 1) * 0.999 / 2
                let offset: Float = levels.isMultiple(of: 2) ? 0.5 : 0
                return (tanh(value + tan(offset / half)) * half - offset).rounded() / Float(levels / 2)
            case .residual(let levels, let stages):
                let bound = 1 + 1 / Float(levels - 1)
                var (rest, sum, scale) = (bound * tanh(value / bound), Float(0), Float(1))
                for _ in 0..<stages {
                    let part = Shape.clamped(levels)(rest / scale) * scale
                    rest -= part
                    sum += part
                    scale /= Float(levels)
                }
                return sum
            }
        }
    }

    /// The best gain of a few.
    private func fit(_ index: Int, levels: Int, shape: Shape) -> Axis {
        let deviation = max(components.variances[index].squareRoot(), 1e-20)
        var best: Axis?
        for reach in [0.7, 0.9, 1.15, 1.4, 1.7, 2.0, 2.4, 2.9, 3.5, 4.3] {
            let gain = 1 / (reach * deviation)
            let rounded = values[index].map { shape(Float(gain) * $0) }
            let (slope, intercept, error) = Self.regression(rounded, values[index])
            if error < best?.error ?? .infinity {
                best = Axis(index: index, levels: levels, gain: gain, slope: slope, intercept: intercept, error: error)
            }
        }
        return best ?? Axis(index: index, levels: levels, gain: 1, slope: 0, intercept: 0, error: components.variances[index])
    }

    /// The line of least squared error from `x` to `y`, and that error.
    private static func regression(_ x: [Float], _ y: [Float]) -> (slope: Double, intercept: Double, error: Double) {
        let n = Double(max(x.count, 1))
        var (sx, sy, sxx, sxy, syy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) {
            let (a, b) = (Double(a), Double(b))
            (sx, sy, sxx, sxy, syy) = (sx + a, sy + b, sxx + a * a, sxy + a * b, syy + b * b)
        }
        let (vx, vxy, vy) = (sxx / n - sx / n * (sx / n), sxy / n - sx / n * (sy / n), syy / n - sy / n * (sy / n))
        let slope = vx > 0 ? vxy / vx : 0
        return (slope, sy / n - slope * sx / n, max(0, vy - slope * vxy))
    }

    /// Levels for every codebook.
    private func allocate(_ count: Int, _ fit: (Int, Int) -> Axis) throws -> [[Axis]] {
        var shares = [[Int]](repeating: [], count: count)
        for index in components.axes.indices {
            // Back and forth, so that no codebook gets all the strong ones.
            let (round, place) = (index / count, index % count)
            shares[round.isMultiple(of: 2) ? place : count - 1 - place].append(index)
        }
        return try shares.map { share in
            var table: [Int: [Axis?]] = [:]
            func axis(_ index: Int, step: Int) -> Axis {
                var row = table[index] ?? [Axis?](repeating: nil, count: Self.levelCounts.count)
                let found = row[step] ?? fit(index, Self.levelCounts[step])
                row[step] = found
                table[index] = row
                return found
            }
            let axes = Self.raise(share, variances: components.variances, size: size) { axis($0, step: $1) }
            if axes.isEmpty { throw QuantizerError.unfittable("\(size) codewords and \(count) codebooks leave a codebook without levels") }
            return axes
        }
    }

    /// Raises levels, each time where the error falls most for the bits, until none fits the size.
    private static func raise(
        _ share: [Int], variances: [Double], size: Int, _ axis: (Int, Int) -> Axis
    ) -> [Axis] {
        var chosen: [Int: (step: Int, axis: Axis)] = [:]
        var product = 1
        while true {
            var best: (gain: Double, index: Int, step: Int, axis: Axis)?
            for index in share {
                let now = chosen[index]
                let (levels, error) = (now?.axis.levels ?? 1, now?.axis.error ?? variances[index])
                // A step or two ahead: an even count may gain nothing over the odd one before.
                for step in ((now?.step ?? -1) + 1)..<min((now?.step ?? -1) + 3, levelCounts.count)
                where product / levels * levelCounts[step] <= size {
                    let next = axis(index, step)
                    let gain = (error - next.error) / log2(Double(next.levels) / Double(levels))
                    if gain > best?.gain ?? 0 { best = (gain, index, step, next) }
                }
            }
            guard let best else { break }
            product = product / (chosen[best.index]?.axis.levels ?? 1) * best.axis.levels
            chosen[best.index] = (best.step, best.axis)
        }
        return chosen.values.map(\.axis).sorted { $0.index < $1.index }
    }

    private func remainingError(_ shares: [[Axis]]) -> Double {
        var errors = components.variances
        for axis in shares.joined() { errors[axis.index] = axis.error }
        return errors.reduce(0, +)
    }

    private func projections(_ shares: [[Axis]]) throws -> Projections {
        let axes = shares.flatMap { $0 }
        let vectors = axes.map { components.axes[$0.index] }
        return try Projections(
            inward: components.inward(vectors, scales: axes.map(\.gain)),
            outward: components.outward(vectors, slopes: axes.map(\.slope), intercepts: axes.map(\.intercept)))
    }
}
