import Checkpoints
import Layers
import Platform
import Quantizers
import Tokens

/// SNAC, `model_type` "snac" (Siuzdak et al. 2024, "SNAC: Multi-Scale Neural Audio Codec"): DAC with codebooks of different
/// rates, depthwise convolutions, noise in the decoder and, in the models for music, local attention.
///
///     encoder  conv k7 ─ [units ×3 ─ Snake ─ conv, strided] per rate ─ attention ─ conv k7      width doubles with each rate
///     codes    codebooks of one code every 4, 2 and 1 frames (8, 4, 2 and 1 at 32 and 44.1 kHz), each of what those before leave
///     decoder  conv k7 ─ 1×1 ─ attention ─ [Snake ─ conv, transposed ─ noise ─ units ×3] per rate ─ Snake ─ conv k7 ─ tanh
///     unit     x + (Snake ─ conv k7, dilation 1, 3 or 9 ─ Snake ─ 1×1)
///
/// All is centred and padded with zeros. Zeros complete the signal to whole codes of every codebook and to whole windows of
/// attention, as in the reference; so the latency is that of a window where there is one. The noise is a function of the sample's
/// position alone: the same codes always give the same audio, however they are cut (`SeededNoise`).
///
/// Tensors are named as in the original repository; Tools/convert/snac.py makes the model folder.
public struct SNACCodec: NetworkCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["snac"]

    /// What the model is.
    public let description: CodecDescription
    /// Samples `[time, channels]` to latents `[frames, dimension]`.
    public let encoder: Sequential
    /// Latents to codes and back.
    public let quantizer: MultiScaleQuantizer
    /// Latents `[frames, dimension]` to samples `[time, channels]`.
    public let decoder: Sequential
    /// Zeros complete whole codes and whole windows of attention.
    public let filledFrames: Int?

    /// A folder that Tools/convert/snac.py made.
    public init(_ model: PretrainedModel) throws {
        let c = try model.config(SNACConfig.self)
        let weights = try model.weights(ignoring: ["rel_pos.inv_freq"])
        encoder = try Self.encoder(c, weights / "encoder" / "block")
        quantizer = try MultiScaleQuantizer(
            factorized: weights / "quantizer" / "quantizers", strides: c.vqStrides, dimension: c.encodedDim,
            size: c.codebookSize, codebookDimension: c.codebookDim)
        decoder = try Self.decoder(c, weights / "decoder" / "model")
        filledFrames = c.filledFrames
        description = model.description(
            layout: CodeLayout(
                codebooks: c.vqStrides.map { .init(size: c.codebookSize, stride: $0) }, hopLength: c.hopLength,
                sampleRate: c.samplingRate),
            latency: CodecDescription.latency(
                encoder: encoder, decoder: decoder, hopLength: c.hopLength, superframe: c.vqStrides[0], period: c.filledFrames),
            decoders: [decoder])
    }

    private static func encoder(_ c: SNACConfig, _ modules: WeightPath) throws -> Sequential {
        var width = c.encoderDim
        var layers: [any StreamingLayer] = [try Conv1d(modules / 0, 1, width, kernel: 7, padding: .centred)]
        for (i, stride) in c.encoderRates.enumerated() {
            let block = modules / (i + 1) / "block"
            let padding = (stride + 1) / 2
            layers += try units(block, first: 0, channels: width, c)
            layers.append(ActivationLayer(try .snake(block / 3, channels: width), channels: width))
            layers.append(
                try Conv1d(
                    block / 4, width, 2 * width, kernel: 2 * stride, stride: stride,
                    padding: .explicit(left: padding, right: padding)))
            width *= 2
        }
        var last = modules / (c.encoderRates.count + 1)
        if let window = c.attentionWindow {
            layers.append(try attention(last, channels: width, window: window))
            last = modules / (c.encoderRates.count + 2)
        }
        layers.append(try Conv1d(last, width, width, kernel: 7, groups: c.depthwise ? width : 1, padding: .centred))
        return Sequential(layers)
    }

    private static func decoder(_ c: SNACConfig, _ modules: WeightPath) throws -> Sequential {
        let latents = c.encodedDim
        var width = c.decoderDim
        var layers: [any StreamingLayer] = try c.depthwise
            ? [
                Conv1d(modules / 0, latents, latents, kernel: 7, groups: latents, padding: .centred),
                Conv1d(modules / 1, latents, width, kernel: 1),
            ] : [Conv1d(modules / 0, latents, width, kernel: 7, padding: .centred)]
        var next = layers.count
        if let window = c.attentionWindow {
            layers.append(try attention(modules / next, channels: width, window: window))
            next += 1
        }
        for stride in c.decoderRates {
            layers += try decoderBlock(modules / next / "block", channels: width, stride: stride, index: next, c)
            width /= 2
            next += 1
        }
        layers.append(ActivationLayer(try .snake(modules / next, channels: width), channels: width))
        layers.append(try Conv1d(modules / (next + 1), width, 1, kernel: 7, padding: .centred, activation: .tanh))
        return Sequential(layers)
    }

    /// - Parameter index: of the block, for noise of its own.
    private static func decoderBlock(
        _ block: WeightPath, channels: Int, stride: Int, index: Int, _ c: SNACConfig
    ) throws -> [any StreamingLayer] {
        let (width, trim) = (channels / 2, (stride + 1) / 2)
        var layers: [any StreamingLayer] = [
            ActivationLayer(try .snake(block / 0, channels: channels), channels: channels),
            try ConvTranspose1d(
                block / 1, channels, width, kernel: 2 * stride, stride: stride, trimLeft: trim, trimRight: trim - stride % 2),
        ]
        if c.noise {
            let gain = try Linear(
                weight: (block / 2 / "linear").normalizedWeight(shape: [width, width, 1]), inputChannels: width,
                outputChannels: width)
            layers.append(SeededNoise(gain: gain, seed: UInt64(index)))
        }
        return try layers + units(block, first: layers.count, channels: width, c)
    }

    /// The three residual units of a block, the first of them its module `first`.
    private static func units(
        _ block: WeightPath, first: Int, channels: Int, _ c: SNACConfig
    ) throws -> [any StreamingLayer] {
        try SnakeUnit.dilations.enumerated().map { i, dilation in
            try SnakeUnit.layer(
                block / (first + i) / "block", parts: ["0", "1", "2", "3"], channels: channels, dilation: dilation,
                groups: c.depthwise ? channels : 1)
        }
    }

    /// x + attention(norm(x)) within windows.
    private static func attention(_ path: WeightPath, channels: Int, window: Int) throws -> Residual {
        let projections = try (path / "to_qkv").tensor("weight", shape: [3 * channels, channels])
        let size = channels * channels
        let parts = (0..<3).map {
            Linear(
                weight: Array(projections[($0 * size)..<(($0 + 1) * size)]), inputChannels: channels, outputChannels: channels)
        }
        return try Residual(
            Sequential([
                LayerNorm(path / "norm", channels: channels),
                LocalAttention(
                    query: parts[0], key: parts[1], value: parts[2],
                    output: Linear(
                        weight: (path / "to_out").tensor("weight", shape: [channels, channels]), inputChannels: channels,
                        outputChannels: channels),
                    heads: channels / SNACConfig.headSize, blockSize: window,
                    rotary: RotaryEmbedding(headSize: SNACConfig.headSize, pairing: .halfSplit)),
            ]))
    }
}

/// The `config.json` of a SNAC model of the original repository, with a `model_type` added.
struct SNACConfig: ModelConfig {
    @Field(in: 1000...384_000) var samplingRate: Int
    /// Channels at the waveform; each rate doubles them.
    @Field var encoderDim: Int
    /// Strides from the waveform to the latents.
    @Field(strides: 2...64) var encoderRates: [Int]
    /// Channels of the latents; nil means what the encoder gives, the only value that works.
    @Field var latentDim: Int?
    /// Channels at the latents' end of the decoder; each rate halves them.
    @Field var decoderDim: Int
    /// Strides from the latents to the waveform.
    @Field(strides: 2...64) var decoderRates: [Int]
    /// Frames that see each other in the attention of both networks; null is no attention.
    @Field("attn_window_size", in: 1...4096) var attentionWindow: Int?
    @Field(in: 2...65_536) var codebookSize: Int
    /// Channels in which the nearest codeword is searched.
    @Field(in: 1...8192) var codebookDim: Int
    /// Frames for which each codebook has one code, the coarsest first.
    @Field(count: 1...64, in: 1...64) var vqStrides: [Int]
    /// Whether the decoder adds noise.
    @Field var noise: Bool
    /// Whether the wide convolutions work on each channel by itself.
    @Field var depthwise: Bool

    /// Channels of a head of attention, in every model of the family.
    static let headSize = 64
    /// Most samples that zeros complete a signal to a multiple of.
    private static let maximumFill = 1 << 22

    /// Samples per frame.
    var hopLength: Int { encoderRates.reduce(1, *) }
    /// Channels that the encoder gives.
    var encodedDim: Int { encoderDim << encoderRates.count }
    /// Frames that a signal is completed to a multiple of: whole codes and whole windows.
    var filledFrames: Int { leastCommonMultiple(vqStrides[0], attentionWindow ?? 1) }

    func check() throws(InvalidField) {
        guard decoderRates.reduce(1, *) == hopLength else {
            throw $decoderRates.invalid("multiply to \(decoderRates.reduce(1, *)), encoder_rates to \(hopLength)")
        }
        try $encoderDim.require(in: 1...(16_384 >> encoderRates.count))
        try $latentDim.require(in: encodedDim...encodedDim)
        try $decoderDim.requireHalvings(decoderRates.count)
        guard vqStrides.allSatisfy({ vqStrides[0] % $0 == 0 }) else {
            throw $vqStrides.invalid("are \(vqStrides), expected divisors of the first")
        }
        if attentionWindow != nil, encodedDim % Self.headSize != 0 || decoderDim % Self.headSize != 0 {
            throw $attentionWindow.invalid(
                "asks for heads of 64, which encoder_dim and decoder_dim do not make: \(encodedDim), \(decoderDim)")
        }
        guard filledFrames * hopLength <= Self.maximumFill else {
            throw $attentionWindow.invalid(
                "and vq_strides code \(filledFrames * hopLength) samples together, expected at most \(Self.maximumFill)")
        }
    }
}
