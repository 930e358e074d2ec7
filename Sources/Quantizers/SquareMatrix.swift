/// Dense matrices of moderate size, in Float64.
struct SquareMatrix {
    let size: Int
    /// Row-major.
    var values: [Double]

    init(_ values: [Float], size: Int) {
        self.size = size
        self.values = values.map(Double.init)
    }

    init(_ values: [Double], size: Int) {
        self.size = size
        self.values = values
    }

    /// The inverse by Gauss–Jordan elimination with row pivoting; nil if it is not regular within rounding.
    func inverse() -> [Double]? {
        var rest = values
        var inverse = [Double](repeating: 0, count: size * size)
        for i in 0..<size { inverse[i * size + i] = 1 }
        let scale = values.reduce(0) { max($0, abs($1)) }
        guard scale > 0, scale.isFinite else { return nil }
        for column in 0..<size {
            guard let pivot = (column..<size).max(by: { abs(rest[$0 * size + column]) < abs(rest[$1 * size + column]) }),
                abs(rest[pivot * size + column]) > scale * 1e-12
            else { return nil }
            swapRows(&rest, pivot, column)
            swapRows(&inverse, pivot, column)
            let factor = 1 / rest[column * size + column]
            for i in 0..<size {
                rest[column * size + i] *= factor
                inverse[column * size + i] *= factor
            }
            for row in 0..<size where row != column && rest[row * size + column] != 0 {
                let factor = rest[row * size + column]
                for i in 0..<size {
                    rest[row * size + i] -= factor * rest[column * size + i]
                    inverse[row * size + i] -= factor * inverse[column * size + i]
                }
            }
        }
        return inverse.allSatisfy(\.isFinite) ? inverse : nil
    }

    private func swapRows(_ matrix: inout [Double], _ a: Int, _ b: Int) {
        if a == b { return }
        for i in 0..<size { matrix.swapAt(a * size + i, b * size + i) }
    }

    /// Eigenvalues, greatest first, and their unit eigenvectors as rows, of a symmetric matrix, by Jacobi's cyclic rotations.
    func symmetricEigenvectors() -> (values: [Double], vectors: [[Double]]) {
        var a = values
        var v = [Double](repeating: 0, count: size * size)
        for i in 0..<size { v[i * size + i] = 1 }
        let total = a.reduce(0) { $0 + $1 * $1 }
        for _ in 0..<60 {
            var off = 0.0
            for i in 0..<size { for j in (i + 1)..<max(size, i + 1) { off += a[i * size + j] * a[i * size + j] } }
            if off <= total * 1e-22 { break }
            for p in 0..<size { for q in (p + 1)..<max(size, p + 1) { rotate(&a, &v, p, q) } }
        }
        let order = (0..<size).sorted { (a[$0 * size + $0], $1) > (a[$1 * size + $1], $0) }
        return (order.map { a[$0 * size + $0] }, order.map { Array(v[($0 * size)..<(($0 + 1) * size)]) })
    }

    /// Makes element (p, q) of the symmetric `a` zero; the rows of `v` turn along.
    private func rotate(_ a: inout [Double], _ v: inout [Double], _ p: Int, _ q: Int) {
        let apq = a[p * size + q]
        if apq == 0 { return }
        let theta = (a[q * size + q] - a[p * size + p]) / (2 * apq)
        let t = (theta >= 0 ? 1 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for i in 0..<size {
            let (x, y) = (a[i * size + p], a[i * size + q])
            a[i * size + p] = c * x - s * y
            a[i * size + q] = s * x + c * y
        }
        for i in 0..<size {
            let (x, y) = (a[p * size + i], a[q * size + i])
            a[p * size + i] = c * x - s * y
            a[q * size + i] = s * x + c * y
            let (vx, vy) = (v[p * size + i], v[q * size + i])
            v[p * size + i] = c * vx - s * vy
            v[q * size + i] = s * vx + c * vy
        }
    }
}
