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
public struct LanguageCodec: NetworkCodec {
    public let description: CodecDescription
    public let encoder: Sequential
    public let quantizer: MaskedChannelResidualVectorQuantizer
    public let decoder: Sequential

    public static let modelType = "languagecodec"

    /// The model of a folder.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(LanguageCodecConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        self = try checkpoint.build(keyMap: Self.names, ignoring: ["head.istft.window"]) {
            try LanguageCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config: LanguageCodecConfig, weights: WeightPath, name: String, parameterCount: Int, license: String) throws {
        let c = config.networks
        encoder = try SEANet(c.network, weights / "encoder").encoder(channels: 1, latents: c.hiddenSize)
        quantizer = try MaskedChannelResidualVectorQuantizer(
            stages: ResidualVectorQuantizer(
                layers: weights / "quantizer" / "layers", stages: config.numQuantizers, size: c.codebookSize,
                dimension: c.hiddenSize
            ).stages,
            maskedStages: LanguageCodecConfig.maskedQuantizers)
        decoder = try VocosBackbone(c.decoder, weights).decoders(inputs: c.hiddenSize, conditions: [0])[0]
        description = CodecDescription(
            name: name, modelType: LanguageCodec.modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(
                uniform: config.numQuantizers, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true,
            latency: CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength),
            parameterCount: parameterCount, license: license)
    }

    /// The encoder's and the quantizer's names are those of EnCodec's original repository.
    static let names = EnCodecCodec.originalNames(prefix: "feature_extractor.encodec.")
}
