/// The fields of a `MimiModel`'s `config.json` that describe its transformers; see `MimiTransformer`.
public struct MimiTransformerConfig: Decodable, Sendable, Equatable {
    public var numHiddenLayers: Int
    /// Channels inside the feed-forward layers.
    public var intermediateSize: Int
    public var numAttentionHeads: Int
    /// Heads of keys and values, shared by neighbouring heads of queries.
    public var numKeyValueHeads: Int
    /// Channels of a head; nil is an even share of the layer's.
    public var headDim: Int?
    /// Only `gelu`, the exact one, is supported.
    public var hiddenAct: String
    /// Frames that a frame sees, itself included.
    public var slidingWindow: Int
    public var normEpsilon: Double
    public var attentionBias: Bool
    /// The base of the rotary embedding, where published configs have it.
    public var ropeTheta: Double?
    /// The rotary embedding, where newer configs have it.
    public var ropeParameters: RopeParameters?

    /// Rotary embedding as transformers 5 writes it.
    public struct RopeParameters: Decodable, Sendable, Equatable {
        public var ropeTheta: Double?
        /// Only `default` is supported.
        public var ropeType: String?

        enum CodingKeys: String, CodingKey {
            case ropeTheta = "rope_theta"
            case ropeType = "rope_type"
        }
    }

    enum CodingKeys: String, CodingKey {
        case numHiddenLayers = "num_hidden_layers"
        case intermediateSize = "intermediate_size"
        case numAttentionHeads = "num_attention_heads"
        case numKeyValueHeads = "num_key_value_heads"
        case headDim = "head_dim"
        case hiddenAct = "hidden_act"
        case slidingWindow = "sliding_window"
        case normEpsilon = "norm_eps"
        case attentionBias = "attention_bias"
        case ropeTheta = "rope_theta"
        case ropeParameters = "rope_parameters"
    }

    var ropeBase: Double { ropeParameters?.ropeTheta ?? ropeTheta ?? 10_000 }

    /// Channels of a head, of a validated config.
    func headSize(hiddenSize: Int) -> Int { headDim ?? hiddenSize / numAttentionHeads }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    func validate(file: String, hiddenSize: Int) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try check.require(.numHiddenLayers, [numHiddenLayers], in: 1...256)
        try check.require(.intermediateSize, [intermediateSize], in: 1...65_536)
        try check.require(.numAttentionHeads, [numAttentionHeads], in: 1...hiddenSize)
        try check.require(.numKeyValueHeads, [numKeyValueHeads], in: 1...numAttentionHeads)
        try check.require(.slidingWindow, [slidingWindow], in: 1...65_536)
        if let headDim { try check.require(.headDim, [headDim], in: 2...1024) }
        guard hiddenSize % numAttentionHeads == 0 else {
            throw check.invalid(.numAttentionHeads, "is \(numAttentionHeads), which does not divide hidden_size \(hiddenSize)")
        }
        guard numAttentionHeads % numKeyValueHeads == 0 else {
            throw check.invalid(.numKeyValueHeads, "is \(numKeyValueHeads), which does not divide num_attention_heads \(numAttentionHeads)")
        }
        guard headSize(hiddenSize: hiddenSize) % 2 == 0 else {
            throw check.invalid(.headDim, "makes heads of \(headSize(hiddenSize: hiddenSize)) channels, expected an even number")
        }
        guard hiddenAct == "gelu" else {
            throw check.invalid(.hiddenAct, "is \"\(hiddenAct)\", only gelu is supported")
        }
        guard normEpsilon > 0 && normEpsilon < 1 else {
            throw check.invalid(.normEpsilon, "is \(normEpsilon), expected a small positive number")
        }
        guard ropeParameters?.ropeType ?? "default" == "default" else {
            throw check.invalid(.ropeParameters, "asks for \"\(ropeParameters?.ropeType ?? "")\", only default is supported")
        }
        guard ropeBase > 1 && ropeBase < 1e30 else {
            throw check.invalid(ropeParameters?.ropeTheta == nil ? .ropeTheta : .ropeParameters, "has the base \(ropeBase), expected more than 1")
        }
    }
}
