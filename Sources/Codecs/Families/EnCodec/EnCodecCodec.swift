import Checkpoints
import Layers
import Quantizers
import Tokens

/// EnCodec, `model_type` "encodec" (Défossez et al. 2022, "High Fidelity Neural Audio Compression"): SEANet networks with
/// an LSTM around an RVQ. The 24 kHz model is causal; MusicGen's 32 kHz model is centred. See `SEANet` for the figure.
///
/// Signals are mirrored at both ends, and the last frame is completed so in each strided layer, as in the reference.
/// A mirrored start is known only once the samples that it mirrors have come: the causal model gives its first codes
/// after 7 frames, all at once. That is its stated latency; from then on a frame is coded and decoded as it comes.
///
/// The 48 kHz model codes overlapping segments of a second, each divided by its level, with networks that norm over the whole
/// segment: it streams a segment at a time. Levels travel beside the codes (`Codes.segments`).
public struct EnCodecCodec: NetworkCodec, SearchableCodec {
    public let description: CodecDescription
    public let encoder: Sequential
    public var quantizer: ResidualVectorQuantizer
    public let decoder: Sequential
    /// How the signal is cut into segments that are coded by themselves; nil if it is coded as a whole.
    public let segmentation: Segmentation?

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
        segmentation = c.segmentation
        // A sample in the overlap of two segments is known once the second one is complete.
        let latency = segmentation?.length
            ?? CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength)
        description = CodecDescription(
            name: name, modelType: EnCodecCodec.modelType, sampleRate: c.samplingRate, channels: c.audioChannels,
            layout: CodeLayout(
                uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true, latency: latency, parameterCount: parameterCount, license: license)
    }

    public func makeEncoder(codebooks: Int) throws -> any CodecEncoder {
        try requireCodebooks(codebooks)
        guard let segmentation else { return NetworkEncoder(codec: self, codebooks: codebooks) }
        return SegmentEncoder(codec: self, codebooks: codebooks, segmentation: segmentation)
    }

    public func makeDecoder(codebooks: Int) throws -> any CodecDecoder {
        try requireCodebooks(codebooks)
        guard let segmentation else { return NetworkDecoder(codec: self, codebooks: codebooks) }
        return SegmentDecoder(codec: self, codebooks: codebooks, segmentation: segmentation)
    }

    /// The original repository's names, which wrap every convolution once more; none is also a Hugging Face name.
    /// - Parameter prefix: before every name in the checkpoint, with its dot.
    static func originalNames(prefix: String = "") -> KeyMap {
        let networks = ["encoder", "decoder"].flatMap { network -> [(from: String, to: String)] in
            let (from, to) = ("\(prefix)\(network).model.{i}", "\(network).layers.{i}")
            return [
                ("\(from).conv.conv.*", "\(to).conv.*"), ("\(from).convtr.convtr.*", "\(to).conv.*"),
                ("\(from).conv.norm.*", "\(to).norm.*"), ("\(from).convtr.norm.*", "\(to).norm.*"),
                ("\(from).shortcut.conv.norm.*", "\(to).shortcut.norm.*"),
                ("\(from).block.{j}.conv.norm.*", "\(to).block.{j}.norm.*"),
                ("\(from).lstm.*", "\(to).lstm.*"), ("\(from).shortcut.conv.conv.*", "\(to).shortcut.conv.*"),
                ("\(from).block.{j}.conv.conv.*", "\(to).block.{j}.conv.*"),
            ]
        }
        return KeyMap(networks + [("\(prefix)quantizer.vq.layers.{i}._codebook.*", "quantizer.layers.{i}.codebook.*")])
    }
}
