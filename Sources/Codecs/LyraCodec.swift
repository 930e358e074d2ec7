import Checkpoints
import Layers
import Quantizers
import Tensors
import TokenStream

/// Lyra v2, `model_type` "lyra": SoundStream (Zeghidour et al. 2021) for speech at 16 kHz, in steps of 20 ms.
///
///     encoder  conv k64 s16 ─ [units ×3 ─ conv, strided] ×3 ─ conv k3          1 → 64 → 128 → 256 → 512 → 64 channels
///     RVQ      46 codebooks of 16: the first 16, 30 and 46 are Lyra's 3.2, 6 and 9.2 kb/s
///     decoder  conv k3 ─ [conv, transposed ─ units ×3] ×3 ─ conv k64 s16, transposed
///     unit     x + (lrelu ─ depthwise k3, dilation 1, 3 or 9 ─ 1×1 ─ lrelu ─ 1×1, grouped)
///
/// A leaky ReLU also stands before every convolution outside the units but the first of each network. All is causal.
/// Weights: Tools/convert/lyra.py.
public struct LyraCodec: NetworkCodec {
    public let description: CodecDescription
    /// Samples `[time, 1]` to latents `[time, codebook_dim]`.
    public let encoder: Sequential
    public let quantizer: ResidualVectorQuantizer
    /// Latents `[time, codebook_dim]` to samples `[time, 1]`.
    public let decoder: Sequential
    public var fillsLastFrame: Bool { true }

    /// The model of a folder.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(LyraConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        self = try checkpoint.build {
            try LyraCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config c: LyraConfig, weights: WeightPath, name: String, parameterCount: Int, license: String) throws {
        encoder = try LyraNetwork(c, weights / "encoder").encoder()
        quantizer = try ResidualVectorQuantizer(
            stacked: "codebooks", in: weights / "quantizer", stages: c.numCodebooks, size: c.codebookSize,
            dimension: c.codebookDim)
        decoder = try LyraNetwork(c, weights / "decoder").decoder()
        description = CodecDescription(
            name: name, modelType: LyraCodec.modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(
                uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true, latency: c.hopLength, parameterCount: parameterCount, license: license)
    }

    public static let modelType = "lyra"
}
