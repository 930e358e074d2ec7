import Kernels

/// Stages of vector quantizers, each coding what the ones before it left (Zeghidour et al. 2021, "SoundStream").
///
///     residual₀ = latents;  codeₖ = nearestₖ(residualₖ);  residualₖ₊₁ = residualₖ − codewordₖ
///
/// The choice is greedy unless `search` says otherwise. The first n streams are the code of a coarser quantizer, so that
/// one model serves many bitrates.
public struct ResidualVectorQuantizer: SearchableQuantizer {
    /// The stages in stream order, each coding what the ones before it leave.
    public let stages: [VectorQuantizer]
    let projections: Projections
    /// How codes are searched: greedily, or by a beam.
    public var search = CodeSearch.greedy {
        didSet { searcher = search == .greedy ? nil : ResidualSearch(stages: stages, search: search) }
    }
    private var searcher: ResidualSearch?

    /// - Parameters:
    ///   - stages: at least one, all of one dimension.
    ///   - projections: around all stages together; none if the stages code the latents themselves.
    /// - Throws: `QuantizerError.invalidSize`.
    public init(stages: [VectorQuantizer], projections: Projections = .none) throws {
        guard let first = stages.first else { throw QuantizerError.invalidSize("no stages") }
        guard stages.allSatisfy({ $0.dimension == first.dimension }) else {
            throw QuantizerError.invalidSize("stages of dimensions \(stages.map(\.dimension))")
        }
        self.stages = stages
        self.projections = projections
    }

    /// Channels of the latent frames.
    public var dimension: Int { projections.outerDimension ?? stages[0].dimension }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { stages.map(\.codebook.size) }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { true }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        let target = projections.into(latents)
        var residual = target
        let codes = stages.prefix(codebooks).map { $0.quantize(residual: &residual) }
        return searcher?.improve(codes, of: target, leaving: residual) ?? codes
    }

    /// The parts that are searched by themselves when the first `codebooks` codebooks are in use.
    public func searchParts(codebooks: Int) -> [SearchPart] {
        [SearchPart(
            streams: Array(0..<codebooks), codebooks: Array((searcher?.codebooks ?? stages.map(\.outputCodebook)).prefix(codebooks)),
            target: { [projections] in projections.into($0) })]
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        var sum = Frames(zeros: try validate(codes), channels: stages[0].dimension)
        for (stage, stream) in zip(stages, codes) { stage.accumulate(stream, into: &sum) }
        return projections.out(sum)
    }
}
