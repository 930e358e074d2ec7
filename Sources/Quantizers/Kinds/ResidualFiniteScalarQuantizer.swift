import Kernels
import Platform

/// Finite scalar quantization in stages, each on a grid finer by its number of levels (RFSQ).
///
/// With the grid of `FiniteScalarQuantizer.Bound.clamped` and per channel, for L levels and stage k:
///
///     x₀ = c · tanh(z / c), c = 1 + 1/(L − 1);   qₖ = grid(xₖ · Lᵏ) / Lᵏ;   xₖ₊₁ = xₖ − qₖ
///
/// The bound c is as far as the outermost level's cell reaches. It follows the common PyTorch form. The first n streams are
/// the code of a coarser quantizer.
public struct ResidualFiniteScalarQuantizer: Quantizer {
    /// Levels of each channel, in every stage.
    public let levels: [Int]
    /// Number of stages, each finer than the one before.
    public let stages: Int
    let projections: Projections
    private let grid: FiniteScalarQuantizer
    /// Per channel, as far as the soft bound lets values come.
    private let bounds: [Float]

    /// - Parameters:
    ///   - levels: at least 2 each; their product must fit a code.
    ///   - stages: 1 to 64.
    ///   - projections: between the latents and one channel per level count; none if they are the same.
    /// - Throws: `QuantizerError.invalidSize`.
    public init(levels: [Int], stages: Int, projections: Projections = .none) throws {
        guard (1...64).contains(stages) else { throw QuantizerError.invalidSize("\(stages) stages of FSQ; expected 1 to 64") }
        grid = try FiniteScalarQuantizer(levels: levels, bound: .clamped)
        try projections.require(innerDimension: levels.count)
        bounds = levels.map { 1 + 1 / Float($0 - 1) }
        self.levels = levels
        self.stages = stages
        self.projections = projections
    }

    /// Channels of the latent frames.
    public var dimension: Int { projections.outerDimension ?? levels.count }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { [Int](repeating: grid.codebookSize, count: stages) }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { true }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        var rest = projections.into(latents)
        eachValue(&rest) { value, c in bounds[c] * tanh(value / bounds[c]) }
        var codes: [[Int32]] = []
        for stage in 0..<codebooks {
            let scales = scales(stage)
            var finer = rest
            eachValue(&finer) { value, c in value / scales[c] }
            let ofStage = grid.quantize(finer)[0]
            codes.append(ofStage)
            for (t, code) in ofStage.enumerated() {
                for (c, value) in grid.outputs(ofCode: code).enumerated() { rest[t, c] -= value * scales[c] }
            }
        }
        return codes
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        var sum = Frames(zeros: try validate(codes), channels: levels.count)
        for (stage, stream) in codes.enumerated() {
            let scales = scales(stage)
            for (t, code) in stream.enumerated() {
                for (c, value) in grid.outputs(ofCode: code).enumerated() { sum[t, c] += value * scales[c] }
            }
        }
        return projections.out(sum)
    }

    private func scales(_ stage: Int) -> [Float] { levels.map { pow(Float($0), -Float(stage)) } }

    private func eachValue(_ frames: inout Frames, _ body: (Float, Int) -> Float) {
        let channels = frames.channels
        frames.withUnsafeMutableBufferPointer { values in
            for i in values.indices { values[i] = body(values[i], i % channels) }
        }
    }
}
