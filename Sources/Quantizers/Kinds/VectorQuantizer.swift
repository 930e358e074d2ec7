import Kernels

/// One codebook: each frame becomes the index of the nearest codeword (van den Oord et al. 2017).
///
/// The factorised form (Yu et al. 2022; Kumar et al. 2023, "DAC") searches in a space of few channels that a learned
/// map leads into and another leads out of, and compares directions only:
///
///     latents ─ projectIn ─ nearest by `metric` ─ codeword ─ projectOut ─ latents
public struct VectorQuantizer: Quantizer {
    /// What makes a codeword near.
    public enum Metric: String, Sendable, Equatable, Codable {
        /// Squared Euclidean distance.
        case euclidean
        /// The angle: both sides are scaled to length 1 for the search. The codeword itself is used unscaled.
        case cosine
    }

    /// What nearest means: distance or angle.
    public let metric: Metric
    /// Codewords as they are used for the output.
    public let codebook: PackedCodebook
    /// Codewords as they are searched.
    private let searched: PackedCodebook
    let projections: Projections

    /// - Parameters:
    ///   - codebook: `[size, codebookDimension]`.
    ///   - projections: between the latents and the codebook's channels; none if they are the same.
    public init(codebook: PackedCodebook, metric: Metric = .euclidean, projections: Projections = .none) {
        self.metric = metric
        self.codebook = codebook
        self.projections = projections
        switch metric {
        case .euclidean:
            searched = codebook
        case .cosine:
            let rows = Frames(count: codebook.size, channels: codebook.dimension, values: codebook.codewords)
            searched = PackedCodebook(codewords: directions(of: rows).values, dimension: codebook.dimension)
        }
    }

    /// Channels of the latent frames.
    public var dimension: Int { projections.outerDimension ?? codebook.dimension }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { [codebook.size] }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { false }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        return [nearest(latents)]
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        _ = try validate(codes)
        return output(codes[0])
    }

    /// One code per frame of `[time, dimension]`.
    func nearest(_ latents: Frames) -> [Int32] {
        let query = projections.into(latents)
        return searched.nearest(metric == .cosine ? directions(of: query) : query)
    }

    /// What its codes stand for in the latents' space: the codebook to search when the output counts, not this
    /// quantizer's own notion of near.
    var outputCodebook: PackedCodebook {
        if projections.isIdentity { return codebook }
        return PackedCodebook(codewords: output((0..<Int32(codebook.size)).map { $0 }).values, dimension: dimension)
    }

    /// Codes `residual` `[time, dimension]` and subtracts what the codes stand for.
    func quantize(residual: inout Frames) -> [Int32] {
        if metric == .euclidean && projections.isIdentity { return codebook.quantize(residual: &residual) }
        let codes = nearest(residual)
        accumulate(codes, sign: -1, into: &residual)
        return codes
    }

    /// Adds `sign` times the latents of valid `codes`.
    func accumulate(_ codes: [Int32], sign: Float = 1, into latents: inout Frames) {
        if projections.isIdentity {
            codebook.accumulate(codes, sign: sign, into: &latents)
        } else {
            Kernels.add(output(codes), scale: [Float](repeating: sign, count: dimension), to: &latents)
        }
    }

    /// Latents `[time, dimension]` of valid `codes`.
    private func output(_ codes: [Int32]) -> Frames {
        var rows = Frames(zeros: codes.count, channels: codebook.dimension)
        codebook.accumulate(codes, into: &rows)
        return projections.out(rows)
    }
}

extension PackedCodebook {
    /// Adds `sign` times the codeword of each of the valid `codes` to its frame `[time, dimension]`.
    func accumulate(_ codes: [Int32], sign: Float = 1, into frames: inout Frames) {
        precondition(frames.count == codes.count && frames.channels == dimension, "frames of another shape")
        frames.withUnsafeMutableBufferPointer { values in
            codewords.withUnsafeBufferPointer { rows in
                for (t, code) in codes.enumerated() {
                    let row = Int(code) * dimension
                    precondition(row >= 0 && row + dimension <= rows.count, "code outside the codebook")
                    for c in 0..<dimension { values[t * dimension + c] += sign * rows[row + c] }
                }
            }
        }
    }
}

/// Each frame scaled to length 1, or left near 0 if its length is below 1e-12.
private func directions(of frames: Frames) -> Frames {
    var result = frames
    result.withUnsafeMutableBufferPointer { values in
        for start in stride(from: 0, to: values.count, by: frames.channels) {
            let row = start..<(start + frames.channels)
            let squares = values[row].reduce(Float(0)) { $0 + $1 * $1 }
            let scale = 1 / max(squares.squareRoot(), 1e-12)
            for i in row { values[i] *= scale }
        }
    }
    return result
}
