import Checkpoints
import Layers
import Quantizers
import Tokens

/// The Descript Audio Codec, `model_type` "dac" (Kumar et al. 2023, "High-Fidelity Audio Compression with Improved RVQGAN").
///
///     encoder  convolutions and Snake units, strided; see `DACNetwork`
///     RVQ      codebooks in few channels, compared by angle
///     decoder  convolutions and Snake units, transposed
///
/// All is centred and padded with zeros: the decoder gives a sample as soon as the codes of its receptive field are there.
/// Zeros fill the last frame, as in the reference. With odd ratios the networks give a few samples less than whole
/// frames (8 in the 16 and 24 kHz models); the reference then returns a shorter signal, and here zeros follow.
///
/// Codes in segments are those that the original repository makes of long recordings, in windows: see `DACDecoder`.
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
        encoder = try DACNetwork.encoder(
            weights / "encoder", width: c.encoderHiddenSize, ratios: c.downsamplingRatios, latents: c.latentDim)
        quantizer = try ResidualVectorQuantizer(
            factorized: weights / "quantizer" / "quantizers", stages: c.numCodebooks, dimension: c.latentDim,
            size: c.codebookSize, codebookDimension: c.codebookDim)
        decoder = try DACNetwork.decoder(
            weights / "decoder", width: c.decoderHiddenSize, ratios: c.downsamplingRatios.reversed(), latents: c.latentDim)
        description = CodecDescription(
            name: name, modelType: DACCodec.modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(
                uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true,
            latency: CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength),
            parameterCount: parameterCount, license: license)
    }

    public func makeDecoder(codebooks: Int) throws -> any CodecDecoder {
        try requireCodebooks(codebooks)
        return DACDecoder(codec: self, codebooks: codebooks)
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
