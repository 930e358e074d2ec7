import Kernels
import Platform

/// Rounds each channel to one of a few levels; the codebook is the grid of all combinations (Mentzer et al. 2023, "FSQ").
///
/// A channel with L levels is bounded to an interval of length just above or below L − 1 by a tanh and rounded. With an
/// even L the interval is moved by a half, so that there are L integers in it: −L/2 … L/2 − 1. The integers, counted from 0,
/// are the digits of the code, the first channel's the least significant; divided by ⌊L/2⌋ they are the output.
public struct FiniteScalarQuantizer: Quantizer {
    /// The bound before rounding, tanh(z + shift) · half − offset in the two forms that checkpoints were trained with, or none.
    public enum Bound: String, Sendable, Equatable, Codable {
        /// The paper's listing: half = (L − 1)(1 − ε)/2, shift = tan(offset / half).
        case published
        /// The common PyTorch form: half = (L − 1)(1 + ε)/2, shift = artanh(offset / half), so that 0 stays 0.
        case centered
        /// No tanh: the levels lie evenly on −1 … 1 and values beyond are clamped; digit = ⌊(L − 1)(z + 1)/2 + ½⌋. Codewords
        /// are their own nearest codewords. After the symmetric form of Parker et al. 2024 with a hard bound.
        case clamped
    }

    /// Levels of each channel.
    public let levels: [Int]
    /// Codewords: the product of `levels`.
    public let codebookSize: Int
    /// How channels are brought into the range of their levels.
    public let bound: Bound
    private let axes: [Axis]
    let projections: Projections

    /// - Parameters:
    ///   - levels: at least 2 each; their product must fit a code.
    ///   - projections: between the latents and one channel per level count; none if they are the same.
    /// - Throws: `QuantizerError.invalidSize`.
    public init(levels: [Int], bound: Bound = .published, projections: Projections = .none) throws {
        codebookSize = try MixedRadix.size(levels: levels, least: 2, what: "FSQ levels")
        try projections.require(innerDimension: levels.count)
        self.levels = levels
        self.bound = bound
        self.axes = levels.map { Axis(levels: $0, bound: bound) }
        self.projections = projections
    }

    /// Channels of the latent frames.
    public var dimension: Int { projections.outerDimension ?? levels.count }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { [codebookSize] }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { false }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        let scalars = projections.into(latents)
        let codes = (0..<scalars.count).map { t in
            MixedRadix.code(levels) { axes[$0].digit(of: scalars[t, $0]) }
        }
        return [codes]
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        let count = try validate(codes)
        var scalars = Frames(zeros: count, channels: levels.count)
        for t in 0..<count {
            for (c, value) in outputs(ofCode: codes[0][t]).enumerated() { scalars[t, c] = value }
        }
        return projections.out(scalars)
    }

    /// The code whose digits, one per channel from 0, are `digits`.
    public func code(ofDigits digits: [Int]) -> Int32 { MixedRadix.code(levels) { digits[$0] } }

    /// The digits of a valid `code`, one per channel from 0.
    public func digits(ofCode code: Int32) -> [Int] { MixedRadix.digits(of: code, levels) }

    /// The channels' values, before any projection, of a valid `code`.
    func outputs(ofCode code: Int32) -> [Float] { zip(digits(ofCode: code), axes).map { $1.output(of: $0) } }

    /// One channel's scale.
    private struct Axis: Sendable {
        let halfWidth: Int
        let greatestDigit: Int
        let half: Float
        let offset: Float
        let shift: Float
        let isClamped: Bool

        init(levels: Int, bound: Bound) {
            let epsilon: Float = 1e-3
            halfWidth = levels / 2
            greatestDigit = levels - 1
            offset = levels.isMultiple(of: 2) ? 0.5 : 0
            switch bound {
            case .published:
                half = Float(levels - 1) * (1 - epsilon) / 2
                shift = tan(offset / half)
            case .centered:
                half = Float(levels - 1) * (1 + epsilon) / 2
                shift = atanh(offset / half)
            case .clamped:
                half = Float(levels - 1) / 2
                shift = 0
            }
            isClamped = bound == .clamped
        }

        /// 0...greatestDigit; ties round to even, as in the reference implementations.
        func digit(of value: Float) -> Int {
            if isClamped {
                let position = (half * (value + 1) + 0.5).rounded(.down)
                return position > 0 ? Int(min(position, Float(greatestDigit))) : 0
            }
            let bounded = (tanh(value + shift) * half - offset).rounded(.toNearestOrEven)
            guard bounded.isFinite else { return 0 }
            return min(max(Int(bounded) + halfWidth, 0), greatestDigit)
        }

        func output(of digit: Int) -> Float {
            isClamped ? 2 * Float(digit) / Float(greatestDigit) - 1 : Float(digit - halfWidth) / Float(halfWidth)
        }
    }
}
