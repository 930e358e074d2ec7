import Kernels
import Platform

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
    ///
    /// Every code is below its codebook's size, whatever the latents; NaN gets some code.
    /// - Parameter codebooks: one of `codebookCounts`.
    func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]]

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`, which may hold fewer codebooks than the quantizer.
    /// - Throws: `QuantizerError.codeOutOfRange`, `.codebookCount` or `.ragged` for codes that are not this quantizer's.
    func dequantize(_ codes: [[Int32]]) throws -> Frames
}

extension Quantizer {
    /// Bits per frame with the first `codebooks` codebooks (all unless given): Σ log₂ size. Times the frame rate, the nominal
    /// bitrate.
    public func bitsPerFrame(codebooks: Int? = nil) -> Double {
        codebookSizes.prefix(codebooks ?? codebookSizes.count).reduce(0) { $0 + log2(Double($1)) }
    }

    /// How many codebooks a code may have.
    public var codebookCounts: ClosedRange<Int> {
        (isTruncatable ? 1 : codebookSizes.count)...codebookSizes.count
    }

    /// Codes of `latents` with all codebooks.
    public func quantize(_ latents: Frames) -> [[Int32]] { quantize(latents, codebooks: codebookSizes.count) }

    /// Refuses codes that are not this quantizer's.
    /// - Returns: the number of frames.
    /// - Throws: `QuantizerError`.
    public func validate(_ codes: [[Int32]]) throws(QuantizerError) -> Int {
        guard codebookCounts.contains(codes.count) else {
            throw .codebookCount(expected: codebookCounts, found: codes.count)
        }
        let count = codes[0].count
        guard codes.allSatisfy({ $0.count == count }) else { throw .ragged(lengths: codes.map(\.count)) }
        for (k, (stream, size)) in zip(codes, codebookSizes).enumerated() {
            if let time = stream.firstIndex(where: { $0 < 0 || Int($0) >= size }) {
                throw .codeOutOfRange(codebook: k, time: time, code: stream[time], size: size)
            }
        }
        return count
    }

    /// Stops a caller that asks for codebooks which the quantizer does not have.
    func checkCodebookCount(_ codebooks: Int) {
        precondition(codebookCounts.contains(codebooks), "\(codebooks) codebooks of \(codebookCounts)")
    }
}
