import Checkpoints
import Kernels

extension PackedCodebook {
    /// A codebook as the common checkpoints store it at `weights`.
    ///
    /// | field | used by | meaning |
    /// |---|---|---|
    /// | `embed` | EnCodec | codewords; its training averages beside them are ignored |
    /// | `embed_sum`, `cluster_usage` | Mimi (Hugging Face) | codewords are sum / max(usage, 1e-5) |
    /// | `embedding_sum`, `cluster_usage` | Mimi (native) | likewise |
    /// | `weight` | DAC and other embeddings | codewords |
    ///
    /// - Parameter usualField: the field that is named as missing when there is none.
    /// - Throws: `QuantizerError.invalidSize` for a size or dimension below 1.
    public init(_ weights: WeightPath, size: Int, dimension: Int, usualField: String = "embed") throws {
        guard size >= 1, dimension >= 1, size <= Int(Int32.max) else {
            throw QuantizerError.invalidSize("codebook of \(size) codewords of dimension \(dimension)")
        }
        weights.ignore("inited", "initialized", "_initialized", "cluster_size", "embed_avg")
        let shape = [size, dimension]
        let codewords: [Float]
        if let sums = ["embed_sum", "embedding_sum"].first(where: weights.has) {
            let usage = try weights.tensor("cluster_usage", shape: [size])
            let totals = try weights.tensor(sums, shape: shape)
            codewords = totals.indices.map { totals[$0] / max(usage[$0 / dimension], 1e-5) }
        } else {
            let field = ["weight", "embed"].first(where: weights.has) ?? usualField
            codewords = try weights.tensor(field, shape: shape)
        }
        self.init(codewords: codewords, dimension: dimension)
    }
}

extension Projections {
    /// Linear layers or convolutions of kernel size 1, with weight norm or without, with bias or without.
    public init(inward: WeightPath, outward: WeightPath, outerDimension: Int, innerDimension: Int) throws {
        func layer(_ weights: WeightPath, inputs: Int, outputs: Int) throws -> AffineMap {
            try AffineMap(
                weight: weights.pointwiseWeight(outputs: outputs, inputs: inputs),
                bias: weights.optionalTensor("bias", shape: [outputs]), inputs: inputs, outputs: outputs)
        }
        guard outerDimension >= 1, innerDimension >= 1 else {
            throw QuantizerError.invalidSize("projection between \(outerDimension) and \(innerDimension) channels")
        }
        try self.init(
            inward: layer(inward, inputs: outerDimension, outputs: innerDimension),
            outward: layer(outward, inputs: innerDimension, outputs: outerDimension))
    }
}

extension VectorQuantizer {
    /// The factorised quantizer of DAC: `in_proj`, `codebook.weight`, `out_proj`, compared by cosine.
    public init(factorized weights: WeightPath, dimension: Int, size: Int, codebookDimension: Int) throws {
        self.init(
            codebook: try PackedCodebook(weights / "codebook", size: size, dimension: codebookDimension, usualField: "weight"),
            metric: .cosine,
            projections: try Projections(
                inward: weights / "in_proj", outward: weights / "out_proj",
                outerDimension: dimension, innerDimension: codebookDimension))
    }
}

extension ResidualVectorQuantizer {
    /// Euclidean stages whose codebooks are one tensor, `name` `[stages, size, dimension]`.
    public init(stacked name: String, in weights: WeightPath, stages: Int, size: Int, dimension: Int) throws {
        guard stages >= 1, size >= 1, dimension >= 1, size <= Int(Int32.max) else {
            throw QuantizerError.invalidSize("\(stages) codebooks of \(size) codewords of dimension \(dimension)")
        }
        let values = try weights.tensor(name, shape: [stages, size, dimension])
        let stride = size * dimension
        try self.init(
            stages: (0..<stages).map {
                VectorQuantizer(
                    codebook: PackedCodebook(
                        codewords: Array(values[($0 * stride)..<(($0 + 1) * stride)]), dimension: dimension))
            })
    }

    /// Euclidean stages, the codebook of stage i at `weights / i / "codebook"` (EnCodec's and Mimi's `layers`).
    public init(layers weights: WeightPath, stages: Int, size: Int, dimension: Int, projections: Projections = .none) throws {
        try self.init(
            stages: (0..<max(stages, 0)).map {
                VectorQuantizer(
                    codebook: try PackedCodebook(weights / $0 / "codebook", size: size, dimension: dimension))
            },
            projections: projections)
    }

    /// Factorised stages, stage i at `weights / i` (DAC's `quantizers`).
    public init(factorized weights: WeightPath, stages: Int, dimension: Int, size: Int, codebookDimension: Int) throws {
        try self.init(
            stages: (0..<max(stages, 0)).map {
                try VectorQuantizer(
                    factorized: weights / $0, dimension: dimension, size: size, codebookDimension: codebookDimension)
            })
    }
}
