import Checkpoints
import Layers
import Quantizers
import Tokens

/// BigCodec, `model_type` "bigcodec" (Xin et al. 2024, "BigCodec: Pushing the Limits of Low-Bitrate Neural Speech Codec"): a
/// large DAC with LSTMs, alias-free activations and one codebook.
///
///     encoder  conv k7 ─ [units ×3 ─ Snake ─ conv, strided] per ratio ─ LSTM ─ Snake ─ conv k3     width doubles with each ratio
///     VQ       one codebook in few channels, compared by angle
///     decoder  conv k7 ─ LSTM ─ [Snake ─ conv, transposed ─ units ×3] per ratio ─ Snake ─ conv k7 ─ tanh
///     unit     x + (Snake ─ conv k7, dilation 1, 3 or 9 ─ Snake ─ 1×1)
///
/// Every Snake is `AliasFreeSnake`. The LSTMs are causal and all else is centred, so the codec streams. Zeros fill the last frame;
/// the reference adds a frame of zeros even where the last one is whole. Tools/convert/bigcodec.py makes the model folder.
public struct BigCodec: NetworkCodec, SearchableCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["bigcodec"]

    /// What the model is.
    public let description: CodecDescription
    /// Samples `[time, channels]` to latents `[frames, dimension]`.
    public let encoder: Sequential
    /// Latents to codes and back.
    public var quantizer: ResidualVectorQuantizer
    /// Latents `[frames, dimension]` to samples `[time, channels]`.
    public let decoder: Sequential
    /// Zeros complete the last frame.
    public var filledFrames: Int? { 1 }

    /// A folder that Tools/convert/bigcodec.py made.
    public init(_ model: PretrainedModel) throws {
        let c = try model.config(BigCodecConfig.self)
        let weights = try model.weights(keyMap: Self.names)
        encoder = try Self.encoder(c, weights / "encoder" / "block")
        quantizer = try ResidualVectorQuantizer(
            factorized: weights / "quantizer" / "quantizers", stages: 1, dimension: c.hiddenSize, size: c.codebookSize,
            codebookDimension: c.codebookDim)
        decoder = try Self.decoder(c, weights / "decoder" / "model")
        description = model.description(
            layout: CodeLayout(uniform: 1, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: false, latency: CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength),
            decoders: [decoder])
    }

    private static func encoder(_ c: BigCodecConfig, _ modules: WeightPath) throws -> Sequential {
        var width = c.ngf
        var layers: [any StreamingLayer] = [try Conv1d(modules / 0, 1, width, kernel: 7, padding: .centred)]
        for (i, stride) in c.encoderUpRatios.enumerated() {
            let block = modules / (i + 1) / "block"
            let padding = (stride + 1) / 2
            layers += try units(block, first: 0, channels: width)
            layers.append(try AliasFreeSnake.layer(block / 3, channels: width))
            layers.append(
                try Conv1d(
                    block / 4, width, 2 * width, kernel: 2 * stride, stride: stride,
                    padding: .explicit(left: padding, right: padding)))
            width *= 2
        }
        let next = c.encoderUpRatios.count + 1
        layers.append(try LSTM(residual: modules / next / "lstm", channels: width, layers: c.rnnNumLayers))
        layers.append(try AliasFreeSnake.layer(modules / (next + 1), channels: width))
        layers.append(try Conv1d(modules / (next + 2), width, c.hiddenSize, kernel: 3, padding: .centred))
        return Sequential(layers)
    }

    private static func decoder(_ c: BigCodecConfig, _ modules: WeightPath) throws -> Sequential {
        var width = c.upsampleInitialChannel
        var layers: [any StreamingLayer] = [
            try Conv1d(modules / 0, c.hiddenSize, width, kernel: 7, padding: .centred),
            try LSTM(residual: modules / 1 / "lstm", channels: width, layers: c.rnnNumLayers),
        ]
        for (i, stride) in c.decoderUpRatios.enumerated() {
            let block = modules / (i + 2) / "block"
            let trim = (stride + 1) / 2
            layers.append(try AliasFreeSnake.layer(block / 0, channels: width))
            layers.append(
                try ConvTranspose1d(
                    block / 1, width, width / 2, kernel: 2 * stride, stride: stride, trimLeft: trim, trimRight: trim - stride % 2))
            width /= 2
            layers += try units(block, first: 2, channels: width)
        }
        let next = c.decoderUpRatios.count + 2
        layers.append(try AliasFreeSnake.layer(modules / next, channels: width))
        layers.append(try Conv1d(modules / (next + 1), width, 1, kernel: 7, padding: .centred, activation: .tanh))
        return Sequential(layers)
    }

    /// The three residual units of a block, the first of them its module `first`.
    private static func units(_ block: WeightPath, first: Int, channels: Int) throws -> [any StreamingLayer] {
        try SnakeUnit.dilations.enumerated().map { i, dilation in
            let parts = block / (first + i) / "block"
            return try Residual(
                Sequential([
                    AliasFreeSnake.layer(parts / 0, channels: channels),
                    Conv1d(parts / 1, channels, channels, kernel: 7, dilation: dilation, padding: .centred),
                    AliasFreeSnake.layer(parts / 2, channels: channels),
                    Conv1d(parts / 3, channels, channels, kernel: 1),
                ]))
        }
    }

    /// The original keeps the quantizer in the decoder, under names of its own.
    static let names = KeyMap([
        ("decoder.quantizer.layers.{i}._codebook.*", "quantizer.quantizers.{i}.codebook.*"),
        ("decoder.quantizer.layers.{i}.*", "quantizer.quantizers.{i}.*"),
    ])
}

/// The `config.json` that Tools/convert/bigcodec.py writes: the arguments of the original's two networks.
struct BigCodecConfig: ModelConfig {
    @Field(in: 1000...384_000) var samplingRate: Int
    /// Channels at the waveform's end of the encoder; each ratio doubles them.
    @Field var ngf: Int
    /// Strides from the waveform to the latents.
    @Field(strides: 2...64) var encoderUpRatios: [Int]
    /// Channels at the latents' end of the decoder; each ratio halves them.
    @Field var upsampleInitialChannel: Int
    /// Strides from the latents to the waveform.
    @Field(strides: 2...64) var decoderUpRatios: [Int]
    /// Channels of the latents.
    @Field(in: 1...8192) var hiddenSize: Int
    /// Of the LSTM in either network.
    @Field(in: 1...16) var rnnNumLayers: Int
    @Field(in: 2...65_536) var codebookSize: Int
    /// Channels in which the nearest codeword is searched.
    @Field(in: 1...8192) var codebookDim: Int

    /// Samples per frame.
    var hopLength: Int { encoderUpRatios.reduce(1, *) }

    func check() throws(InvalidField) {
        guard decoderUpRatios.reduce(1, *) == hopLength else {
            throw $decoderUpRatios.invalid("multiply to \(decoderUpRatios.reduce(1, *)), encoder_up_ratios to \(hopLength)")
        }
        try $ngf.require(in: 1...(16_384 >> encoderUpRatios.count))
        try $upsampleInitialChannel.requireHalvings(decoderUpRatios.count)
    }
}
