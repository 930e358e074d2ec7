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
public struct XCodec: NetworkCodec, SearchableCodec {
    public let description: CodecDescription
    public let encoder: Sequential
    public var quantizer: ResidualVectorQuantizer
    public let decoder: Sequential
    public var filledFrames: Int? { 1 }
    public let signalLimit: Int?

    public static let modelType = "xcodec"
    /// Seconds: attention takes time with the square of a recording's length.
    static let longestRecording = 300

    /// The model of a folder: a Hugging Face `XcodecModel` with HuBERT.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(XCodecConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        let trainingOnly = checkpoint.names.filter { $0.hasPrefix("decoder_semantic.") || $0.hasPrefix("fc1.") }
        self = try checkpoint.build(ignoring: trainingOnly) {
            try XCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config c: XCodecConfig, weights: WeightPath, name: String, parameterCount: Int, license: String) throws {
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
        description = CodecDescription(
            name: name, modelType: XCodec.modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(
                uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true,
            latency: CodecDescription.latency(encoder: acoustic, decoder: decoder, hopLength: c.hopLength),
            isStreaming: false, parameterCount: parameterCount, license: license)
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
