import Checkpoints
import Layers
import Transforms

/// The decoder of Vocos (Siuzdak 2023, "Vocos: Closing the gap between time-domain and Fourier-based neural vocoders"), which
/// stays at frame rate and ends in an inverse Fourier transform:
///
///     conv k7 ─ norm ─ ConvNeXt blocks ─ norm ─ magnitudes and phases ─ inverse STFT
///
/// All is centred and padded with zeros.
struct VocosBackbone {
    private let c: VocosConfig
    private let weights: WeightPath
    private let transforms: any FourierTransforms

    /// - Parameter weights: where `backbone` and `head` are.
    init(_ config: VocosConfig, _ weights: WeightPath, _ transforms: any FourierTransforms) {
        c = config
        self.weights = weights
        self.transforms = transforms
    }

    /// The whole decoder, `[time, inputs]` to samples `[time, 1]`, as many times as there are conditions.
    /// - Parameter conditions: as those of `layersAndHead`.
    func decoders(inputs: Int, conditions: [Int]) throws -> [Sequential] {
        let embedding = try embedding(inputs: inputs)
        return try layersAndHead(conditions: conditions).map { Sequential([embedding] + $0) }
    }

    /// `[time, inputs]` to `[time, dim]`.
    func embedding(inputs: Int) throws -> Conv1d {
        try Conv1d(weights / "backbone" / "embed", inputs, c.dim, kernel: 7, padding: .centred)
    }

    /// All that follows the embedding: `[time, dim]` to samples `[time, 1]`, once for each condition.
    /// - Parameter conditions: rows of the conditioned norms, each below `adanorm_num_embeddings`; all else is shared.
    func layersAndHead(conditions: [Int]) throws -> [[any StreamingLayer]] {
        let backbone = weights / "backbone"
        let blocks = try (0..<c.numLayers).map { try block(backbone / "convnext" / $0) }
        let head: [any StreamingLayer] = [
            try LayerNorm(backbone / "final_layer_norm", channels: c.dim, epsilon: 1e-6),
            try Linear(weights / "head" / "out", c.dim, c.fftSize + 2),
            try InverseSTFTHead(fftSize: c.fftSize, hopLength: c.hopLength, isCentred: c.isCentred, transforms: transforms),
        ]
        return try conditions.map { condition in
            let first = try norm(backbone / "norm", condition)
            let conditioned = try blocks.enumerated().map { i, block in
                var block = block
                block.norm = try norm(backbone / "convnext" / i / "norm", condition)
                return block
            }
            return [first] + conditioned + head
        }
    }

    /// A block with a plain norm in place of its own.
    private func block(_ path: WeightPath) throws -> ConvNeXtBlock {
        try ConvNeXtBlock(
            depthwise: Conv1d(path / "dwconv", c.dim, c.dim, kernel: 7, groups: c.dim, padding: .centred),
            norm: LayerNorm(channels: c.dim, epsilon: 1e-6),
            expand: Linear(path / "pwconv1", c.dim, c.intermediateDim, activation: .gelu),
            contract: Linear(path / "pwconv2", c.intermediateDim, c.dim, outputScale: path.tensor("gamma", shape: [c.dim])))
    }

    /// A norm whose weight and bias are the row `condition` of a table where it is conditioned.
    private func norm(_ path: WeightPath, _ condition: Int) throws -> LayerNorm {
        guard let rows = c.adanormNumEmbeddings else { return try LayerNorm(path, channels: c.dim, epsilon: 1e-6) }
        func row(_ name: String) throws -> [Float] {
            let table = try (path / name).tensor("weight", shape: [rows, c.dim])
            return Array(table[(condition * c.dim)..<((condition + 1) * c.dim)])
        }
        return try LayerNorm(channels: c.dim, weight: row("scale"), bias: row("shift"), epsilon: 1e-6)
    }
}

/// The fields of `config.json` that describe a Vocos decoder: its backbone and its head.
struct VocosConfig: ModelConfig {
    /// Channels of the backbone.
    @Field(in: 1...16_384) var dim: Int
    /// Channels inside a block.
    @Field(in: 1...65_536) var intermediateDim: Int
    @Field(in: 1...256) var numLayers: Int
    /// Rows of each conditioned norm, of which one is used; nil if the norms are not conditioned.
    @Field(in: 1...1024) var adanormNumEmbeddings: Int?
    /// Samples of the inverse Fourier transform.
    @Field("n_fft") var fftSize: Int
    /// Samples per frame.
    @Field(in: 1...65_536) var hopLength: Int
    /// `same`, where a frame is centred on its hop, or for vocoders `center`, where it is centred on its hop's first sample.
    @Field var padding: String

    var isCentred: Bool { padding == "center" }

    func check() throws(InvalidField) {
        try $fftSize.require(in: max(2, hopLength)...65_536)
        guard (fftSize - hopLength) % 2 == 0 && fftSize % 2 == 0 else {
            throw $fftSize.invalid("is \(fftSize), expected an even number that is hop_length and twice a padding")
        }
        guard padding == "same" || isCentred else { throw $padding.invalid("is \"\(padding)\", expected same or center") }
        guard !isCentred || fftSize >= 2 * hopLength else {
            throw $fftSize.invalid("is \(fftSize), expected at least two of hop_length, \(hopLength)")
        }
    }
}
