import Kernels

/// The axes along which vectors vary most.
struct PrincipalComponents {
    let mean: [Double]
    /// Unit vectors, the one of the greatest variance first.
    let axes: [[Double]]
    let variances: [Double]

    init(_ frames: Frames) {
        let (width, count) = (frames.channels, Double(max(frames.count, 1)))
        var sums = [Double](repeating: 0, count: width)
        var products = [Double](repeating: 0, count: width * width)
        frames.withUnsafeBufferPointer { values in
            for t in 0..<frames.count { for c in 0..<width { sums[c] += Double(values[t * width + c]) } }
        }
        let mean = sums.map { $0 / count }
        frames.withUnsafeBufferPointer { values in
            products.withUnsafeMutableBufferPointer { products in
                var row = mean
                for t in 0..<frames.count {
                    for c in 0..<width { row[c] = Double(values[t * width + c]) - mean[c] }
                    for a in 0..<width {
                        let x = row[a]
                        for b in 0..<width { products[a * width + b] += x * row[b] }
                    }
                }
            }
        }
        self.mean = mean
        let (variances, vectors) = SquareMatrix(products.map { $0 / count }, size: width).symmetricEigenvectors()
        self.variances = variances.map { max($0, 0) }
        axes = vectors
    }

    /// The vectors along the first `count` axes.
    func components(of frames: Frames, count: Int) -> Frames {
        map(to: Array(axes.prefix(count)), scales: [Double](repeating: 1, count: count))(frames)
    }

    /// x ↦ scaleᵢ · axisᵢ·(x − mean).
    func inward(_ axes: [[Double]], scales: [Double]) throws -> AffineMap {
        let rows = zip(axes, scales).map { axis, scale in axis.map { $0 * scale } }
        let bias = rows.map { row in -zip(row, mean).reduce(0) { $0 + $1.0 * $1.1 } }
        return try AffineMap(
            weight: rows.joined().map(Float.init), bias: bias.map(Float.init), inputs: mean.count, outputs: rows.count)
    }

    /// q ↦ mean + Σ axisᵢ · (slopeᵢ · qᵢ + interceptᵢ).
    func outward(_ axes: [[Double]], slopes: [Double], intercepts: [Double]) throws -> AffineMap {
        let weight = mean.indices.flatMap { c in zip(axes, slopes).map { Float($0[c] * $1) } }
        let bias = mean.indices.map { c in Float(zip(axes, intercepts).reduce(mean[c]) { $0 + $1.0[c] * $1.1 }) }
        return try AffineMap(weight: weight, bias: bias, inputs: axes.count, outputs: mean.count)
    }

    private func map(to axes: [[Double]], scales: [Double]) -> (Frames) -> Frames {
        let map = try? inward(axes, scales: scales)
        // Sizes come from the frames themselves and fit.
        return { frames in map.map { $0.convolution(frames) } ?? frames }
    }
}

/// The affine map from `inputs` to `targets` of least squared error, as y = W·x + b.
func leastSquares(from inputs: Frames, to targets: Frames) throws -> AffineMap {
    let (n, m) = (inputs.channels + 1, targets.channels)
    var normal = [Double](repeating: 0, count: n * n)
    var cross = [Double](repeating: 0, count: n * m)
    for t in 0..<inputs.count {
        let row = (0..<inputs.channels).map { Double(inputs[t, $0]) } + [1]
        for a in 0..<n where row[a] != 0 {
            for b in 0..<n { normal[a * n + b] += row[a] * row[b] }
            for b in 0..<m { cross[a * m + b] += row[a] * Double(targets[t, b]) }
        }
    }
    // Enough to make inputs that do not vary solvable.
    let ridge = 1e-6 * (0..<n).reduce(0) { $0 + normal[$1 * n + $1] } / Double(n) + .leastNormalMagnitude
    for i in 0..<n { normal[i * n + i] += ridge }
    guard let inverse = SquareMatrix(normal, size: n).inverse() else {
        throw QuantizerError.unfittable("vectors that do not vary")
    }
    var solution = [Double](repeating: 0, count: n * m)
    for a in 0..<n { for k in 0..<n { for b in 0..<m { solution[a * m + b] += inverse[a * n + k] * cross[k * m + b] } } }
    let weight = (0..<m).flatMap { b in (0..<(n - 1)).map { Float(solution[$0 * m + b]) } }
    return try AffineMap(weight: weight, bias: (0..<m).map { Float(solution[(n - 1) * m + $0]) }, inputs: n - 1, outputs: m)
}
