import Kernels

/// Fits LFQ and BSQ: principal components, turned so that signs lose least (Gong and Lazebnik 2011, "Iterative
/// quantization"), and the map of least error from the signs back to the vectors. More bits than channels take residual stages.
struct BinaryFit {
    let form: BinaryQuantizer.Form
    let codebooks: Int
    let size: Int
    let seed: UInt64

    private static let rounds = 20

    func fit(_ sample: Frames) throws -> any StorableQuantizer {
        let bits = Int.bitWidth - 1 - size.leadingZeroBitCount
        let together = min(codebooks, sample.channels / bits)
        guard bits <= 30, together >= 1 else {
            throw QuantizerError.unfittable("codebooks of \(bits) bits over \(sample.channels) channels; each bit needs one")
        }
        var stages: [BinaryQuantizer] = []
        var rest = sample
        var left = codebooks
        while left > 0 {
            let stage = try stage(rest, bits: [Int](repeating: bits, count: min(left, together)), number: stages.count)
            rest = try stage.remainder(of: rest)
            stages.append(stage)
            left -= stage.bits.count
        }
        return stages.count == 1 ? stages[0] : try ResidualQuantizer(stages: stages)
    }

    private func stage(_ sample: Frames, bits: [Int], number: Int) throws -> BinaryQuantizer {
        let count = bits.reduce(0, +)
        let components = PrincipalComponents(sample)
        let rows = components.components(of: sample, count: count)
        let turned = rotation(form == .spherical ? onSphere(rows) : rows, seed: seed &+ UInt64(number))
        let axes = (0..<count).map { i in
            sample.indicesOfChannels.map { c in (0..<count).reduce(0) { $0 + turned[i * count + $1] * components.axes[$1][c] } }
        }
        let inward = try components.inward(axes, scales: [Double](repeating: 1, count: count))
        let plain = try BinaryQuantizer(form: form, bits: bits)
        let signs = try plain.dequantize(plain.quantize(inward.convolution(sample)))
        let outward = try leastSquares(from: signs, to: sample)
        return try BinaryQuantizer(form: form, bits: bits, projections: Projections(inward: inward, outward: outward))
    }

    private func onSphere(_ rows: Frames) -> Frames {
        var rows = rows
        for t in 0..<rows.count {
            let length = rows.energy(at: t).squareRoot()
            for c in 0..<rows.channels where length > 0 { rows[t, c] /= Float(length) }
        }
        return rows
    }

    /// A rotation, row-major, after which rows lie near the corners of a cube.
    private func rotation(_ rows: Frames, seed: UInt64) -> [Double] {
        let count = rows.channels
        var random = SeededRandom(seed: seed)
        var rotation = polar((0..<(count * count)).map { _ in random.unit() + random.unit() - 1 }, count) ?? unit(count)
        for _ in 0..<Self.rounds {
            let turn = Convolution(weight: rotation.map(Float.init), bias: nil, inputChannels: count, outputChannels: count)
            let turned = turn(rows)
            var cross = [Double](repeating: 0, count: count * count)
            for t in 0..<rows.count {
                for i in 0..<count {
                    let sign: Double = turned[t, i] > 0 ? 1 : -1
                    for c in 0..<count { cross[i * count + c] += sign * Double(rows[t, c]) }
                }
            }
            guard let next = polar(cross, count) else { break }
            rotation = next
        }
        return rotation
    }

    private func unit(_ count: Int) -> [Double] { (0..<(count * count)).map { $0 % (count + 1) == 0 ? 1 : 0 } }

    /// The orthogonal matrix nearest to a regular one: Newton's iteration X ← (X + X⁻ᵀ)/2 (Higham 1986).
    private func polar(_ matrix: [Double], _ count: Int) -> [Double]? {
        let scale = (matrix.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
        guard scale > 0, scale.isFinite else { return nil }
        var x = matrix.map { $0 / scale }
        for _ in 0..<60 {
            guard let inverse = SquareMatrix(x, size: count).inverse() else { return nil }
            var change = 0.0
            for i in 0..<count {
                for j in 0..<count {
                    let next = (x[i * count + j] + inverse[j * count + i]) / 2
                    change = max(change, abs(next - x[i * count + j]))
                    x[i * count + j] = next
                }
            }
            if change < 1e-12 { break }
        }
        return x
    }
}

extension Frames {
    fileprivate var indicesOfChannels: Range<Int> { 0..<channels }
}
