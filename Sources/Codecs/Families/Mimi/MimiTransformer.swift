import Checkpoints
import Layers

/// The transformer at either side of Mimi's quantizer: pre-norm layers with rotary positions, each frame seeing the last
/// `sliding_window` frames, and a factor for each channel of what a layer adds.
enum MimiTransformer {
    /// The layers at `weights`, as Hugging Face names their parts.
    /// - Parameter config: validated.
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
