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
public struct HiFiCodec: NetworkCodec, SearchableCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["hificodec"]
    /// It needs the whole signal.
    public static var isStreaming: Bool { false }

    /// What the model is.
    public let description: CodecDescription
    /// Samples `[time, channels]` to latents `[frames, dimension]`.
    public let encoder: Sequential
    /// Latents to codes and back.
    public var quantizer: GroupedResidualVectorQuantizer
    /// Latents `[frames, dimension]` to samples `[time, channels]`.
    public let decoder: Sequential
    /// Zeros complete the last frame.
    public var filledFrames: Int? { 1 }

    /// A folder that Tools/convert/hificodec.py made.
    public init(_ model: PretrainedModel) throws {
        let c = try model.config(HiFiCodecConfig.self)
        let weights = try model.weights()
        let networks = try Self.encoders(c, weights / "encoder")
        encoder = networks.whole
        quantizer = try Self.quantizer(c, weights / "quantizer")
        decoder = try Self.decoder(c, weights / "generator")
        description = model.description(
            layout: CodeLayout(
                uniform: c.codeGroups * HiFiCodecConfig.quantizerStages, size: c.codes, hopLength: c.hopLength,
                sampleRate: c.samplingRate),
            isTruncatable: false,
            latency: CodecDescription.latency(encoder: networks.unnormed, decoder: decoder, hopLength: c.hopLength),
            decoders: [decoder])
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

/// The `config.json` that Tools/convert/hificodec.py writes: the original's, and the width that its classes have fixed.
struct HiFiCodecConfig: ModelConfig {
    @Field(in: 1000...384_000) var samplingRate: Int
    /// Strides from the latents to the waveform; the encoder has them in reverse.
    @Field(strides: 1...64) var upsampleRates: [Int]
    /// Kernel of each strided convolution, longer than its stride by an even number.
    @Field(count: 1...8, in: 1...255) var upsampleKernelSizes: [Int]
    /// Channels at the latents' end of the decoder; each rate halves them.
    @Field var upsampleInitialChannel: Int
    /// Channels at the waveform's end of the encoder; each rate doubles them.
    @Field var encoderInitialChannel: Int
    /// Kind of the residual blocks.
    @Field(only: "1") var resblock: String
    /// Kernel of each residual block of a stage, odd.
    @Field(count: 1...8, in: 1...255) var resblockKernelSizes: [Int]
    /// Dilations of the three units of each residual block.
    @Field var resblockDilationSizes: [[Int]]
    /// Groups of channels with codebooks of their own.
    @Field("n_code_groups", in: 1...64) var codeGroups: Int
    @Field("n_codes", in: 2...65_536) var codes: Int

    /// Stages of the quantizer in every model of the family.
    static let quantizerStages = 2
    /// Units of a residual block.
    static let units = 3
    /// Channels that the encoder normalises together.
    static let normWidth = 16

    /// Samples per frame.
    var hopLength: Int { upsampleRates.reduce(1, *) }
    /// Channels of the latents.
    var latentDim: Int { encoderInitialChannel << upsampleRates.count }

    func check() throws(InvalidField) {
        try $upsampleKernelSizes.requireCount(in: upsampleRates.count...upsampleRates.count)
        for (kernel, rate) in zip(upsampleKernelSizes, upsampleRates) where kernel < rate || (kernel - rate) % 2 != 0 {
            throw $upsampleKernelSizes.invalid("holds \(kernel), expected \(rate) and an even number more")
        }
        try checkBlocks()
        try $encoderInitialChannel.require(in: 1...(16_384 >> upsampleRates.count))
        guard 2 * encoderInitialChannel % Self.normWidth == 0 else {
            throw $encoderInitialChannel.invalid("is \(encoderInitialChannel), expected a multiple of \(Self.normWidth / 2)")
        }
        try $upsampleInitialChannel.requireHalvings(upsampleRates.count)
        try $codeGroups.requireDivides(latentDim)
    }

    private func checkBlocks() throws(InvalidField) {
        guard resblockKernelSizes.allSatisfy({ $0 % 2 == 1 }) else {
            throw $resblockKernelSizes.invalid("are \(resblockKernelSizes), expected odd numbers")
        }
        try $resblockDilationSizes.requireCount(in: resblockKernelSizes.count...resblockKernelSizes.count)
        for dilations in resblockDilationSizes {
            guard dilations.count == Self.units else {
                throw $resblockDilationSizes.invalid("has \(dilations.count) entries for a block, expected \(Self.units)")
            }
            try $resblockDilationSizes.require(dilations, in: 1...255)
        }
    }
}
