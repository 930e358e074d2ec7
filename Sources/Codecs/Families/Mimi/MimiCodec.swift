import Checkpoints
import Layers
import Quantizers
import Tokens

/// Mimi, `model_type` "mimi" (Défossez et al. 2024, "Moshi"): causal SEANet networks with a transformer at either side of the
/// quantizer, whose first codebook holds what is said and whose others how it sounds.
///
///     encoder  SEANet ─ transformer ─ conv, stride 2
///     codes    semantic RVQ of 1 codebook beside an acoustic RVQ of 31, both of the same latents
///     decoder  conv, transposed, stride 2 ─ transformer ─ SEANet
///
/// All is causal, and the transformers see a sliding window: a frame of 80 ms is coded and decoded as it comes, and memory
/// does not grow. See `SEANet` and `MimiTransformer` for the parts.
public struct MimiCodec: NetworkCodec, SearchableCodec {
    public let description: CodecDescription
    public let encoder: Sequential
    public var quantizer: SplitResidualVectorQuantizer
    public let decoder: Sequential

    public static let modelType = "mimi"

    /// The model of a folder: a Hugging Face `MimiModel`.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(MimiConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        self = try checkpoint.build {
            try MimiCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config c: MimiConfig, weights: WeightPath, name: String, parameterCount: Int, license: String) throws {
        encoder = try Self.encoder(c, weights)
        quantizer = try Self.quantizer(c, weights / "quantizer")
        decoder = try Self.decoder(c, weights)
        description = CodecDescription(
            name: name, modelType: MimiCodec.modelType, sampleRate: c.samplingRate, channels: c.audioChannels,
            layout: CodeLayout(
                uniform: c.numQuantizers, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true,
            latency: CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength),
            parameterCount: parameterCount, license: license)
    }

    private static func encoder(_ c: MimiConfig, _ weights: WeightPath) throws -> Sequential {
        let (width, kernel) = (c.hiddenSize, 2 * c.latentStride)
        let downsample = try Conv1d(
            weight: (weights / "downsample" / "conv").tensor("weight", shape: [width, width, kernel]),
            inputChannels: width, outputChannels: width, kernelSize: kernel, stride: c.latentStride,
            padding: c.network.useCausalConv ? .causal : .centred, paddingMode: .replicate)
        return try Sequential(
            [SEANet(c.network, weights / "encoder").encoder(channels: c.audioChannels, latents: width)]
                + MimiTransformer.layers(c.transformer, weights / "encoder_transformer", channels: width) + [downsample])
    }

    private static func quantizer(_ c: MimiConfig, _ weights: WeightPath) throws -> SplitResidualVectorQuantizer {
        func half(_ name: String, stages: Int) throws -> ResidualVectorQuantizer {
            let path = weights / "\(name)_residual_vector_quantizer"
            return try ResidualVectorQuantizer(
                layers: path / "layers", stages: stages, size: c.codebookSize, dimension: c.quantizerDim,
                projections: c.quantizerDim == c.hiddenSize
                    ? .none
                    : Projections(
                        inward: path / "input_proj", outward: path / "output_proj", outerDimension: c.hiddenSize,
                        innerDimension: c.quantizerDim))
        }
        return try SplitResidualVectorQuantizer(
            first: half("semantic", stages: c.numSemanticQuantizers),
            second: half("acoustic", stages: c.numQuantizers - c.numSemanticQuantizers))
    }

    private static func decoder(_ c: MimiConfig, _ weights: WeightPath) throws -> Sequential {
        let (width, kernel) = (c.hiddenSize, 2 * c.latentStride)
        let trim = c.network.convTransposeTrim(stride: c.latentStride)
        let upsample = try ConvTranspose1d(
            weight: (weights / "upsample" / "conv").tensor("weight", shape: [width, width / c.upsampleGroups, kernel]),
            inputChannels: width, outputChannels: width, kernelSize: kernel, stride: c.latentStride,
            groups: c.upsampleGroups, trimLeft: trim.left, trimRight: trim.right)
        return try Sequential(
            [upsample] + MimiTransformer.layers(c.transformer, weights / "decoder_transformer", channels: width)
                + [SEANet(c.network, weights / "decoder").decoder(latents: width, channels: c.audioChannels)])
    }
}
