import Checkpoints
import Kernels
import Layers
import Quantizers
import Tokens

/// HiFi-Codec, `model_type` "hificodec" (Yang et al. 2023, "HiFi-Codec: Group-residual Vector quantization for High Fidelity
/// Audio Codec"): HiFi-GAN's generator, its mirror image as encoder, and a GRVQ of two stages between them.
///
///     encoder  conv k7 ─ [leaky ReLU ─ conv, strided ─ normed blocks] per rate ─ leaky ReLU ─ conv k3
///     GRVQ     groups of channels, two codebooks each, compared as they are
///     decoder  conv k7 ─ [leaky ReLU ─ conv, transposed ─ blocks] per rate ─ leaky ReLU ─ conv k7 ─ tanh
///
/// The blocks are `HiFiCodecStage`'s. The encoder's norms are over all of time: it codes the whole signal at once, in memory that
/// grows by some 10 kB for every millisecond at 24 kHz. The decoder streams; the stated latency leaves the encoder's wait out.
/// Zeros fill the last frame, which the reference drops where it is incomplete. The original decodes all codebooks or none.
/// Tools/convert/hificodec.py makes the model folder.
public struct HiFiCodec: NetworkCodec, SearchableCodec {
    public let description: CodecDescription
    public let encoder: Sequential
    public var quantizer: GroupedResidualVectorQuantizer
    public let decoder: Sequential
    public var filledFrames: Int? { 1 }

    public static let modelType = "hificodec"

    /// The model of a folder.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(HiFiCodecConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        self = try checkpoint.build {
            try HiFiCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config c: HiFiCodecConfig, weights: WeightPath, name: String, parameterCount: Int, license: String) throws {
        let networks = try Self.encoders(c, weights / "encoder")
        encoder = networks.whole
        quantizer = try Self.quantizer(c, weights / "quantizer")
        decoder = try Self.decoder(c, weights / "generator")
        description = CodecDescription(
            name: name, modelType: HiFiCodec.modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(
                uniform: c.codeGroups * HiFiCodecConfig.quantizerStages, size: c.codes, hopLength: c.hopLength,
                sampleRate: c.samplingRate),
            isTruncatable: false,
            latency: CodecDescription.latency(encoder: networks.unnormed, decoder: decoder, hopLength: c.hopLength),
            isStreaming: false, parameterCount: parameterCount, license: license)
    }

    /// The encoder, and what it would be without its norms, which says when a frame could be known.
    private static func encoders(_ c: HiFiCodecConfig, _ weights: WeightPath) throws -> (whole: Sequential, unnormed: Sequential) {
        let leaky = Activation.leakyReLU(slope: HiFiCodecStage.slope)
        let blocks = c.resblockKernelSizes.count
        var width = c.encoderInitialChannel
        var whole: [any StreamingLayer] = [
            try Conv1d(weights / "conv_pre", 1, width, kernel: 7, padding: .centred, activation: leaky)
        ]
        var unnormed = whole
        for (i, (stride, kernel)) in zip(c.upsampleRates, c.upsampleKernelSizes).reversed().enumerated() {
            let padding = (kernel - stride) / 2
            let convolution = try Conv1d(
                weights / "ups" / i, width, 2 * width, kernel: kernel, stride: stride,
                padding: .explicit(left: padding, right: padding))
            width *= 2
            let stage = try HiFiCodecStage(
                weights / "resblocks", first: i * blocks, channels: width, kernels: c.resblockKernelSizes.reversed(),
                dilations: c.resblockDilationSizes.reversed())
            let norms = try (0..<blocks).map {
                try GroupNorm(
                    weights / "normalize" / (i * blocks + $0), groups: width / HiFiCodecConfig.normWidth, channels: width)
            }
            // PyTorch's own slope where the original names none.
            let activation = i + 1 < c.upsampleRates.count ? leaky : .leakyReLU(slope: 0.01)
            whole += [convolution, stage.normedMean(norms), ActivationLayer(activation, channels: width)] as [any StreamingLayer]
            unnormed += [convolution, stage.mean] as [any StreamingLayer]
        }
        let last = try Conv1d(weights / "conv_post", width, width, kernel: 3, padding: .centred)
        return (Sequential(whole + [last]), Sequential(unnormed + [last]))
    }

    private static func quantizer(_ c: HiFiCodecConfig, _ weights: WeightPath) throws -> GroupedResidualVectorQuantizer {
        let dimension = c.latentDim / c.codeGroups
        return try GroupedResidualVectorQuantizer(
            groups: (0..<c.codeGroups).map { group in
                try ResidualVectorQuantizer(
                    stages: ["quantizer_modules", "quantizer_modules2"].map { stage in
                        VectorQuantizer(
                            codebook: try PackedCodebook(
                                weights / stage / group / "embedding", size: c.codes, dimension: dimension,
                                usualField: "weight"))
                    })
            })
    }

    private static func decoder(_ c: HiFiCodecConfig, _ weights: WeightPath) throws -> Sequential {
        let leaky = Activation.leakyReLU(slope: HiFiCodecStage.slope)
        let blocks = c.resblockKernelSizes.count
        var width = c.upsampleInitialChannel
        var layers: [any StreamingLayer] = [
            try Conv1d(weights / "conv_pre", c.latentDim, width, kernel: 7, padding: .centred, activation: leaky)
        ]
        for (i, (stride, kernel)) in zip(c.upsampleRates, c.upsampleKernelSizes).enumerated() {
            let trim = (kernel - stride) / 2
            layers.append(
                try ConvTranspose1d(
                    weights / "ups" / i, width, width / 2, kernel: kernel, stride: stride, trimLeft: trim, trimRight: trim))
            width /= 2
            let stage = try HiFiCodecStage(
                weights / "resblocks", first: i * blocks, channels: width, kernels: c.resblockKernelSizes,
                dilations: c.resblockDilationSizes)
            layers += [stage.mean, ActivationLayer(leaky, channels: width)] as [any StreamingLayer]
        }
        layers.append(try Conv1d(weights / "conv_post", width, 1, kernel: 7, padding: .centred, activation: .tanh))
        return Sequential(layers)
    }
}
