import Checkpoints
import Kernels
import Layers
import Quantizers
import Tokens

/// X-Codec, `model_type` "xcodec" (Ye et al. 2024, "Codec Does Matter: Exploring the Semantic Shortcoming of Codec for Audio
/// Language Model"): DAC's networks with a speech model's states beside the acoustic latents, so that all codebooks know what
/// is said.
///
///     encoder  DAC ─┬─ 1×1          HuBERT ─ mean of all layers ─ convolutions ─┘
///     RVQ      codebooks compared as they are
///     decoder  1×1 ─ DAC, without tanh
///
/// HuBERT attends to the whole recording: nothing is coded before the end, and recordings of more than `signalLimit` samples
/// are refused. It decodes in pieces. The stated latency leaves the wait for the end out. Zeros fill the last frame, as in the
/// reference. The semantic decoder, which only training uses, may be in the checkpoint and is not read.
public struct XCodec: NetworkCodec, SearchableCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["xcodec"]
    /// It needs the whole signal.
    public static var isStreaming: Bool { false }

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
    /// Five minutes: attention takes time with the square of a recording's length.
    public let signalLimit: Int?

    /// Seconds: attention takes time with the square of a recording's length.
    static let longestRecording = 300

    /// A Hugging Face `XcodecModel` with HuBERT.
    public init(_ model: PretrainedModel) throws {
        let c = try model.config(XCodecConfig.self)
        let weights = try model.weights(
            ignoring: model.checkpoint.names.filter { $0.hasPrefix("decoder_semantic.") || $0.hasPrefix("fc1.") })
        let acoustic = try DACNetwork.encoder(
            weights / "acoustic_encoder", width: c.acoustic.encoderHiddenSize, ratios: c.acoustic.downsamplingRatios,
            latents: c.acoustic.hiddenSize)
        encoder = Sequential([try XCodecEncoder(c, weights, acoustic: acoustic)])
        quantizer = try ResidualVectorQuantizer(
            layers: weights / "quantizer" / "quantizers", stages: c.numCodebooks, size: c.codebookSize, dimension: c.hiddenSize)
        decoder = try Sequential([
            Linear(weights / "fc2", c.hiddenSize, c.acoustic.hiddenSize),
            DACNetwork.decoder(
                weights / "acoustic_decoder", width: c.acoustic.decoderHiddenSize, ratios: c.acoustic.upsamplingRatios,
                latents: c.acoustic.hiddenSize, completesOddStrides: true, activation: .identity),
        ])
        signalLimit = Self.longestRecording * c.samplingRate
        description = model.description(
            layout: CodeLayout(uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            latency: CodecDescription.latency(encoder: acoustic, decoder: decoder, hopLength: c.hopLength), decoders: [decoder])
    }
}

/// Samples `[time, 1]`, a whole number of frames, to latents `[frames, hiddenSize]`: the acoustic channels before the semantic.
private struct XCodecEncoder: WholeSignalLayer {
    private let acoustic: Sequential
    private let semanticModel: HuBERT
    private let semanticEncoder: Sequential
    private let mix: Linear
    private let padding: Int
    private let hopLength: Int

    /// Samples of a piece that the acoustic encoder takes at once.
    private static let pieceLength = 1 << 14

    var inputChannels: Int { 1 }
    var outputChannels: Int { mix.outputChannels }
    var rate: Rate { Rate(1, hopLength) }

    init(_ c: XCodecConfig, _ weights: WeightPath, acoustic: Sequential) throws {
        self.acoustic = acoustic
        semanticModel = try HuBERT(c.semantic, weights / "semantic_model")
        semanticEncoder = try Self.semanticEncoder(c, weights / "encoder_semantic")
        mix = try Linear(weights / "fc", c.hiddenSize, c.hiddenSize)
        padding = c.semanticPadding
        hopLength = c.hopLength
    }

    /// Convolutions over the semantic model's states, all centred and padded with zeros.
    private static func semanticEncoder(_ c: XCodecConfig, _ weights: WeightPath) throws -> Sequential {
        let width = c.semantic.hiddenSize
        func conv(
            _ path: WeightPath, kernel: Int, dilation: Int = 1, hasBias: Bool = false, activation: Activation = .identity
        ) throws -> Conv1d {
            try Conv1d(
                path, width, width, kernel: kernel, dilation: dilation, hasBias: hasBias, padding: .centred,
                activation: activation)
        }
        var layers: [any StreamingLayer] = [try conv(weights / "conv", kernel: c.kernelSize)]
        for i in c.strides.indices {
            let block = weights / "conv_blocks" / i
            for (j, dilation) in c.blockDilations.enumerated() {
                let unit = block / "res_units" / j
                layers.append(
                    try Residual(
                        Sequential([
                            ActivationLayer(.elu(alpha: 1), channels: width),
                            conv(unit / "conv1", kernel: c.unitKernelSize, dilation: dilation, activation: .elu(alpha: 1)),
                            conv(unit / "conv2", kernel: 1),
                        ])))
            }
            layers.append(try conv(block / "conv", kernel: 3, hasBias: true))
        }
        return Sequential(layers)
    }

    func apply(_ signal: Frames) -> Frames {
        var padded = Frames(zeros: padding, channels: 1)
        padded.append(signal)
        padded.append(Frames(zeros: padding, channels: 1))
        let semantic = semanticEncoder(semanticModel.meanState(padded))
        var latents = Frames(channels: acoustic.outputChannels)
        acoustic.forEachPiece(of: signal, length: Self.pieceLength) { latents.append($0) }
        return mix.apply(latents.beside(semantic))
    }
}

extension Frames {
    /// Each frame's channels followed by those of `other`'s, as far as both have frames.
    fileprivate func beside(_ other: Frames) -> Frames {
        let (width, count) = (channels + other.channels, Swift.min(self.count, other.count))
        var joined = Frames(zeros: count, channels: width)
        for t in 0..<count {
            for c in 0..<channels { joined[t, c] = self[t, c] }
            for c in 0..<other.channels { joined[t, channels + c] = other[t, c] }
        }
        return joined
    }
}

/// The `config.json` of a Hugging Face `XcodecModel`.
struct XCodecConfig: ModelConfig {
    @Field("sample_rate", in: 1000...384_000) var samplingRate: Int
    /// kb/s. The last one says how many codebooks there are.
    @Field var targetBandwidths: [Double]
    @Field(in: 2...65_536) var codebookSize: Int
    /// nil means that of the latents, the only value that works.
    @Field var codebookDim: Int?
    /// Of the convolutions around the semantic encoder's blocks, and inside its units.
    @Field(in: 1...255) var kernelSize: Int
    @Field(in: 1...255) var unitKernelSize: Int
    /// Dilations of the units of a block.
    @Field(count: 1...16, in: 1...64) var blockDilations: [Int]
    /// One per block of the semantic encoder; only 1 is supported, as is for `channelRatios`.
    @Field(count: 1...16, in: 1...1) var strides: [Int]
    @Field var channelRatios: [Double]
    @Field("acoustic_model_config") var acoustic: Acoustic
    @Field("semantic_model_config") var semantic: HuBERTConfig

    /// The networks of DAC.
    struct Acoustic: ModelConfig {
        /// Channels at the waveform; each ratio doubles them.
        @Field var encoderHiddenSize: Int
        @Field(strides: 2...64) var downsamplingRatios: [Int]
        /// Channels at the latents' end of the decoder; each ratio halves them.
        @Field var decoderHiddenSize: Int
        @Field(strides: 2...64) var upsamplingRatios: [Int]
        /// Channels of the latents.
        @Field(in: 1...8192) var hiddenSize: Int

        func check() throws(InvalidField) {
            guard upsamplingRatios.reduce(1, *) == downsamplingRatios.reduce(1, *) else {
                throw $upsamplingRatios.invalid("\(upsamplingRatios) do not make up for downsampling_ratios \(downsamplingRatios)")
            }
            try $encoderHiddenSize.require(in: 1...(16_384 >> downsamplingRatios.count))
            try $decoderHiddenSize.requireHalvings(upsamplingRatios.count)
        }
    }

    /// Samples per frame.
    var hopLength: Int { acoustic.downsamplingRatios.reduce(1, *) }
    /// Channels of the latents, acoustic and semantic.
    var hiddenSize: Int { acoustic.hiddenSize + semantic.hiddenSize }
    /// Zeros that the semantic model gets before and after the signal.
    var semanticPadding: Int { hopLength / 2 }

    /// As many as the greatest bandwidth has room for; 0 if none.
    var numCodebooks: Int {
        codebookCount(bandwidth: targetBandwidths.last ?? 0, samplingRate: samplingRate, hopLength: hopLength, size: codebookSize)
    }

    func check() throws(InvalidField) {
        try $codebookDim.require(in: hiddenSize...hiddenSize)
        guard channelRatios == strides.map({ _ in 1 }) else {
            throw $channelRatios.invalid("is \(channelRatios), only 1 for each of strides is supported")
        }
        for kernel in [$kernelSize, $unitKernelSize] where kernel.wrappedValue % 2 == 0 {
            throw kernel.invalid("is \(kernel.wrappedValue), expected an odd number")
        }
        guard (1...256).contains(numCodebooks) else {
            throw $targetBandwidths.invalid("\(targetBandwidths) make \(numCodebooks) codebooks, expected 1...256")
        }
        guard semantic.hopLength == hopLength, semantic.frames(samples: hopLength + 2 * semanticPadding) == 1 else {
            throw $semantic.invalid("has frames of \(semantic.hopLength) samples that are not those of acoustic_model_config")
        }
    }
}
