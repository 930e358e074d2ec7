import Checkpoints
import Layers
import Quantizers
import Tokens

/// WavTokenizer, `model_type` "wavtokenizer" (Ji et al. 2024, "WavTokenizer: an Efficient Acoustic Discrete Codec Tokenizer for
/// Audio Language Modeling"): EnCodec's encoder, one large codebook, and Vocos's decoder after a network that sees all frames.
///
///     encoder  SEANet with LSTM, centred
///     VQ       one codebook of 4096, compared as it is
///     decoder  conv k7 ─ position net ─ norm ─ ConvNeXt blocks ─ norm ─ inverse STFT
///
/// It encodes in pieces, but decodes the whole signal at once (`WavTokenizerPositionNet`): nothing comes out before the end.
/// Its stated latency leaves that wait out. Of the conditioned norms row 0 is used, as in the reference's examples.
/// Tools/convert/wavtokenizer.py makes the model folder.
public struct WavTokenizerCodec: NetworkCodec, SearchableCodec {
    public let description: CodecDescription
    public let encoder: Sequential
    public var quantizer: ResidualVectorQuantizer
    public let decoder: Sequential

    public static let modelType = "wavtokenizer"

    /// The model of a folder.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(WavTokenizerConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        self = try checkpoint.build(keyMap: Self.names, ignoring: ["head.istft.window"]) {
            try WavTokenizerCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config: WavTokenizerConfig, weights: WeightPath, name: String, parameterCount: Int, license: String) throws {
        let c = config.networks
        let vocos = VocosBackbone(c.decoder, weights)
        let (embedding, rest) = try (vocos.embedding(inputs: c.hiddenSize), vocos.layersAndHead(conditions: [0])[0])
        encoder = try SEANet(c.network, weights / "encoder").encoder(channels: 1, latents: c.hiddenSize)
        quantizer = try ResidualVectorQuantizer(
            layers: weights / "quantizer" / "layers", stages: 1, size: c.codebookSize, dimension: c.hiddenSize)
        decoder = try Sequential(
            [embedding, WavTokenizerPositionNet(weights / "backbone" / "pos_net", channels: c.decoder.dim)] + rest)
        description = CodecDescription(
            name: name, modelType: WavTokenizerCodec.modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(uniform: 1, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: false,
            latency: CodecDescription.latency(encoder: encoder, decoder: Sequential([embedding] + rest), hopLength: c.hopLength),
            isStreaming: false, parameterCount: parameterCount, license: license)
    }

    /// The encoder's and the quantizer's names are those of EnCodec's original repository.
    static let names = EnCodecCodec.originalNames(prefix: "feature_extractor.encodec.")
}
