import Checkpoints
import Kernels

extension VectorQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.vq, dimension: dimension)
        config.size = codebook.size
        config.metric = metric
        config.innerDimension = projections.innerDimension
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        writer.add(codebook, path: path)
        try projections.store(in: &writer, path: path)
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        self.init(
            codebook: try PackedCodebook(stored: config, dimension: config.innerDimension ?? config.dimension, weights: weights),
            metric: config.metric ?? .euclidean, projections: try Projections(config, weights: weights))
    }
}

extension ResidualVectorQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.rvq, dimension: dimension)
        config.innerDimension = projections.innerDimension
        config.parts = stages.map(\.config)
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        try Quantizers.store(stages, in: &writer, path: path)
        try projections.store(in: &writer, path: path)
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        let projections = try Projections(config, weights: weights)
        try self.init(stages: Self.stages(config, weights), projections: projections)
        try projections.require(innerDimension: stages[0].dimension)
    }

    fileprivate static func stages(_ config: QuantizerConfig, _ weights: WeightPath) throws -> [VectorQuantizer] {
        try config.requiredParts(.vq).enumerated().map { try VectorQuantizer($1, weights: weights / "parts" / $0) }
    }
}

extension GroupedResidualVectorQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.grvq, dimension: dimension)
        config.parts = groups.map(\.config)
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        try Quantizers.store(groups, in: &writer, path: path)
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        try self.init(
            groups: config.requiredParts(.rvq).enumerated().map {
                try ResidualVectorQuantizer($1, weights: weights / "parts" / $0)
            })
    }
}

extension MaskedChannelResidualVectorQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.mcrvq, dimension: dimension)
        config.parts = stages.map(\.config)
        config.maskedStages = maskedStages
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        try Quantizers.store(stages, in: &writer, path: path)
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        try self.init(
            stages: ResidualVectorQuantizer.stages(config, weights),
            maskedStages: config.required(\.maskedStages, .maskedStages))
    }
}

extension UnitQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.units, dimension: dimension)
        config.size = codebook.size
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        writer.add(codebook, path: path)
        writer.add("\(path)mean", Tensor(shape: [dimension], values: mean))
        writer.add("\(path)deviation", Tensor(shape: [dimension], values: deviation))
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        // A missing tensor is reported by the loader; ones stand in for its zeros, which no deviation may be.
        let deviation = try weights.tensor("deviation", shape: [config.dimension])
        try self.init(
            codebook: PackedCodebook(stored: config, dimension: config.dimension, weights: weights),
            mean: weights.tensor("mean", shape: [config.dimension]),
            deviation: weights.shape(of: "deviation") == [config.dimension]
                ? deviation : [Float](repeating: 1, count: config.dimension))
    }
}

extension PackedCodebook {
    /// The codebook `codebook.embed` below `weights`.
    fileprivate init(stored config: QuantizerConfig, dimension: Int, weights: WeightPath) throws {
        try self.init(weights / "codebook", size: config.required(\.size, .size), dimension: dimension)
    }
}

extension SafetensorsWriter {
    fileprivate mutating func add(_ codebook: PackedCodebook, path: String) {
        add("\(path)codebook.embed", Tensor(shape: [codebook.size, codebook.dimension], values: codebook.codewords))
    }
}
