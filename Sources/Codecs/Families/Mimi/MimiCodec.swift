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
public struct MimiCodec: NetworkCodec, SearchableCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["mimi"]

    /// What the model is.
    public let description: CodecDescription
    /// Samples `[time, channels]` to latents `[frames, dimension]`.
    public let encoder: Sequential
    /// Latents to codes and back.
    public var quantizer: SplitResidualVectorQuantizer
    /// Latents `[frames, dimension]` to samples `[time, channels]`.
    public let decoder: Sequential

    /// A Hugging Face `MimiModel`.
    public init(_ model: PretrainedModel) throws {
        let c = try model.config(MimiConfig.self)
        let weights = try model.weights()
        encoder = try Self.encoder(c, weights)
        quantizer = try Self.quantizer(c, weights / "quantizer")
        decoder = try Self.decoder(c, weights)
        description = model.description(
            channels: c.audioChannels,
            layout: CodeLayout(uniform: c.numQuantizers, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            latency: CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength), decoders: [decoder])
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

/// The `config.json` of a Hugging Face `MimiModel`.
struct MimiConfig: ModelConfig {
    @Field(in: 1000...384_000) var samplingRate: Int
    @Field(in: 1...2) var audioChannels: Int
    /// Frames of codes per second, where published configs have it; nil is half of the networks' rate.
    @Field var frameRate: Double?
    /// The same where transformers 5 writes it, which goes before the other.
    @Field("_frame_rate") var savedFrameRate: Double?
    /// Channels between the networks.
    @Field(in: 1...8192) var hiddenSize: Int
    @Embedded var network: SEANetConfig
    @Embedded var transformer: MimiTransformerConfig
    @Field(in: 2...65_536) var codebookSize: Int
    /// nil means `hiddenSize`.
    @Field var codebookDim: Int?
    /// Channels in which the codewords add up: `codebookDim`.
    @Field("vector_quantization_hidden_dimension", in: 1...8192) var quantizerDim: Int
    /// Semantic and acoustic codebooks together.
    @Field(in: 2...256) var numQuantizers: Int
    @Field var numSemanticQuantizers: Int
    /// Groups of the transposed convolution that brings the codes' rate back to the networks'.
    @Field var upsampleGroups: Int

    /// Frames of the networks for a frame of codes.
    var latentStride: Int {
        let networkRate = (samplingRate + network.hopLength - 1) / network.hopLength
        let ratio = Double(networkRate) / (savedFrameRate ?? frameRate ?? Double(samplingRate) / Double(2 * network.hopLength))
        return ratio.isFinite && abs(ratio) < 1e6 ? Int(ratio) : 0
    }

    /// Samples per frame of codes.
    var hopLength: Int { network.hopLength * latentStride }

    func check() throws(InvalidField) {
        try network.requireWeightNorm()
        try network.$numLSTMLayers.require(in: 0...0)
        guard (2...64).contains(latentStride) else {
            throw (savedFrameRate == nil ? $frameRate : $savedFrameRate).invalid("makes a frame of \(latentStride) of the networks' frames, expected 2...64")
        }
        try $codebookDim.require([codebookDim ?? hiddenSize], in: quantizerDim...quantizerDim)
        try $numSemanticQuantizers.require(in: 1...(numQuantizers - 1))
        try $upsampleGroups.require(in: 1...hiddenSize)
        try $upsampleGroups.requireDivides(hiddenSize, "of hidden_size")
        try transformer.check(hiddenSize: hiddenSize)
    }
}
