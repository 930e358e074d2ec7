/// A codebook packed for nearest-codeword search.
public struct PackedCodebook: Sendable {
    public let size: Int
    public let dimension: Int
    /// Row-major codewords, `[size, dimension]`.
    public let codewords: [Float]

    /// - Parameter codewords: row-major `[size, dimension]`.
    public init(codewords: [Float], dimension: Int) {
        precondition(dimension > 0 && codewords.count % dimension == 0, "codebook size")
        self.codewords = codewords
        self.dimension = dimension
        self.size = codewords.count / dimension
    }

    /// Index of the codeword nearest to each frame by squared Euclidean distance, computed as
    /// the greatest x·e − ‖e‖²/2; the lowest index wins a tie.
    public func nearest(_ input: Frames) -> [Int32] {
        Reference.nearest(input, codebook: codewords)
    }
}
