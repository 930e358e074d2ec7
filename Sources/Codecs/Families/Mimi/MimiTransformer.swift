import Checkpoints
import Layers

/// The transformer at either side of Mimi's quantizer: pre-norm layers with rotary positions, each frame seeing the last
/// `sliding_window` frames, and a factor for each channel of what a layer adds.
enum MimiTransformer {
    /// The layers at `weights`, as Hugging Face names their parts.
    static func layers(_ config: MimiTransformerConfig, _ weights: WeightPath, channels: Int) throws -> [any StreamingLayer] {
        try (0..<config.numHiddenLayers).map { try layer(config, weights / "layers" / $0, channels: channels) }
    }

    private static func layer(_ c: MimiTransformerConfig, _ path: WeightPath, channels: Int) throws -> TransformerLayer {
        let attention = path / "self_attn"
        let headSize = c.headSize(hiddenSize: channels)
        let (width, keyWidth) = (c.numAttentionHeads * headSize, c.numKeyValueHeads * headSize)
        func linear(_ path: WeightPath, _ inputs: Int, _ outputs: Int, hasBias: Bool, scale: [Float]? = nil) throws -> Linear {
            try Linear(
                weight: path.tensor("weight", shape: [outputs, inputs]),
                bias: hasBias ? path.tensor("bias", shape: [outputs]) : nil,
                inputChannels: inputs, outputChannels: outputs, outputScale: scale)
        }
        func scale(_ name: String) throws -> [Float] { try (path / name).tensor("scale", shape: [channels]) }
        return try TransformerLayer(
            attentionNorm: LayerNorm(path / "input_layernorm", channels: channels, epsilon: Float(c.normEpsilon)),
            attention: Attention(
                query: linear(attention / "q_proj", channels, width, hasBias: c.attentionBias),
                key: linear(attention / "k_proj", channels, keyWidth, hasBias: c.attentionBias),
                value: linear(attention / "v_proj", channels, keyWidth, hasBias: c.attentionBias),
                output: linear(
                    attention / "o_proj", width, channels, hasBias: c.attentionBias, scale: scale("self_attn_layer_scale")),
                heads: c.numAttentionHeads, keyHeads: c.numKeyValueHeads, window: c.slidingWindow,
                rotary: RotaryEmbedding(headSize: headSize, pairing: .halfSplit, base: Float(c.ropeBase))),
            feedForwardNorm: LayerNorm(path / "post_attention_layernorm", channels: channels, epsilon: Float(c.normEpsilon)),
            feedForward: FeedForward(
                expand: Linear(
                    weight: (path / "mlp" / "fc1").tensor("weight", shape: [c.intermediateSize, channels]),
                    inputChannels: channels, outputChannels: c.intermediateSize, activation: .gelu),
                contract: linear(path / "mlp" / "fc2", c.intermediateSize, channels, hasBias: false, scale: scale("mlp_layer_scale"))))
    }
}

/// The fields of a `MimiModel`'s `config.json` that describe its transformers.
struct MimiTransformerConfig: ModelConfig {
    @Field(in: 1...256) var numHiddenLayers: Int
    /// Channels inside the feed-forward layers.
    @Field(in: 1...65_536) var intermediateSize: Int
    @Field var numAttentionHeads: Int
    /// Heads of keys and values, shared by neighbouring heads of queries.
    @Field var numKeyValueHeads: Int
    /// Channels of a head; nil is an even share of the layer's.
    @Field(in: 2...1024) var headDim: Int?
    /// The exact one.
    @Field(only: "gelu") var hiddenAct: String
    /// Frames that a frame sees, itself included.
    @Field(in: 1...65_536) var slidingWindow: Int
    @Field("norm_eps", above: 0, below: 1) var normEpsilon: Double
    @Field var attentionBias: Bool
    /// Base of the rotary embedding, where published configs have it.
    @Field var ropeTheta: Double?
    /// Base of the rotary embedding, where newer configs have it.
    @Field var ropeParameters: RopeParameters?

    /// Rotary embedding as transformers 5 writes it.
    struct RopeParameters: ModelConfig {
        @Field var ropeTheta: Double?
        @Field(default: "default", only: "default") var ropeType: String
    }

    var ropeBase: Double { ropeParameters?.ropeTheta ?? ropeTheta ?? 10_000 }

    /// Channels of a head.
    func headSize(hiddenSize: Int) -> Int { headDim ?? hiddenSize / numAttentionHeads }

    /// As `check()`, for layers of `hiddenSize` channels.
    func check(hiddenSize: Int) throws(InvalidField) {
        try $numAttentionHeads.require(in: 1...hiddenSize)
        try $numKeyValueHeads.require(in: 1...numAttentionHeads)
        try $numAttentionHeads.requireDivides(hiddenSize, "of hidden_size")
        try $numKeyValueHeads.requireDivides(numAttentionHeads, "of num_attention_heads")
        guard headSize(hiddenSize: hiddenSize) % 2 == 0 else {
            throw $headDim.invalid("makes heads of \(headSize(hiddenSize: hiddenSize)) channels, expected an even number")
        }
        guard ropeBase > 1 && ropeBase < 1e30 else {
            let reason = "has the base \(ropeBase), expected more than 1"
            throw ropeParameters?.ropeTheta == nil ? $ropeTheta.invalid(reason) : $ropeParameters.invalid(reason)
        }
    }
}
