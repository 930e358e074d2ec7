import Kernels

/// Fits a quantizer to vectors, with no network to train.
///
/// Kinds with codebooks go through k-means on all vectors; the scalar, binary and lattice ones measure a sample and work
/// behind projections that are fitted with them.
public struct QuantizerFit: Sendable {
    /// What is fitted. The raw value is its name on the command line.
    public enum Kind: String, Sendable, CaseIterable {
        /// One codebook.
        case vq
        /// Residual VQ; the same in groups of channels (HiFi-Codec); the same with masked channels in the first stages (Language-Codec).
        case rvq, grvq, mcrvq
        /// Product VQ: each codebook on its share of the channels.
        case pq
        /// Scalar levels; the same in residual stages; signs (lookup-free); signs on the sphere (binary spherical); a learned lattice.
        case fsq, rfsq, lfq, bsq, lattice
        /// k-means units: one codebook over channels of equal spread.
        case kmeans
        /// Structural-entropy codebooks, in residual stages; `size` is not preset but an upper bound.
        case se

        /// One line for lists of kinds.
        public var summary: String {
            switch self {
            case .vq: return "one codebook, k-means"
            case .rvq: return "residual stages"
            case .grvq: return "groups of channels with residual stages"
            case .mcrvq: return "residual, the first stages on shares of the channels (Language-Codec)"
            case .pq: return "product: a codebook for each share of the channels"
            case .fsq: return "levels of principal components (FSQ)"
            case .rfsq: return "residual FSQ"
            case .lfq: return "signs of rotated components (lookup-free)"
            case .bsq: return "signs on the sphere (binary spherical)"
            case .lattice: return "learned lattice, Babai rounding (LL-VQ-VAE)"
            case .kmeans: return "units: k-means over standardised channels"
            case .se: return "structural-entropy codebooks, size not preset (SECodec)"
            }
        }
    }

    /// What is fitted.
    public var kind: Kind
    /// Codebooks in all.
    public var codebooks: Int
    /// Codewords of each codebook; an upper bound where the kind cannot have just as many.
    public var size: Int
    /// Groups of channels (grvq).
    public var groups: Int
    /// Most passes over the vectors for each codebook.
    public var passes: Int
    /// Seed of the random numbers: the same vectors, options and seed give the same result.
    public var seed: UInt64

    /// Nothing is checked before `fit`.
    public init(kind: Kind, codebooks: Int = 8, size: Int = 1024, groups: Int = 2, passes: Int = 12, seed: UInt64 = 0) {
        (self.kind, self.codebooks, self.size) = (kind, codebooks, size)
        (self.groups, self.passes, self.seed) = (groups, passes, seed)
    }

    /// Numbers of codewords per codebook that `fit` accepts.
    public static let sizes = 2...(1 << 20)
    /// Numbers of codebooks that `fit` accepts.
    public static let codebookCounts = 1...256

    /// - Parameter progress: called after each pass over the vectors.
    /// - Throws: `QuantizerError.unfittable`, and what the source throws.
    public func fit(
        _ source: any VectorSource, progress: (FitProgress) throws -> Void = { _ in }
    ) throws -> any StorableQuantizer {
        guard Self.sizes.contains(size), Self.codebookCounts.contains(codebooks) else {
            throw QuantizerError.unfittable("\(codebooks) codebooks of \(size)")
        }
        guard source.count > 0 else { throw QuantizerError.unfittable("no vectors") }
        if [.vq, .kmeans].contains(kind) && codebooks != 1 {
            throw QuantizerError.unfittable("\(kind.rawValue) has one codebook, not \(codebooks)")
        }
        switch kind {
        case .vq: return VectorQuantizer(codebook: try kMeans(source, codebook: 0, progress: progress))
        case .rvq: return try ResidualVectorQuantizer(stages: residualStages(source, count: codebooks, progress: progress))
        case .grvq: return try grouped(source, progress: progress)
        case .mcrvq: return try maskedResidual(source, progress: progress)
        case .pq: return try product(source, progress: progress)
        case .fsq: return try ScalarFit(sample(source), codebooks: codebooks, size: size).finiteScalar()
        case .rfsq: return try ScalarFit(sample(source), codebooks: codebooks, size: size).residualFiniteScalar()
        case .lattice: return try ScalarFit(sample(source), codebooks: codebooks, size: size).lattice()
        case .lfq: return try BinaryFit(form: .lookupFree, codebooks: codebooks, size: size, seed: seed).fit(sample(source))
        case .bsq: return try BinaryFit(form: .spherical, codebooks: codebooks, size: size, seed: seed).fit(sample(source))
        case .kmeans: return try units(source, progress: progress)
        case .se: return try structural(source, progress: progress)
        }
    }

    /// Vectors that the kinds without codebooks are measured on.
    static let sampleLimit = 32_768

    /// Channels that principal components are computed of.
    static let greatestDimension = 1024

    private func sample(_ source: any VectorSource) throws -> Frames {
        guard source.dimension <= Self.greatestDimension else {
            throw QuantizerError.unfittable("\(source.dimension) channels; \(kind.rawValue) takes at most \(Self.greatestDimension)")
        }
        var random = SeededRandom(seed: seed)
        return try source.sample(Self.sampleLimit, &random)
    }

    private func units(_ source: any VectorSource, progress: (FitProgress) throws -> Void) throws -> UnitQuantizer {
        let moments = try ChannelMoments(source)
        let plain = try UnitQuantizer(
            codebook: PackedCodebook(codewords: moments.mean, dimension: source.dimension), mean: moments.mean,
            deviation: moments.deviation)
        let standardized = MappedVectors(base: source, dimension: source.dimension) { plain.standardized($0) }
        return try UnitQuantizer(
            codebook: kMeans(standardized, codebook: 0, progress: progress), mean: moments.mean, deviation: moments.deviation)
    }
}

/// Mean and standard deviation of each channel.
struct ChannelMoments {
    var mean: [Float]
    /// 1 for a channel that does not vary.
    var deviation: [Float]

    init(_ source: any VectorSource) throws {
        let width = source.dimension
        var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
        var position = 0
        try source.forEachBlock { block in
            try block.requireFinite(from: position)
            position += block.count
            block.withUnsafeBufferPointer { values in
                for (i, value) in values.enumerated() {
                    sums[i % width] += Double(value)
                    squares[i % width] += Double(value) * Double(value)
                }
            }
        }
        let count = Double(max(position, 1))
        mean = sums.map { Float($0 / count) }
        deviation = zip(sums, squares).map { sum, square in
            let variance = square / count - (sum / count) * (sum / count)
            return variance > 1e-12 * square / count && variance > 0 ? Float(variance.squareRoot()) : 1
        }
    }
}
