import Platform

/// Fits kinds of quantizers to some vectors and scores them on others, at equal bits per frame.
public struct QuantizerComparison: Sendable {
    /// Bits a frame that are allowed, each by itself.
    public var rates: [Double]
    /// Codewords of each codebook, or the most there may be.
    public var size: Int
    /// Most passes over the vectors for each codebook.
    public var passes: Int
    /// Seed of the random numbers: the same vectors, options and seed give the same result.
    public var seed: UInt64

    /// `rates` in bits per frame; `size` is the most codewords that a codebook may have.
    public init(rates: [Double], size: Int = 1024, passes: Int = 12, seed: UInt64 = 0) {
        (self.rates, self.size, self.passes, self.seed) = (rates, size, passes, seed)
    }

    /// One kind at one rate.
    public struct Result: Sendable {
        /// The kind that was fitted.
        public var kind: QuantizerFit.Kind
        /// Bits a frame that were allowed.
        public var bits: Double
        /// What it costs and leaves.
        public var score: QuantizerScore
        /// Seconds of the fit; a truncatable kind is fitted once, for the highest rate.
        public var fitTime: Double
    }

    /// One result a rate; for a kind with one codebook, one in all.
    /// - Throws: `QuantizerError.unfittable` for a kind that has no quantizer at any of the rates, and what the sources throw.
    public func scores(
        of kind: QuantizerFit.Kind, fittedTo training: some VectorSource, on testing: some VectorSource
    ) throws -> [Result] {
        switch kind {
        case .vq, .kmeans:
            return [try result(kind, bits: log2(Double(size)), codebooks: 1, training, testing)]
        case .rvq, .grvq, .mcrvq, .se:
            let most = try codebooks(for: rates.max() ?? 0, kind)
            let (quantizer, time) = try fitted(kind, most, training)
            return try rates.map { bits in
                let count = quantizer.codebookCounts.last { quantizer.bitsPerFrame(codebooks: $0) <= bits + 1e-9 }
                guard let count else { throw QuantizerError.unfittable("\(bits) bits per frame are less than a codebook") }
                return Result(
                    kind: kind, bits: bits, score: try QuantizerScore(quantizer, codebooks: count, source: testing), fitTime: time)
            }
        case .pq, .fsq, .rfsq, .lfq, .bsq, .lattice:
            return try rates.map { try result(kind, bits: $0, codebooks: codebooks(for: $0, kind), training, testing) }
        }
    }

    private func result(
        _ kind: QuantizerFit.Kind, bits: Double, codebooks: Int, _ training: some VectorSource, _ testing: some VectorSource
    ) throws -> Result {
        let (quantizer, time) = try fitted(kind, codebooks, training)
        let score = try QuantizerScore(quantizer, codebooks: quantizer.codebookSizes.count, source: testing)
        return Result(kind: kind, bits: bits, score: score, fitTime: time)
    }

    private func fitted(
        _ kind: QuantizerFit.Kind, _ codebooks: Int, _ training: some VectorSource
    ) throws -> (any StorableQuantizer, Double) {
        let start = ContinuousClock.now
        let fit = QuantizerFit(kind: kind, codebooks: codebooks, size: size, groups: 2, passes: passes, seed: seed)
        let quantizer = try fit.fit(training)
        return (quantizer, (ContinuousClock.now - start) / .seconds(1))
    }

    private func codebooks(for bits: Double, _ kind: QuantizerFit.Kind) throws -> Int {
        var count = Int((bits + 1e-9) / log2(Double(size)))
        // Two groups have as many stages each.
        if kind == .grvq { count += count % 2 }
        // Structural-entropy codebooks are smaller than the limit; more than enough of them are cut to the rate.
        if kind == .se { count *= 2 }
        guard QuantizerFit.codebookCounts.contains(count) else {
            throw QuantizerError.unfittable("\(bits) bits per frame are \(count) codebooks of \(size)")
        }
        return count
    }
}
