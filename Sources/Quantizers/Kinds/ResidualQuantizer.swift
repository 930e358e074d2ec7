import Kernels

/// Stages of any quantizers, each coding what the ones before it left: residual LFQ, residual products and mixtures.
///
/// For stages of vector quantizers `ResidualVectorQuantizer` is faster and can search. The streams are the stages' streams
/// in order. Truncatable if every stage has a single codebook.
public struct ResidualQuantizer: Quantizer {
    /// The stages in stream order, each coding what the ones before it leave.
    public let stages: [any Quantizer]

    /// - Parameter stages: at least one, all of one dimension.
    /// - Throws: `QuantizerError.invalidSize`.
    public init(stages: [any Quantizer]) throws {
        guard let first = stages.first else { throw QuantizerError.invalidSize("no stages") }
        guard stages.allSatisfy({ $0.dimension == first.dimension }) else {
            throw QuantizerError.invalidSize("stages of dimensions \(stages.map(\.dimension))")
        }
        self.stages = stages
    }

    /// Channels of the latent frames.
    public var dimension: Int { stages[0].dimension }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { stages.flatMap(\.codebookSizes) }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { stages.allSatisfy { $0.codebookSizes.count == 1 } }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        var residual = latents
        var codes: [[Int32]] = []
        for stage in stages where codes.count < codebooks {
            let ofStage = stage.quantize(residual)
            // A stage's own codes are in range and of one length.
            if codes.count + ofStage.count < codebooks, let decoded = try? stage.dequantize(ofStage) {
                Kernels.add(decoded, scale: [Float](repeating: -1, count: dimension), to: &residual)
            }
            codes += ofStage
        }
        return codes
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        var sum = Frames(zeros: try validate(codes), channels: dimension)
        var stream = 0
        for stage in stages where stream < codes.count {
            let next = stream + stage.codebookSizes.count
            Kernels.add(try stage.dequantize(Array(codes[stream..<next])), to: &sum)
            stream = next
        }
        return sum
    }
}
