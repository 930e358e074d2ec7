import Checkpoints
import Layers
import Quantizers
import Tokens

/// SoundStream (Zeghidour et al. 2021) in the form of Lyra v2, `model_type` "soundstream" or "lyra": convolutions from samples to
/// frames, RVQ, and the mirror image. codetta-24k and Lyra v2 are two of its models; in codetta-24k:
///
///     encoder  conv k96 s24 ─ [units ×3 ─ conv, strided] ×3 ─ blocks ─ conv k3    1 → 80 → 128 → 256 → 512 → 64 channels
///     RVQ      12 codebooks of 1024, in steps of 0.5 kb/s (Lyra: 46 of 16, of which the first 16, 30 and 46 are its bitrates)
///     decoder  conv k4 ─ blocks ─ [conv, transposed ─ units ×3] ×3 ─ conv k96 s24, transposed
///     unit     x + (lrelu ─ depthwise k3, dilation 1, 3 or 9 ─ 1×1 ─ lrelu ─ 1×1, grouped)
///     blocks   ConvNeXt at frame rate (Liu et al. 2022); Lyra has none
///
/// A leaky ReLU also stands before every convolution outside the units but the first of each network. All is causal but the
/// decoder's first convolution, which sees `decoder_lookahead` frames ahead (Lyra: none).
/// Weights: Tools/train/soundstream.py, its twin; Tools/convert/lyra.py.
public struct SoundStreamCodec: NetworkCodec, SearchableCodec {
    public let description: CodecDescription
    /// Samples `[time, 1]` to latents `[time, codebook_dim]`.
    public let encoder: Sequential
    public var quantizer: ResidualVectorQuantizer
    /// Latents `[time, codebook_dim]` to samples `[time, 1]`.
    public let decoder: Sequential
    public var filledFrames: Int? { 1 }

    /// The model of a folder.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(SoundStreamConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        self = try checkpoint.build {
            try SoundStreamCodec(
                config: config, weights: $0, name: folder.name, modelType: folder.modelType(), parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config c: SoundStreamConfig, weights: WeightPath, name: String, modelType: String, parameterCount: Int, license: String) throws {
        encoder = try SoundStreamNetwork(c, weights / "encoder").encoder()
        quantizer = try ResidualVectorQuantizer(
            stacked: "codebooks", in: weights / "quantizer", stages: c.numCodebooks, size: c.codebookSize,
            dimension: c.codebookDim)
        decoder = try SoundStreamNetwork(c, weights / "decoder").decoder()
        description = CodecDescription(
            name: name, modelType: modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(
                uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true, latency: c.hopLength * (1 + c.decoderLookahead), parameterCount: parameterCount, license: license)
    }

    /// The names that configs give it.
    public static let modelTypes = ["soundstream", "lyra"]
}
