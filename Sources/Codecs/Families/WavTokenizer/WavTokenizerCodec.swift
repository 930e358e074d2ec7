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
public struct WavTokenizerCodec: NetworkCodec, SearchableCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["wavtokenizer"]
    /// It needs the whole signal.
    public static var isStreaming: Bool { false }

    /// What the model is.
    public let description: CodecDescription
    /// Samples `[time, channels]` to latents `[frames, dimension]`.
    public let encoder: Sequential
    /// Latents to codes and back.
    public var quantizer: ResidualVectorQuantizer
    /// Latents `[frames, dimension]` to samples `[time, channels]`.
    public let decoder: Sequential

    /// A folder that Tools/convert/wavtokenizer.py made.
    public init(_ model: PretrainedModel) throws {
        let c = try model.config(WavTokenizerConfig.self).networks
        let weights = try model.weights(keyMap: Self.names, ignoring: ["head.istft.window"])
        let vocos = try VocosBackbone(c.decoder, weights, model.requireTransforms())
        let (embedding, rest) = try (vocos.embedding(inputs: c.hiddenSize), vocos.layersAndHead(conditions: [0])[0])
        encoder = try SEANet(c.network, weights / "encoder").encoder(channels: 1, latents: c.hiddenSize)
        quantizer = try ResidualVectorQuantizer(
            layers: weights / "quantizer" / "layers", stages: 1, size: c.codebookSize, dimension: c.hiddenSize)
        decoder = try Sequential(
            [embedding, WavTokenizerPositionNet(weights / "backbone" / "pos_net", channels: c.decoder.dim)] + rest)
        description = model.description(
            layout: CodeLayout(uniform: 1, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: false, latency: CodecDescription.latency(
                encoder: encoder, decoder: Sequential([embedding] + rest), hopLength: c.hopLength),
            decoders: [decoder])
    }

    /// The encoder's and the quantizer's names are those of EnCodec's original repository.
    static let names = EnCodecCodec.originalNames(prefix: "feature_extractor.encodec.")
}

/// The `config.json` that Tools/convert/wavtokenizer.py writes: the original's YAML, and what its classes have fixed.
struct WavTokenizerConfig: ModelConfig {
    @Embedded var networks: SEANetVocosConfig

    func check() throws(InvalidField) {
        let (dim, groups) = (networks.decoder.dim, WavTokenizerPositionNet.groups)
        guard dim % groups == 0 else { throw networks.decoder.$dim.invalid("is \(dim), expected a multiple of \(groups)") }
    }
}
