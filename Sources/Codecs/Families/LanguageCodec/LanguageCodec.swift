import Checkpoints
import Layers
import Quantizers
import Tokens

/// Language-Codec, `model_type` "languagecodec" (Ji et al. 2024, "Language-Codec: Reducing the Gaps Between Discrete Codec
/// Representation and Speech Language Models"): EnCodec's encoder, codebooks that share the information evenly, Vocos's decoder.
///
///     encoder  SEANet with LSTM, centred
///     MCRVQ    three codebooks of a third of the channels each, then residual ones
///     decoder  conv k7 ─ norm ─ ConvNeXt blocks ─ norm ─ inverse STFT
///
/// All is centred, so that it streams with a fixed lookahead. Of the conditioned norms row 0 is used, as in the reference's
/// examples. The model was trained with three codebooks and more; one or two are possible and sound poor.
/// Tools/convert/languagecodec.py makes the model folder.
public struct LanguageCodec: NetworkCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["languagecodec"]

    /// What the model is.
    public let description: CodecDescription
    /// Samples `[time, channels]` to latents `[frames, dimension]`.
    public let encoder: Sequential
    /// Latents to codes and back.
    public let quantizer: MaskedChannelResidualVectorQuantizer
    /// Latents `[frames, dimension]` to samples `[time, channels]`.
    public let decoder: Sequential

    /// A folder that Tools/convert/languagecodec.py made.
    public init(_ model: PretrainedModel) throws {
        let config = try model.config(LanguageCodecConfig.self)
        let c = config.networks
        let weights = try model.weights(keyMap: Self.names, ignoring: ["head.istft.window"])
        encoder = try SEANet(c.network, weights / "encoder").encoder(channels: 1, latents: c.hiddenSize)
        quantizer = try MaskedChannelResidualVectorQuantizer(
            stages: ResidualVectorQuantizer(
                layers: weights / "quantizer" / "layers", stages: config.numQuantizers, size: c.codebookSize,
                dimension: c.hiddenSize
            ).stages,
            maskedStages: LanguageCodecConfig.maskedQuantizers)
        decoder = try VocosBackbone(c.decoder, weights, model.requireTransforms()).decoders(inputs: c.hiddenSize, conditions: [0])[0]
        description = model.description(
            layout: CodeLayout(uniform: config.numQuantizers, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            latency: CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength), decoders: [decoder])
    }

    /// The encoder's and the quantizer's names are those of EnCodec's original repository.
    static let names = EnCodecCodec.originalNames(prefix: "feature_extractor.encodec.")
}

/// The `config.json` that Tools/convert/languagecodec.py writes: the original's YAML, and what its classes have fixed.
struct LanguageCodecConfig: ModelConfig {
    @Field(in: LanguageCodecConfig.maskedQuantizers...256) var numQuantizers: Int
    @Embedded var networks: SEANetVocosConfig

    /// Codebooks that see a third of the latents' channels each.
    static let maskedQuantizers = 3

    func check() throws(InvalidField) { try networks.$hiddenSize.require(in: Self.maskedQuantizers...8192) }
}
