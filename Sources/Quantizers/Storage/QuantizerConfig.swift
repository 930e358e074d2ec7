/// What a stored quantizer is made of; its numbers are tensors beside it. Compositions hold the configs of their parts.
///
/// | kind | fields beside `dimension` |
/// |---|---|
/// | `vq` | `size`, `metric`, `inner_dimension` |
/// | `rvq` | `parts` (each `vq`), `inner_dimension` |
/// | `grvq` | `parts` (each `rvq`) |
/// | `mcrvq` | `parts` (each `vq`), `masked_stages` |
/// | `product` | `parts`, `inner_dimension` |
/// | `residual` | `parts` |
/// | `fsq` | `levels`, `bound`, `inner_dimension` |
/// | `rfsq` | `levels`, `stages`, `inner_dimension` |
/// | `lfq`, `bsq` | `bits`, `inner_dimension` |
/// | `lattice` | `codebook_levels`, `inner_dimension` |
/// | `units` | `size` |
public struct QuantizerConfig: Codable, Sendable, Equatable {
    /// Which type of quantizer it is.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// The kinds of the table above.
        case vq, rvq, grvq, mcrvq, product, residual, fsq, rfsq, lfq, bsq, lattice, units
    }

    /// Decides which of the other fields are needed.
    public var kind: Kind
    /// Channels of the latents.
    public var dimension: Int
    /// Channels behind the projections; none if there are no projections.
    public var innerDimension: Int?
    /// Codewords.
    public var size: Int?
    /// What nearest means (`vq`).
    public var metric: VectorQuantizer.Metric?
    /// Of each channel.
    public var levels: [Int]?
    /// How channels are brought into the range of their levels (`fsq`).
    public var bound: FiniteScalarQuantizer.Bound?
    /// Of each coordinate, codebook by codebook.
    public var codebookLevels: [[Int]]?
    /// Of each codebook.
    public var bits: [Int]?
    /// Number of stages (`rfsq`).
    public var stages: Int?
    /// First stages that see a share of the channels each (`mcrvq`).
    public var maskedStages: Int?
    /// Configs of the quantizers that it is composed of, in stream order.
    public var parts: [QuantizerConfig]?

    enum CodingKeys: String, CodingKey {
        case kind
        case dimension
        case innerDimension = "inner_dimension"
        case size
        case metric
        case levels
        case bound
        case codebookLevels = "codebook_levels"
        case bits
        case stages
        case maskedStages = "masked_stages"
        case parts
    }

    /// Without the fields that the kind needs besides `dimension`.
    public init(_ kind: Kind, dimension: Int) {
        self.kind = kind
        self.dimension = dimension
    }

    /// A field that this kind needs.
    /// - Throws: `QuantizerError.invalidConfig`.
    func required<T>(_ field: KeyPath<Self, T?>, _ key: CodingKeys) throws -> T {
        guard let value = self[keyPath: field] else {
            throw QuantizerError.invalidConfig("\(kind.rawValue) without \(key.rawValue)")
        }
        return value
    }

    /// The parts, if all are of `kind`.
    /// - Throws: `QuantizerError.invalidConfig`.
    func requiredParts(_ kind: Kind) throws -> [QuantizerConfig] {
        let parts = try required(\.parts, .parts)
        if let other = parts.first(where: { $0.kind != kind }) {
            throw QuantizerError.invalidConfig("\(self.kind.rawValue) with a part that is \(other.kind.rawValue), not \(kind.rawValue)")
        }
        return parts
    }
}
