/// The fields of a Hugging Face `HubertConfig`.
public struct HuBERTConfig: Decodable, Sendable, Equatable {
    /// Only `hubert` is supported.
    public var modelType: String
    public var hiddenSize: Int
    public var numHiddenLayers: Int
    public var numAttentionHeads: Int
    /// Channels inside a feed-forward layer.
    public var intermediateSize: Int
    public var hiddenAct: String
    public var layerNormEps: Float
    /// Channels, strides and kernels of the convolutions before the transformer.
    public var convDim: [Int]
    public var convStride: [Int]
    public var convKernel: [Int]
    /// Only false is supported.
    public var convBias: Bool
    /// Only `group` is supported: the first convolution's channels are normed over time.
    public var featExtractNorm: String
    public var featExtractActivation: String
    /// Whether a norm comes before the projection to `hiddenSize`; only true is supported.
    public var featProjLayerNorm: Bool
    /// Kernel and groups of the convolution that tells positions.
    public var numConvPosEmbeddings: Int
    public var numConvPosEmbeddingGroups: Int
    /// Only false is supported.
    public var convPosBatchNorm: Bool
    /// Whether norms come before the parts of a layer; only false is supported.
    public var doStableLayerNorm: Bool

    enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
        case hiddenSize = "hidden_size"
        case numHiddenLayers = "num_hidden_layers"
        case numAttentionHeads = "num_attention_heads"
        case intermediateSize = "intermediate_size"
        case hiddenAct = "hidden_act"
        case layerNormEps = "layer_norm_eps"
        case convDim = "conv_dim"
        case convStride = "conv_stride"
        case convKernel = "conv_kernel"
        case convBias = "conv_bias"
        case featExtractNorm = "feat_extract_norm"
        case featExtractActivation = "feat_extract_activation"
        case featProjLayerNorm = "feat_proj_layer_norm"
        case numConvPosEmbeddings = "num_conv_pos_embeddings"
        case numConvPosEmbeddingGroups = "num_conv_pos_embedding_groups"
        case convPosBatchNorm = "conv_pos_batch_norm"
        case doStableLayerNorm = "do_stable_layer_norm"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        modelType = try fields.decode(String.self, forKey: .modelType)
        hiddenSize = try fields.decode(Int.self, forKey: .hiddenSize)
        numHiddenLayers = try fields.decode(Int.self, forKey: .numHiddenLayers)
        numAttentionHeads = try fields.decode(Int.self, forKey: .numAttentionHeads)
        intermediateSize = try fields.decode(Int.self, forKey: .intermediateSize)
        hiddenAct = try fields.decode(String.self, forKey: .hiddenAct)
        layerNormEps = try fields.decode(Float.self, forKey: .layerNormEps)
        convDim = try fields.decode([Int].self, forKey: .convDim)
        convStride = try fields.decode([Int].self, forKey: .convStride)
        convKernel = try fields.decode([Int].self, forKey: .convKernel)
        convBias = try fields.decode(Bool.self, forKey: .convBias)
        featExtractNorm = try fields.decode(String.self, forKey: .featExtractNorm)
        featExtractActivation = try fields.decode(String.self, forKey: .featExtractActivation)
        // Configs of older versions do not mention them.
        featProjLayerNorm = try fields.decodeIfPresent(Bool.self, forKey: .featProjLayerNorm) ?? true
        convPosBatchNorm = try fields.decodeIfPresent(Bool.self, forKey: .convPosBatchNorm) ?? false
        numConvPosEmbeddings = try fields.decode(Int.self, forKey: .numConvPosEmbeddings)
        numConvPosEmbeddingGroups = try fields.decode(Int.self, forKey: .numConvPosEmbeddingGroups)
        doStableLayerNorm = try fields.decode(Bool.self, forKey: .doStableLayerNorm)
    }

    /// Samples from one frame to the next, of a validated config.
    public var hopLength: Int { convStride.reduce(1, *) }

    /// Frames that the convolutions give for so many samples, of a validated config.
    public func frames(samples: Int) -> Int {
        zip(convKernel, convStride).reduce(samples) { count, layer in
            count < layer.0 ? 0 : (count - layer.0) / layer.1 + 1
        }
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try requireKind(check)
        try check.require(.hiddenSize, [hiddenSize], in: 1...16_384)
        try check.require(.numHiddenLayers, [numHiddenLayers], in: 1...256)
        try check.require(.numAttentionHeads, [numAttentionHeads], in: 1...hiddenSize)
        try check.require(.intermediateSize, [intermediateSize], in: 1...65_536)
        try check.requireCount(.convDim, convDim.count, in: 1...16)
        try check.requireCount(.convStride, convStride.count, in: convDim.count...convDim.count)
        try check.requireCount(.convKernel, convKernel.count, in: convDim.count...convDim.count)
        try check.require(.convDim, convDim, in: 1...8192)
        try check.require(.convStride, convStride, in: 1...64)
        try check.requireHop(.convStride, convStride)
        for (kernel, stride) in zip(convKernel, convStride) { try check.require(.convKernel, [kernel], in: stride...255) }
        try check.require(.numConvPosEmbeddings, [numConvPosEmbeddings], in: 1...4096)
        try check.require(.numConvPosEmbeddingGroups, [numConvPosEmbeddingGroups], in: 1...hiddenSize)
        guard hiddenSize % numAttentionHeads == 0 else {
            throw check.invalid(.numAttentionHeads, "is \(numAttentionHeads), which does not divide \(hiddenSize) channels")
        }
        guard hiddenSize % numConvPosEmbeddingGroups == 0 else {
            throw check.invalid(.numConvPosEmbeddingGroups, "is \(numConvPosEmbeddingGroups), which does not divide \(hiddenSize) channels")
        }
        guard layerNormEps > 0 && layerNormEps < 1 else { throw check.invalid(.layerNormEps, "is \(layerNormEps), expected 0..<1") }
    }

    /// Refuses the kinds of models that are not HuBERT base's.
    private func requireKind(_ check: ConfigCheck<CodingKeys>) throws {
        func require(_ field: CodingKeys, _ value: String, _ expected: String) throws {
            if value != expected { throw check.invalid(field, "is \(value), only \(expected) is supported") }
        }
        try require(.modelType, modelType, "hubert")
        try require(.hiddenAct, hiddenAct, "gelu")
        try require(.featExtractActivation, featExtractActivation, "gelu")
        try require(.featExtractNorm, featExtractNorm, "group")
        try require(.convBias, "\(convBias)", "false")
        try require(.featProjLayerNorm, "\(featProjLayerNorm)", "true")
        try require(.convPosBatchNorm, "\(convPosBatchNorm)", "false")
        try require(.doStableLayerNorm, "\(doStableLayerNorm)", "false")
    }
}
