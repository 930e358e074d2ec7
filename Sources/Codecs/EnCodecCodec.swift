import Checkpoints
import Layers
import Quantizers
import TokenStream

/// EnCodec, `model_type` "encodec" (Défossez et al. 2022, "High Fidelity Neural Audio Compression"): SEANet networks with
/// an LSTM around an RVQ. The 24 kHz model is causal; MusicGen's 32 kHz model is centred. See `SEANet` for the figure.
///
/// Signals are mirrored at both ends, and the last frame is completed so in each strided layer, as in the reference.
/// A mirrored start is known only once the samples that it mirrors have come: the causal model gives its first codes
/// after 7 frames, all at once. That is its stated latency; from then on a frame is coded and decoded as it comes.
///
/// Models that code segments of their own level (48 kHz) are refused.
public struct EnCodecCodec: NetworkCodec, SearchableCodec {
    public let description: CodecDescription
    public let encoder: Sequential
    public var quantizer: ResidualVectorQuantizer
    public let decoder: Sequential

    public static let modelType = "encodec"

    /// The model of a folder: a Hugging Face `EncodecModel`, or tensors named as in the original repository.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(EnCodecConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        self = try checkpoint.build(keyMap: Self.originalNames()) {
            try EnCodecCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config c: EnCodecConfig, weights: WeightPath, name: String, parameterCount: Int, license: String) throws {
        encoder = try SEANet(c.network, weights / "encoder").encoder(channels: c.audioChannels, latents: c.hiddenSize)
        quantizer = try ResidualVectorQuantizer(
            layers: weights / "quantizer" / "layers", stages: c.numCodebooks, size: c.codebookSize, dimension: c.hiddenSize)
        decoder = try SEANet(c.network, weights / "decoder").decoder(latents: c.hiddenSize, channels: c.audioChannels)
        description = CodecDescription(
            name: name, modelType: EnCodecCodec.modelType, sampleRate: c.samplingRate, channels: c.audioChannels,
            layout: CodeLayout(
                uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true,
            latency: CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength),
            parameterCount: parameterCount, license: license)
    }

    /// The original repository's names, which wrap every convolution once more; none is also a Hugging Face name.
    /// - Parameter prefix: before every name in the checkpoint, with its dot.
    static func originalNames(prefix: String = "") -> KeyMap {
        let networks = ["encoder", "decoder"].flatMap { network -> [(from: String, to: String)] in
            let (from, to) = ("\(prefix)\(network).model.{i}", "\(network).layers.{i}")
            return [
                ("\(from).conv.conv.*", "\(to).conv.*"), ("\(from).convtr.convtr.*", "\(to).conv.*"),
                ("\(from).lstm.*", "\(to).lstm.*"), ("\(from).shortcut.conv.conv.*", "\(to).shortcut.conv.*"),
                ("\(from).block.{j}.conv.conv.*", "\(to).block.{j}.conv.*"),
            ]
        }
        return KeyMap(networks + [("\(prefix)quantizer.vq.layers.{i}._codebook.*", "quantizer.layers.{i}.codebook.*")])
    }
}
