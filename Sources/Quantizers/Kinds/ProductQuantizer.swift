import Kernels

/// Quantizers side by side, each on its own share of the channels (Jégou et al. 2011, "Product quantization").
///
/// The first part codes the first channels, and so on; the streams are the parts' streams in the same order. With vector
/// quantizers as parts this is product VQ, with finite scalar ones a grouped FSQ. A prefix of the streams leaves channels
/// out, so that the code is not truncatable.
public struct ProductQuantizer: Quantizer {
    /// In the order of their channels.
    public let parts: [any Quantizer]
    let projections: Projections
    private let innerDimension: Int

    /// - Parameters:
    ///   - parts: at least one; their dimensions may differ.
    ///   - projections: around all parts together; none if the parts share the latents themselves.
    /// - Throws: `QuantizerError.invalidSize`.
    public init(parts: [any Quantizer], projections: Projections = .none) throws {
        guard !parts.isEmpty else { throw QuantizerError.invalidSize("a product of no parts") }
        var sum = 0
        for part in parts {
            let (next, overflow) = sum.addingReportingOverflow(part.dimension)
            guard !overflow else { throw QuantizerError.invalidSize("parts of too many channels") }
            sum = next
        }
        try projections.require(innerDimension: sum)
        self.parts = parts
        self.projections = projections
        innerDimension = sum
    }

    /// Channels of the latent frames.
    public var dimension: Int { projections.outerDimension ?? innerDimension }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { parts.flatMap(\.codebookSizes) }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { false }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        let inner = projections.into(latents)
        var first = 0
        return parts.flatMap { part in
            defer { first += part.dimension }
            return part.quantize(inner.channels(first..<(first + part.dimension)))
        }
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        var inner = Frames(zeros: try validate(codes), channels: innerDimension)
        var (first, stream) = (0, 0)
        for part in parts {
            let streams = part.codebookSizes.count
            inner.setChannels(from: first, to: try part.dequantize(Array(codes[stream..<(stream + streams)])))
            first += part.dimension
            stream += streams
        }
        return projections.out(inner)
    }
}
