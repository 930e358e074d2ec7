import Checkpoints
import Layers
import Spectral
import Tensors

/// The decoder of Vocos (Siuzdak 2023, "Vocos: Closing the gap between time-domain and Fourier-based neural vocoders"), which
/// stays at frame rate and ends in an inverse Fourier transform:
///
///     conv k7 ─ norm ─ ConvNeXt blocks ─ norm ─ magnitudes and phases ─ inverse STFT
///
/// All is centred and padded with zeros.
struct VocosBackbone {
    private let c: VocosConfig
    private let weights: WeightPath
    /// The row of each conditioned norm.
    private let condition: Int

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: where `backbone` and `head` are.
    ///   - condition: below `adanorm_num_embeddings`.
    init(_ config: VocosConfig, _ weights: WeightPath, condition: Int = 0) {
        c = config
        self.weights = weights
        self.condition = condition
    }

    /// `[time, inputs]` to `[time, dim]`.
    func embedding(inputs: Int) throws -> Conv1d {
        try Conv1d(weights / "backbone" / "embed", inputs, c.dim, kernel: 7, padding: .centred)
    }

    /// All that follows: `[time, dim]` to samples `[time, 1]`.
    func layersAndHead() throws -> [any StreamingLayer] {
        let backbone = weights / "backbone"
        var layers: [any StreamingLayer] = [try norm(backbone / "norm")]
        for i in 0..<c.numLayers { layers.append(try block(backbone / "convnext" / i)) }
        layers.append(try LayerNorm(backbone / "final_layer_norm", channels: c.dim, epsilon: 1e-6))
        layers.append(try linear(weights / "head" / "out", c.dim, c.fftSize + 2))
        layers.append(try InverseSTFTHead(fftSize: c.fftSize, hopLength: c.hopLength))
        return layers
    }

    private func block(_ path: WeightPath) throws -> ConvNeXtBlock {
        try ConvNeXtBlock(
            depthwise: Conv1d(path / "dwconv", c.dim, c.dim, kernel: 7, groups: c.dim, padding: .centred),
            norm: norm(path / "norm"),
            expand: linear(path / "pwconv1", c.dim, c.intermediateDim, activation: .gelu),
            contract: linear(path / "pwconv2", c.intermediateDim, c.dim, scale: path.tensor("gamma", shape: [c.dim])))
    }

    /// A norm whose weight and bias are a row of a table where it is conditioned.
    private func norm(_ path: WeightPath) throws -> LayerNorm {
        guard let rows = c.adanormNumEmbeddings else { return try LayerNorm(path, channels: c.dim, epsilon: 1e-6) }
        func row(_ name: String) throws -> [Float] {
            let table = try (path / name).tensor("weight", shape: [rows, c.dim])
            return Array(table[(condition * c.dim)..<((condition + 1) * c.dim)])
        }
        return try LayerNorm(channels: c.dim, weight: row("scale"), bias: row("shift"), epsilon: 1e-6)
    }

    private func linear(
        _ path: WeightPath, _ inputs: Int, _ outputs: Int, scale: [Float]? = nil, activation: Activation = .identity
    ) throws -> Linear {
        try Linear(
            weight: path.tensor("weight", shape: [outputs, inputs]), bias: path.tensor("bias", shape: [outputs]),
            inputChannels: inputs, outputChannels: outputs, outputScale: scale, activation: activation)
    }
}
