import Checkpoints

/// A quantizer that a file can hold: a config and tensors.
public protocol StorableQuantizer: Quantizer {
    /// What a file has to know besides the tensors.
    var config: QuantizerConfig { get }
    /// Adds its tensors below `path`, which ends in a dot or is empty.
    /// - Throws: `QuantizerError.notStorable` for a quantizer that was built from packed weights.
    func store(in writer: inout SafetensorsWriter, path: String) throws
    /// - Throws: `QuantizerError` for a config that no such quantizer can have; `CheckpointError`.
    init(_ config: QuantizerConfig, weights: WeightPath) throws
}

extension QuantizerConfig {
    /// The quantizer of this config with tensors below `weights`.
    /// - Throws: `QuantizerError`, `CheckpointError`.
    public func build(_ weights: WeightPath) throws -> any StorableQuantizer {
        guard (1...Self.greatestDimension).contains(dimension), (1...Self.greatestDimension).contains(innerDimension ?? 1) else {
            throw QuantizerError.invalidConfig("\(kind.rawValue) of dimension \(dimension), inner \(innerDimension ?? dimension)")
        }
        let quantizer = try kind.type.init(self, weights: weights)
        guard quantizer.dimension == dimension else {
            throw QuantizerError.invalidConfig("\(kind.rawValue) of dimension \(dimension) whose parts have \(quantizer.dimension)")
        }
        return quantizer
    }

    /// No latents have more channels.
    private static let greatestDimension = 1 << 16

    func buildParts(_ parts: [QuantizerConfig], _ weights: WeightPath) throws -> [any StorableQuantizer] {
        try parts.enumerated().map { try $1.build(weights / "parts" / $0) }
    }
}

extension QuantizerConfig.Kind {
    fileprivate var type: any StorableQuantizer.Type {
        switch self {
        case .vq: return VectorQuantizer.self
        case .rvq: return ResidualVectorQuantizer.self
        case .grvq: return GroupedResidualVectorQuantizer.self
        case .mcrvq: return MaskedChannelResidualVectorQuantizer.self
        case .product: return ProductQuantizer.self
        case .residual: return ResidualQuantizer.self
        case .fsq: return FiniteScalarQuantizer.self
        case .rfsq: return ResidualFiniteScalarQuantizer.self
        case .lfq, .bsq: return BinaryQuantizer.self
        case .lattice: return LatticeQuantizer.self
        case .units: return UnitQuantizer.self
        }
    }
}

extension Projections {
    /// Adds both maps, if there are any, below `path`.
    func store(in writer: inout SafetensorsWriter, path: String) throws {
        if isIdentity { return }
        guard let maps else { throw QuantizerError.notStorable("projections that were given as packed convolutions") }
        for (name, map) in [("project_in", maps.inward), ("project_out", maps.outward)] {
            writer.add("\(path)\(name).weight", Tensor(shape: [map.outputs, map.inputs], values: map.weight))
            if let bias = map.bias { writer.add("\(path)\(name).bias", Tensor(shape: [map.outputs], values: bias)) }
        }
    }

    /// The maps below `weights`, or none without an inner dimension.
    init(_ config: QuantizerConfig, weights: WeightPath) throws {
        guard let inner = config.innerDimension else {
            self = .none
            return
        }
        try self.init(
            inward: weights / "project_in", outward: weights / "project_out", outerDimension: config.dimension,
            innerDimension: inner)
    }
}

/// Adds the parts' tensors below `path`.
func store(_ parts: [any Quantizer], in writer: inout SafetensorsWriter, path: String) throws {
    for (i, part) in parts.enumerated() {
        guard let part = part as? any StorableQuantizer else {
            throw QuantizerError.notStorable("\(type(of: part))")
        }
        try part.store(in: &writer, path: "\(path)parts.\(i).")
    }
}
