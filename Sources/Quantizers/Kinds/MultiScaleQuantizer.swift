import Checkpoints
import Kernels

/// A residual quantizer whose codebooks have codes at different rates (Siuzdak et al. 2024, "SNAC").
///
///     codeₖ = nearestₖ(mean of every strideₖ frames of residualₖ);  residualₖ₊₁ = residualₖ − codewordₖ, strideₖ times each
///
/// Latents and codes are of whole superframes, the first stage's stride: of n superframes the stream of a codebook has
/// n·superframe/stride codes. The first n streams are the code of a coarser quantizer.
public struct MultiScaleQuantizer: Quantizer {
    /// The quantizer of one rate; `stride` frames share a code.
    public struct Stage: Sendable {
        /// Latent frames that one code covers.
        public let stride: Int
        /// Codes the frames' averages.
        public let quantizer: VectorQuantizer

        /// One code every `stride` latent frames.
        public init(stride: Int, quantizer: VectorQuantizer) {
            self.stride = stride
            self.quantizer = quantizer
        }
    }

    /// The stages in stream order, each coding what the ones before it leave.
    public let stages: [Stage]

    /// - Parameter stages: at least one, all of one dimension; each stride divides the first.
    /// - Throws: `QuantizerError.invalidSize`.
    public init(stages: [Stage]) throws {
        guard let first = stages.first else { throw QuantizerError.invalidSize("no stages") }
        guard stages.allSatisfy({ $0.stride >= 1 && first.stride % $0.stride == 0 }) else {
            throw QuantizerError.invalidSize("strides \(stages.map(\.stride)), expected divisors of the first")
        }
        guard stages.allSatisfy({ $0.quantizer.dimension == first.quantizer.dimension }) else {
            throw QuantizerError.invalidSize("stages of dimensions \(stages.map(\.quantizer.dimension))")
        }
        self.stages = stages
    }

    /// Factorised stages, stage i at `weights / i` (SNAC's `quantizers`).
    public init(
        factorized weights: WeightPath, strides: [Int], dimension: Int, size: Int, codebookDimension: Int
    ) throws {
        try self.init(
            stages: strides.enumerated().map { i, stride in
                Stage(
                    stride: stride,
                    quantizer: try VectorQuantizer(
                        factorized: weights / i, dimension: dimension, size: size, codebookDimension: codebookDimension))
            })
    }

    /// Channels of the latent frames.
    public var dimension: Int { stages[0].quantizer.dimension }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { stages.map(\.quantizer.codebook.size) }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { true }
    /// Frames that are coded together.
    public var superframe: Int { stages[0].stride }

    /// - Parameter latents: of whole superframes.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        precondition(latents.count % superframe == 0, "\(latents.count) frames in superframes of \(superframe)")
        var residual = latents
        return stages.prefix(codebooks).map { stage in
            let codes = stage.quantizer.nearest(residual.mean(every: stage.stride))
            add(codes, of: stage, sign: -1, to: &residual)
            return codes
        }
    }

    /// - Throws: `QuantizerError.ragged` also for streams that do not make the same number of whole superframes.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        guard codebookCounts.contains(codes.count) else {
            throw QuantizerError.codebookCount(expected: codebookCounts, found: codes.count)
        }
        let superframes = codes[0].count
        guard zip(codes, stages).allSatisfy({ $0.count == superframes * (superframe / $1.stride) }) else {
            throw QuantizerError.ragged(lengths: codes.map(\.count))
        }
        for (k, (stream, stage)) in zip(codes, stages).enumerated() {
            let size = stage.quantizer.codebook.size
            if let time = stream.firstIndex(where: { $0 < 0 || Int($0) >= size }) {
                throw QuantizerError.codeOutOfRange(codebook: k, time: time, code: stream[time], size: size)
            }
        }
        var latents = Frames(zeros: superframes * superframe, channels: dimension)
        for (stream, stage) in zip(codes, stages) { add(stream, of: stage, to: &latents) }
        return latents
    }

    /// Adds `sign` times what each code stands for to its frames.
    private func add(_ codes: [Int32], of stage: Stage, sign: Float = 1, to latents: inout Frames) {
        var words = Frames(zeros: codes.count, channels: dimension)
        stage.quantizer.accumulate(codes, sign: sign, into: &words)
        Kernels.add(words.repeated(stage.stride), to: &latents)
    }
}

extension Frames {
    /// The mean of every `count` frames, of which there is a multiple.
    fileprivate func mean(every count: Int) -> Frames {
        if count == 1 { return self }
        var result = Frames(zeros: self.count / count, channels: channels)
        for t in 0..<self.count {
            for c in 0..<channels { result[t / count, c] += self[t, c] }
        }
        let scale = 1 / Float(count)
        for t in 0..<result.count {
            for c in 0..<channels { result[t, c] *= scale }
        }
        return result
    }

    /// Each frame `count` times.
    fileprivate func repeated(_ count: Int) -> Frames {
        if count == 1 { return self }
        return Frames(count: self.count * count, channels: channels) { output in
            withUnsafeBufferPointer { input in
                for t in 0..<(self.count * count) {
                    for c in 0..<channels { output[t * channels + c] = input[t / count * channels + c] }
                }
            }
        }
    }
}
