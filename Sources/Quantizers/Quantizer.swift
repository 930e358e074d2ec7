import Tensors

/// Maps latent frames to codes and back. One protocol for VQ, RVQ, GRVQ, FSQ and the rest.
///
/// A quantizer here is memoryless over time: each frame is coded by itself, so streaming needs no state.
public protocol Quantizer: Sendable {
    /// Channels of the latent frames.
    var dimension: Int { get }
    /// Codewords in each codebook, in stream order.
    var codebookSizes: [Int] { get }
    /// Whether the first n codebooks alone are a valid, coarser code.
    var isTruncatable: Bool { get }

    /// Codes of `latents` `[time, dimension]` with the first `codebooks` codebooks: `[codebooks][time]`.
    func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]]

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`, which may hold fewer codebooks than the quantizer.
    /// - Throws: `QuantizerError.codeOutOfRange` or `.codebookCount` for codes that are not this quantizer's.
    func dequantize(_ codes: [[Int32]]) throws -> Frames
}

/// Codes that a quantizer refuses.
public enum QuantizerError: Error, Equatable, CustomStringConvertible {
    case codeOutOfRange(codebook: Int, time: Int, code: Int32, size: Int)
    case codebookCount(expected: ClosedRange<Int>, found: Int)
    case ragged(lengths: [Int])

    public var description: String {
        switch self {
        case .codeOutOfRange(let codebook, let time, let code, let size):
            return "codebook \(codebook), frame \(time): code \(code) is outside 0..<\(size)"
        case .codebookCount(let expected, let found):
            return "expected \(expected.lowerBound)...\(expected.upperBound) codebooks, got \(found)"
        case .ragged(let lengths):
            return "codebooks differ in length: \(lengths)"
        }
    }
}
