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
public struct DACCodec: NetworkCodec, SearchableCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["dac"]

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

    /// A Hugging Face `DacModel`, or tensors named as in the original repository.
    public init(_ model: PretrainedModel) throws {
        let c = try model.config(DACConfig.self)
        let isOriginal = model.checkpoint.names.contains { $0.hasPrefix("decoder.model.") }
        let weights = try model.weights(keyMap: isOriginal ? Self.originalNames(c) : .identity)
        encoder = try DACNetwork.encoder(
            weights / "encoder", width: c.encoderHiddenSize, ratios: c.downsamplingRatios, latents: c.latentDim)
        quantizer = try ResidualVectorQuantizer(
            factorized: weights / "quantizer" / "quantizers", stages: c.numCodebooks, dimension: c.latentDim,
            size: c.codebookSize, codebookDimension: c.codebookDim)
        decoder = try DACNetwork.decoder(
            weights / "decoder", width: c.decoderHiddenSize, ratios: c.downsamplingRatios.reversed(), latents: c.latentDim)
        description = model.description(
            layout: CodeLayout(uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            latency: CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength), decoders: [decoder],
            hasSegments: true)
    }

    /// A fresh decoder for one track of `codebooks` codebooks.
    /// - Throws: `CodecError.codebookCount` when the model cannot decode that many.
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

/// The `config.json` of a Hugging Face `DacModel`.
struct DACConfig: ModelConfig {
    @Field(in: 1000...384_000) var samplingRate: Int
    /// Channels at the waveform; each ratio doubles them.
    @Field var encoderHiddenSize: Int
    /// Strides from the waveform to the latents; the decoder has them in reverse.
    @Field(strides: 2...64) var downsamplingRatios: [Int]
    /// Channels at the latents' end of the decoder; each ratio halves them.
    @Field var decoderHiddenSize: Int
    @Field("n_codebooks", in: 1...256) var numCodebooks: Int
    @Field(in: 2...65_536) var codebookSize: Int
    /// Channels in which the nearest codeword is searched.
    @Field(in: 1...8192) var codebookDim: Int

    /// Samples per frame.
    var hopLength: Int { downsamplingRatios.reduce(1, *) }
    /// Channels of the latents.
    var latentDim: Int { encoderHiddenSize << downsamplingRatios.count }

    func check() throws(InvalidField) {
        try $encoderHiddenSize.require(in: 1...(16_384 >> downsamplingRatios.count))
        try $decoderHiddenSize.requireHalvings(downsamplingRatios.count)
    }
}
