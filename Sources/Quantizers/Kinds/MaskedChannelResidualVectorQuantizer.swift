import Kernels

/// Residual vector quantization whose first stages each see a share of the channels only (Ji et al. 2024,
/// "Language-Codec", MCRVQ).
///
/// Of C channels, masked stage i of M codes channels ⌊i·C/M⌋ ..< ⌊(i+1)·C/M⌋ of the latents, all others set to 0; its
/// codewords are of full length. The later stages are residual ones:
///
///     codeᵢ = nearestᵢ(maskᵢ · latents), i < M;   residual = latents − Σᵢ codewordᵢ;   then as in RVQ
///
/// So the first codebooks share the information evenly, and a language model finds the first one less loaded. With no
/// masked stages this is RVQ. The first n streams are the code of a coarser quantizer.
public struct MaskedChannelResidualVectorQuantizer: Quantizer {
    /// All of the latents' dimension, the masked ones first.
    public let stages: [VectorQuantizer]
    /// How many stages see a share of the channels.
    public let maskedStages: Int

    /// - Throws: `QuantizerError.invalidSize` without stages, for stages of different dimensions, for more masked stages than
    ///   stages or channels.
    public init(stages: [VectorQuantizer], maskedStages: Int = 3) throws {
        guard let first = stages.first else { throw QuantizerError.invalidSize("no stages") }
        guard stages.allSatisfy({ $0.dimension == first.dimension }) else {
            throw QuantizerError.invalidSize("stages of dimensions \(stages.map(\.dimension))")
        }
        guard (0...min(stages.count, first.dimension)).contains(maskedStages) else {
            throw QuantizerError.invalidSize(
                "\(maskedStages) masked of \(stages.count) stages over \(first.dimension) channels")
        }
        self.stages = stages
        self.maskedStages = maskedStages
    }

    /// Channels of the latent frames.
    public var dimension: Int { stages[0].dimension }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { stages.map(\.codebook.size) }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { true }

    /// The channels that a masked stage sees.
    public func channels(ofStage stage: Int) -> Range<Int> {
        Self.channels(ofStage: stage, of: maskedStages, dimension: dimension)
    }

    static func channels(ofStage stage: Int, of maskedStages: Int, dimension: Int) -> Range<Int> {
        (stage * dimension / maskedStages)..<((stage + 1) * dimension / maskedStages)
    }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        var codes: [[Int32]] = []
        var residual = latents
        for (i, stage) in stages.prefix(codebooks).enumerated() {
            if i < maskedStages {
                var share = latents
                share.keepChannels(channels(ofStage: i))
                let ofStage = stage.nearest(share)
                stage.accumulate(ofStage, sign: -1, into: &residual)
                codes.append(ofStage)
            } else {
                codes.append(stage.quantize(residual: &residual))
            }
        }
        return codes
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        var sum = Frames(zeros: try validate(codes), channels: dimension)
        for (stage, stream) in zip(stages, codes) { stage.accumulate(stream, into: &sum) }
        return sum
    }
}
