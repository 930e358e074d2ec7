import Checkpoints

extension FiniteScalarQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.fsq, dimension: dimension)
        config.levels = levels
        config.bound = bound
        config.innerDimension = projections.innerDimension
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        try projections.store(in: &writer, path: path)
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        try self.init(
            levels: config.required(\.levels, .levels), bound: config.required(\.bound, .bound),
            projections: Projections(config, weights: weights))
    }
}

extension ResidualFiniteScalarQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.rfsq, dimension: dimension)
        config.levels = levels
        config.stages = stages
        config.innerDimension = projections.innerDimension
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        try projections.store(in: &writer, path: path)
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        try self.init(
            levels: config.required(\.levels, .levels), stages: config.required(\.stages, .stages),
            projections: Projections(config, weights: weights))
    }
}

extension BinaryQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(form == .lookupFree ? .lfq : .bsq, dimension: dimension)
        config.bits = bits
        config.innerDimension = projections.innerDimension
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        try projections.store(in: &writer, path: path)
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        try self.init(
            form: config.kind == .lfq ? .lookupFree : .spherical, bits: config.required(\.bits, .bits),
            projections: Projections(config, weights: weights))
    }
}

extension LatticeQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.lattice, dimension: dimension)
        config.codebookLevels = levels
        config.innerDimension = projections.innerDimension
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        let count = levels.reduce(0) { $0 + $1.count }
        writer.add("\(path)basis", Tensor(shape: [count, count], values: basis))
        try projections.store(in: &writer, path: path)
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        let levels = try config.required(\.codebookLevels, .codebookLevels)
        let count = levels.reduce(0) { $0 + $1.count }
        let basis = try weights.tensor("basis", shape: [count, count])
        // A missing basis is reported by the loader; the zeros that stand in for it would have no inverse.
        let unit = (0..<basis.count).map { Float($0 % (count + 1) == 0 ? 1 : 0) }
        try self.init(
            basis: weights.shape(of: "basis") == [count, count] ? basis : unit, levels: levels,
            projections: Projections(config, weights: weights))
    }
}

extension ProductQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.product, dimension: dimension)
        config.parts = parts.compactMap { ($0 as? any StorableQuantizer)?.config }
        config.innerDimension = projections.innerDimension
        return config
    }

    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    public func store(in writer: inout SafetensorsWriter, path: String) throws {
        try Quantizers.store(parts, in: &writer, path: path)
        try projections.store(in: &writer, path: path)
    }

    /// Reads its tensors below `weights`.
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    public init(_ config: QuantizerConfig, weights: WeightPath) throws {
        try self.init(
            parts: config.buildParts(config.required(\.parts, .parts), weights),
            projections: Projections(config, weights: weights))
    }
}

extension ResidualQuantizer: StorableQuantizer {
    /// What a file has to know besides the tensors.
    public var config: QuantizerConfig {
        var config = QuantizerConfig(.residual, dimension: dimension)
        config.parts = stages.compactMap { ($0 as? any StorableQuantizer)?.config }
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
        try self.init(stages: config.buildParts(config.required(\.parts, .parts), weights))
    }
}
