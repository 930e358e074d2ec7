import Platform

/// What a quantizer does to some vectors, and how fast.
public struct QuantizerScore: Sendable, Codable {
    /// Σ log₂ size.
    public var bitsPerFrame: Double
    /// Codewords of each codebook in use.
    public var codebookSizes: [Int]
    /// Vectors.
    public var vectors: Int
    /// Mean squared error of a vector over the variance of the vectors.
    public var relativeError: Double
    /// Mean over the codebooks of the share of codewords that occur.
    public var use: Double
    /// Entropy of all codebooks together, each by itself, in bits per frame.
    public var entropy: Double
    /// Seconds for a million vectors.
    public var encodeTime: Double
    /// Microseconds to decode one frame, mean.
    public var decodeTime: Double

    /// −10·log₁₀ of the relative error.
    public var decibels: Double { -10 * log10(relativeError) }

    /// - Parameters:
    ///   - codebooks: one of the quantizer's `codebookCounts`.
    ///   - source: vectors that the quantizer was not fitted to, one recording after the other.
    /// - Throws: `QuantizerError.unfittable` for no vectors or vectors of another dimension, and what the source throws.
    public init(_ quantizer: some Quantizer, codebooks: Int, source: some VectorSource) throws {
        guard source.count > 0, source.dimension == quantizer.dimension else {
            throw QuantizerError.unfittable(
                "\(source.count) vectors of \(source.dimension) channels for a quantizer of \(quantizer.dimension)")
        }
        let moments = try ChannelMoments(source)
        var statistics = CodeStatistics(sizes: Array(quantizer.codebookSizes.prefix(codebooks)))
        var (error, variance) = (0.0, 0.0)
        var (encoding, decoding) = (Duration.zero, Duration.zero)
        try source.forEachBlock { block in
            let start = ContinuousClock.now
            let codes = quantizer.quantize(block, codebooks: codebooks)
            let middle = ContinuousClock.now
            let decoded = try quantizer.dequantize(codes)
            let end = ContinuousClock.now
            (encoding, decoding) = (encoding + (middle - start), decoding + (end - middle))
            statistics.push(codes)
            for t in 0..<block.count {
                for c in 0..<block.channels {
                    let (x, y) = (Double(block[t, c]), Double(decoded[t, c]))
                    error += (x - y) * (x - y)
                    variance += (x - Double(moments.mean[c])) * (x - Double(moments.mean[c]))
                }
            }
        }
        let entries = statistics.codebooks
        bitsPerFrame = quantizer.bitsPerFrame(codebooks: codebooks)
        codebookSizes = entries.map(\.size)
        vectors = source.count
        relativeError = variance > 0 ? error / variance : 0
        use = entries.reduce(0) { $0 + $1.use } / Double(max(entries.count, 1))
        entropy = entries.reduce(0) { $0 + $1.entropy }
        encodeTime = encoding / .seconds(1) / Double(source.count) * 1e6
        decodeTime = decoding / .seconds(1) / Double(source.count) * 1e6
    }
}
