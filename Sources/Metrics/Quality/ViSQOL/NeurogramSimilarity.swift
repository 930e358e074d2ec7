import Platform

/// A patch of a spectrogram, `[frames, bands]`, with its means and standard deviations under a 3 × 3 Gaussian.
struct NeurogramPatch: Sendable {
    let frames: Int
    let bands: Int
    /// Values, means and standard deviations one after the other.
    fileprivate let planes: [Double]

    init(values: [Double], bands: Int) {
        self.bands = bands
        frames = values.count / bands
        let smoother = Smoother(frames: frames, bands: bands)
        let count = values.count
        planes = [Double](uninitialized: 3 * count) { planes in
            guard let base = planes.baseAddress else { return }
            var squares = [Double](repeating: 0, count: count)
            for i in 0..<count {
                base[i] = values[i]
                squares[i] = values[i] * values[i]
            }
            smoother.smooth(base, into: base + count)
            squares.withUnsafeBufferPointer { if let squares = $0.baseAddress { smoother.smooth(squares, into: base + 2 * count) } }
            // Rounding can make a variance negative where a patch is flat.
            for i in 0..<count { base[2 * count + i] = max(0, base[2 * count + i] - base[count + i] * base[count + i]).squareRoot() }
        }
    }
}

/// The neurogram similarity index measure (NSIM) of Hines and Harte, "Speech intelligibility prediction using a neurogram
/// similarity index measure" (2012): at each point a similarity of level times one of structure, from the means, variances and
/// covariance of both patches around it.
struct NeurogramSimilarity {
    /// The similarity of each band of the pair measured last.
    private(set) var bandMeans: [Double]

    private let smoother: Smoother
    private var products: [Double]
    private var covariances: [Double]

    private static let levelFloor = 0.0001
    private static let structureFloor = 0.00045

    /// For patches of one size.
    init(frames: Int, bands: Int) {
        smoother = Smoother(frames: frames, bands: bands)
        products = [Double](repeating: 0, count: frames * bands)
        covariances = products
        bandMeans = [Double](repeating: 0, count: bands)
    }

    /// The similarity of two patches, the mean over bands of `bandMeans`.
    mutating func measure(_ a: NeurogramPatch, _ b: NeurogramPatch) -> Double {
        let bands = bandMeans.count
        for band in 0..<bands { bandMeans[band] = 0 }
        bandMeans.withUnsafeMutableBufferPointer { sums in
            products.withUnsafeMutableBufferPointer { products in
                covariances.withUnsafeMutableBufferPointer { covariances in
                    a.planes.withUnsafeBufferPointer { a in
                        b.planes.withUnsafeBufferPointer { b in
                            guard let product = products.baseAddress, let covariance = covariances.baseAddress,
                                let sum = sums.baseAddress, let a = a.baseAddress, let b = b.baseAddress
                            else { return }
                            let count = products.count
                            for i in 0..<count { product[i] = a[i] * b[i] }
                            smoother.smooth(product, into: covariance)
                            for row in stride(from: 0, to: count, by: bands) {
                                Self.add(a + row, b + row, covariance + row, count: count, bands: bands, to: sum)
                            }
                        }
                    }
                }
            }
        }
        let frames = Double(products.count / bands)
        for band in 0..<bands { bandMeans[band] /= frames }
        return bandMeans.reduce(0, +) / Double(bands)
    }

    /// Adds the similarities of one frame; means and deviations lie `count` and 2 `count` after the values.
    private static func add(
        _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ moment: UnsafePointer<Double>, count: Int, bands: Int,
        to sums: UnsafeMutablePointer<Double>
    ) {
        for band in 0..<bands {
            let (ma, mb) = (a[count + band], b[count + band])
            let product = ma * mb
            let deviations = a[2 * count + band] * b[2 * count + band]
            sums[band] +=
                (2 * product + levelFloor) * (moment[band] - product + structureFloor)
                / ((ma * ma + mb * mb + levelFloor) * (deviations + structureFloor))
        }
    }
}

/// The 3 × 3 Gaussian with a standard deviation of half a point, values beyond an edge being those at it.
private struct Smoother: Sendable {
    let frames: Int
    let bands: Int

    private static let corner = 0.0113033910173052
    private static let side = 0.0838251475442633
    private static let centre = 0.619485845753726

    /// Smooths `[frames, bands]`.
    func smooth(_ input: UnsafePointer<Double>, into output: UnsafeMutablePointer<Double>) {
        for t in 0..<frames {
            let row = input + t * bands
            let before = input + max(t - 1, 0) * bands
            let after = input + min(t + 1, frames - 1) * bands
            let smoothed = output + t * bands
            func value(_ b: Int, _ below: Int, _ above: Int) -> Double {
                let corners = before[below] + before[above] + (after[below] + after[above])
                let sides = row[below] + row[above] + (before[b] + after[b])
                return Self.centre * row[b] + Self.side * sides + Self.corner * corners
            }
            smoothed[0] = value(0, 0, min(1, bands - 1))
            for b in stride(from: 1, to: bands - 1, by: 1) { smoothed[b] = value(b, b - 1, b + 1) }
            smoothed[bands - 1] = value(bands - 1, max(bands - 2, 0), bands - 1)
        }
    }
}
