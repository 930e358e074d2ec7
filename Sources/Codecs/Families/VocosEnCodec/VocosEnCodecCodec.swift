import Checkpoints
import Layers
import Quantizers
import Tokens

/// Vocos for EnCodec's tokens, `model_type` "vocos-encodec" (Siuzdak 2023, "Vocos: Closing the gap between time-domain and
/// Fourier-based neural vocoders for high-quality audio synthesis"): codes are EnCodec's, and decode to better audio.
///
///     encoder  EnCodec's SEANet with LSTM, causal
///     RVQ      EnCodec's first codebooks
///     decoder  conv k7 ─ norm ─ ConvNeXt blocks ─ norm ─ inverse STFT, centred
///
/// The norms' scales and shifts depend on the bandwidth. The reference knows a few bandwidths (1.5, 3, 6 and 12 kb/s: 2, 4, 8 and
/// 16 codebooks); other numbers of codebooks are decoded with the row of the next higher one.
/// Tools/convert/vocos.py makes the model folder.
public struct VocosEnCodecCodec: NetworkCodec, SearchableCodec {
    public let description: CodecDescription
    public let encoder: Sequential
    public var quantizer: ResidualVectorQuantizer
    /// One for each bandwidth; they differ in their norms alone.
    private let decoders: [Sequential]
    /// Codebooks of each bandwidth.
    private let codebookCounts: [Int]

    public static let modelType = "vocos-encodec"

    /// The decoder of the highest bandwidth.
    public var decoder: Sequential { decoders[decoders.count - 1] }

    public func decoder(codebooks: Int) -> Sequential {
        codebookCounts.firstIndex { $0 >= codebooks }.map { decoders[$0] } ?? decoder
    }

    /// The model of a folder.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(VocosEnCodecConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        self = try checkpoint.build(keyMap: Self.names, ignoring: ["head.istft.window"]) {
            try VocosEnCodecCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config: VocosEnCodecConfig, weights: WeightPath, name: String, parameterCount: Int, license: String) throws {
        let c = config.networks
        codebookCounts = config.codebookCounts
        let codebooks = codebookCounts[codebookCounts.count - 1]
        encoder = try SEANet(c.network, weights / "encoder").encoder(channels: 1, latents: c.hiddenSize)
        quantizer = try ResidualVectorQuantizer(
            layers: weights / "quantizer" / "layers", stages: codebooks, size: c.codebookSize, dimension: c.hiddenSize)
        decoders = try VocosBackbone(c.decoder, weights)
            .decoders(inputs: c.hiddenSize, conditions: Array(codebookCounts.indices))
        description = CodecDescription(
            name: name, modelType: VocosEnCodecCodec.modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(uniform: codebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true,
            latency: CodecDescription.latency(encoder: encoder, decoder: decoders[0], hopLength: c.hopLength),
            parameterCount: parameterCount, license: license)
    }

    /// The encoder's and the quantizer's names are those of EnCodec's original repository.
    static let names = EnCodecCodec.originalNames(prefix: "feature_extractor.encodec.")
}
