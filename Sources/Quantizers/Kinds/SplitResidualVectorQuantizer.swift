import Kernels

/// Two residual vector quantizers of the same latents, whose outputs add up (Défossez et al. 2024, "Moshi").
///
/// In Mimi the first one's codes are trained to tell what is said, the second one's to fill in what they leave out. Neither
/// codes the other's residual. The streams are the first one's, then the second one's; without any of the second, the first
/// one's output stands alone.
public struct SplitResidualVectorQuantizer: SearchableQuantizer {
    /// Its codes come first in the streams; in Mimi the semantic ones.
    public private(set) var first: ResidualVectorQuantizer
    /// Its codes follow; in Mimi the acoustic ones.
    public private(set) var second: ResidualVectorQuantizer

    /// Each half is searched by itself.
    public var search: CodeSearch {
        get { first.search }
        set { (first.search, second.search) = (newValue, newValue) }
    }

    /// - Throws: `QuantizerError.invalidSize` unless both code latents of one dimension.
    public init(first: ResidualVectorQuantizer, second: ResidualVectorQuantizer) throws {
        guard first.dimension == second.dimension else {
            throw QuantizerError.invalidSize("halves of dimensions \(first.dimension) and \(second.dimension)")
        }
        self.first = first
        self.second = second
    }

    /// Channels of the latent frames.
    public var dimension: Int { first.dimension }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { first.codebookSizes + second.codebookSizes }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { true }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        let count = min(codebooks, first.stages.count)
        let codes = first.quantize(latents, codebooks: count)
        return count == codebooks ? codes : codes + second.quantize(latents, codebooks: codebooks - count)
    }

    /// The parts that are searched by themselves when the first `codebooks` codebooks are in use.
    public func searchParts(codebooks: Int) -> [SearchPart] {
        let count = min(codebooks, first.stages.count)
        let parts = second.searchParts(codebooks: codebooks - count).map { part in
            var part = part
            part.streams = part.streams.map { $0 + count }
            return part
        }
        return first.searchParts(codebooks: count) + parts
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        _ = try validate(codes)
        let count = first.stages.count
        var latents = try first.dequantize(Array(codes.prefix(count)))
        if codes.count > count { Kernels.add(try second.dequantize(Array(codes.dropFirst(count))), to: &latents) }
        return latents
    }
}
