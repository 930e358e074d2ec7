import Kernels

/// The nearest point, by Babai's rounding, of a lattice whose basis is learned (Khalil et al. 2023, "LL-VQ-VAE").
///
///     coordinates = round(B⁻¹·z), clamped to the levels;   output = B · coordinates
///
/// The paper's basis is diagonal; here it may be any regular matrix. To make codes finite, coordinate i takes `levels` values
/// around 0: whole numbers for an odd count, halves for an even one, which moves the lattice by half a basis vector.
/// Each codebook takes consecutive coordinates, the first the least significant digit, as in FSQ.
public struct LatticeQuantizer: Quantizer {
    /// Values of each coordinate, codebook by codebook.
    public let levels: [[Int]]
    /// Codewords in each codebook, in stream order.
    public let codebookSizes: [Int]
    /// Row-major `[coordinates, coordinates]`; column i is basis vector i.
    public let basis: [Float]
    let projections: Projections
    private let toCoordinates: Convolution
    private let toLatents: Convolution

    /// - Parameters:
    ///   - basis: row-major, square, as wide as there are levels; its columns are linearly independent.
    ///   - levels: at least 1 each; a codebook's product must fit a code.
    ///   - projections: between the latents and the lattice's channels; none if they are the same.
    /// - Throws: `QuantizerError.invalidSize`.
    public init(basis: [Float], levels: [[Int]], projections: Projections = .none) throws {
        let count = levels.reduce(0) { $0 + $1.count }
        guard count >= 1, count <= 1024, levels.allSatisfy({ !$0.isEmpty }), basis.count == count * count else {
            throw QuantizerError.invalidSize("a lattice of \(count) coordinates with \(basis.count) numbers of basis")
        }
        codebookSizes = try levels.map { try MixedRadix.size(levels: $0, least: 1, what: "lattice levels") }
        guard let inverse = SquareMatrix(basis, size: count).inverse()?.map(Float.init), inverse.allSatisfy(\.isFinite) else {
            throw QuantizerError.invalidSize("a lattice basis that is singular")
        }
        try projections.require(innerDimension: count)
        self.levels = levels
        self.basis = basis
        self.projections = projections
        toCoordinates = Convolution(weight: inverse, bias: nil, inputChannels: count, outputChannels: count)
        toLatents = Convolution(weight: basis, bias: nil, inputChannels: count, outputChannels: count)
    }

    /// Channels of the latent frames.
    public var dimension: Int { projections.outerDimension ?? toLatents.outputChannels }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { false }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        let coordinates = toCoordinates(projections.into(latents))
        var first = 0
        return levels.map { levels in
            defer { first += levels.count }
            return (0..<coordinates.count).map { t in
                MixedRadix.code(levels) { digit(of: coordinates[t, first + $0], levels: levels[$0]) }
            }
        }
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        var coordinates = Frames(zeros: try validate(codes), channels: toLatents.inputChannels)
        var first = 0
        for (stream, levels) in zip(codes, levels) {
            for (t, code) in stream.enumerated() {
                for (i, digit) in MixedRadix.digits(of: code, levels).enumerated() {
                    coordinates[t, first + i] = Float(digit) - Float(levels[i] - 1) / 2
                }
            }
            first += levels.count
        }
        return projections.out(toLatents(coordinates))
    }

    private func digit(of coordinate: Float, levels: Int) -> Int {
        let position = (coordinate + Float(levels - 1) / 2).rounded(.toNearestOrEven)
        // Clamped as a float: what is beyond Int's range, or NaN, must not be converted.
        return position > 0 ? Int(min(position, Float(levels - 1))) : 0
    }
}
