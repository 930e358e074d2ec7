import Checkpoints
import Layers
import Quantizers
import Tensors
import TokenStream

/// The Descript Audio Codec, `model_type` "dac" (Kumar et al. 2023, "High-Fidelity Audio Compression with Improved RVQGAN").
///
///     encoder  conv k7 ─ [units ×3 ─ Snake ─ conv, strided] per ratio ─ Snake ─ conv k3     width doubles with each ratio
///     RVQ      codebooks in few channels, compared by angle
///     decoder  conv k7 ─ [Snake ─ conv, transposed ─ units ×3] per ratio ─ Snake ─ conv k7 ─ tanh
///     unit     x + (Snake ─ conv k7, dilation 1, 3 or 9 ─ Snake ─ 1×1)
///
/// All is centred and padded with zeros: the decoder gives a sample as soon as the codes of its receptive field are there.
/// Zeros fill the last frame, as in the reference. With odd ratios the networks give a few samples less than whole
/// frames (8 in the 16 and 24 kHz models); the reference then returns a shorter signal, and here zeros follow.
public struct DACCodec: NetworkCodec, SearchableCodec {
    public let description: CodecDescription
    public let encoder: Sequential
    public var quantizer: ResidualVectorQuantizer
    public let decoder: Sequential
    public var filledFrames: Int? { 1 }

    public static let modelType = "dac"

    /// The model of a folder: a Hugging Face `DacModel`, or tensors named as in the original repository.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(DACConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        let isOriginal = checkpoint.names.contains { $0.hasPrefix("decoder.model.") }
        self = try checkpoint.build(keyMap: isOriginal ? Self.originalNames(config) : .identity) {
            try DACCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(config c: DACConfig, weights: WeightPath, name: String, parameterCount: Int, license: String) throws {
        encoder = try Self.encoder(c, weights / "encoder")
        quantizer = try ResidualVectorQuantizer(
            factorized: weights / "quantizer" / "quantizers", stages: c.numCodebooks, dimension: c.latentDim,
            size: c.codebookSize, codebookDimension: c.codebookDim)
        decoder = try Self.decoder(c, weights / "decoder")
        description = CodecDescription(
            name: name, modelType: DACCodec.modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(
                uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true,
            latency: CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength),
            parameterCount: parameterCount, license: license)
    }

    private static func encoder(_ c: DACConfig, _ weights: WeightPath) throws -> Sequential {
        var width = c.encoderHiddenSize
        var layers: [any StreamingLayer] = [try Conv1d(weights / "conv1", 1, width, kernel: 7, padding: .centred)]
        for (i, stride) in c.downsamplingRatios.enumerated() {
            let block = weights / "block" / i
            let padding = (stride + 1) / 2
            layers += try units(block, channels: width)
            layers.append(ActivationLayer(try .snake(block / "snake1", channels: width), channels: width))
            layers.append(
                try Conv1d(
                    block / "conv1", width, 2 * width, kernel: 2 * stride, stride: stride,
                    padding: .explicit(left: padding, right: padding)))
            width *= 2
        }
        layers.append(ActivationLayer(try .snake(weights / "snake1", channels: width), channels: width))
        layers.append(try Conv1d(weights / "conv2", width, c.latentDim, kernel: 3, padding: .centred))
        return Sequential(layers)
    }

    private static func decoder(_ c: DACConfig, _ weights: WeightPath) throws -> Sequential {
        var width = c.decoderHiddenSize
        var layers: [any StreamingLayer] = [try Conv1d(weights / "conv1", c.latentDim, width, kernel: 7, padding: .centred)]
        for (i, stride) in c.downsamplingRatios.reversed().enumerated() {
            let block = weights / "block" / i
            let trim = (stride + 1) / 2
            layers.append(ActivationLayer(try .snake(block / "snake1", channels: width), channels: width))
            layers.append(
                try ConvTranspose1d(
                    block / "conv_t1", width, width / 2, kernel: 2 * stride, stride: stride, trimLeft: trim, trimRight: trim))
            width /= 2
            layers += try units(block, channels: width)
        }
        layers.append(ActivationLayer(try .snake(weights / "snake1", channels: width), channels: width))
        layers.append(try Conv1d(weights / "conv2", width, 1, kernel: 7, padding: .centred, activation: .tanh))
        return Sequential(layers)
    }

    /// `res_unit1` to `res_unit3` of a block.
    private static func units(_ block: WeightPath, channels: Int) throws -> [any StreamingLayer] {
        try SnakeUnit.dilations.enumerated().map { i, dilation in
            try SnakeUnit.layer(block / "res_unit\(i + 1)", channels: channels, dilation: dilation)
        }
    }

    /// The original repository's names: lists of modules where Hugging Face has words.
    static func originalNames(_ c: DACConfig) -> KeyMap {
        let blocks = c.downsamplingRatios.count
        var rules: [(from: String, to: String)] = [
            ("encoder.block.\(blocks + 1).alpha", "encoder.snake1.alpha"),
            ("decoder.model.\(blocks + 1).alpha", "decoder.snake1.alpha"),
            ("decoder.model.{i+1}.block.0.alpha", "decoder.block.{i}.snake1.alpha"),
            ("decoder.model.{i+1}.block.1.*", "decoder.block.{i}.conv_t1.*"),
            ("encoder.block.{i+1}.block.3.alpha", "encoder.block.{i}.snake1.alpha"),
            ("encoder.block.{i+1}.block.4.*", "encoder.block.{i}.conv1.*"),
        ]
        for unit in 1...SnakeUnit.dilations.count {
            for (part, name) in ["snake1", "conv1", "snake2", "conv2"].enumerated() {
                rules.append(
                    ("encoder.block.{i+1}.block.\(unit - 1).block.\(part).*", "encoder.block.{i}.res_unit\(unit).\(name).*"))
                rules.append(
                    ("decoder.model.{i+1}.block.\(unit + 1).block.\(part).*", "decoder.block.{i}.res_unit\(unit).\(name).*"))
            }
        }
        rules += [
            ("encoder.block.0.*", "encoder.conv1.*"), ("encoder.block.\(blocks + 2).*", "encoder.conv2.*"),
            ("decoder.model.0.*", "decoder.conv1.*"), ("decoder.model.\(blocks + 2).*", "decoder.conv2.*"),
        ]
        return KeyMap(rules)
    }
}
