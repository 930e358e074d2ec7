import Kernels

/// One bit per channel: the sign. The codebook is the corners of a cube, and nothing is looked up.
///
/// Lookup-free quantization (Yu et al. 2023, "MAGVIT-v2", LFQ) decodes to ±1, binary spherical quantization (Zhao et al.
/// 2024, BSQ) to ±1/√bits, a point of the unit sphere. The scaling to the sphere before the sign, which matters to BSQ's
/// training, does not change a sign. A code's bits are 1 for positive channels, the first channel's the most significant.
/// Several codebooks take consecutive channels.
public struct BinaryQuantizer: Quantizer {
    /// What the bits stand for.
    public enum Form: String, Sendable, Codable, CaseIterable {
        /// ±1.
        case lookupFree = "lfq"
        /// ±1/√bits.
        case spherical = "bsq"
    }

    /// Which values stand for a bit.
    public let form: Form
    /// Bits of each codebook.
    public let bits: [Int]
    let projections: Projections

    /// - Parameters:
    ///   - bits: at least one codebook of 1 to 30 bits.
    ///   - projections: between the latents and one channel per bit; none if they are the same.
    /// - Throws: `QuantizerError.invalidSize`.
    public init(form: Form, bits: [Int], projections: Projections = .none) throws {
        guard !bits.isEmpty, bits.allSatisfy((1...30).contains), bits.count <= 1 << 16 else {
            throw QuantizerError.invalidSize("binary codebooks of \(bits.prefix(64)) bits; expected 1 to 30 each")
        }
        try projections.require(innerDimension: bits.reduce(0, +))
        self.form = form
        self.bits = bits
        self.projections = projections
    }

    /// Channels of the latent frames.
    public var dimension: Int { projections.outerDimension ?? bits.reduce(0, +) }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { bits.map { 1 << $0 } }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { false }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        let inner = projections.into(latents)
        var first = 0
        return bits.map { count in
            defer { first += count }
            return (0..<inner.count).map { t in
                (first..<(first + count)).reduce(Int32(0)) { $0 << 1 | (inner[t, $1] > 0 ? 1 : 0) }
            }
        }
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        var inner = Frames(zeros: try validate(codes), channels: bits.reduce(0, +))
        var first = 0
        for (stream, count) in zip(codes, bits) {
            let value = form == .lookupFree ? 1 : 1 / Float(count).squareRoot()
            for (t, code) in stream.enumerated() {
                for bit in 0..<count { inner[t, first + bit] = code >> (count - 1 - bit) & 1 == 1 ? value : -value }
            }
            first += count
        }
        return projections.out(inner)
    }
}
