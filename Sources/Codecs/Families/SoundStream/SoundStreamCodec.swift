import Checkpoints
import Layers
import Quantizers
import Tokens

/// SoundStream (Zeghidour et al. 2021) in the form of Lyra v2, `model_type` "soundstream" or "lyra": convolutions from samples to
/// frames, RVQ, and the mirror image. codetta-24k and Lyra v2 are two of its models; in codetta-24k:
///
///     encoder  conv k96 s24 ─ [units ×3 ─ conv, strided] ×3 ─ blocks ─ conv k3    1 → 80 → 128 → 256 → 512 → 64 channels
///     RVQ      12 codebooks of 1024, in steps of 0.5 kb/s (Lyra: 46 of 16, of which the first 16, 30 and 46 are its bitrates)
///     decoder  conv k4 ─ blocks ─ [conv, transposed ─ units ×3] ×3 ─ conv k96 s24, transposed
///     unit     x + (lrelu ─ depthwise k3, dilation 1, 3 or 9 ─ 1×1 ─ lrelu ─ 1×1, grouped)
///     blocks   ConvNeXt at frame rate (Liu et al. 2022); Lyra has none
///
/// A leaky ReLU also stands before every convolution outside the units but the first of each network. All is causal but the
/// decoder's first convolution, which sees `decoder_lookahead` frames ahead (Lyra: none).
/// Weights: Tools/train/soundstream.py, its twin; Tools/convert/lyra.py.
public struct SoundStreamCodec: NetworkCodec, SearchableCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["soundstream", "lyra"]

    /// What the model is.
    public let description: CodecDescription
    /// Samples `[time, 1]` to latents `[time, codebook_dim]`.
    public let encoder: Sequential
    /// Latents to codes and back.
    public var quantizer: ResidualVectorQuantizer
    /// Latents `[time, codebook_dim]` to samples `[time, 1]`.
    public let decoder: Sequential
    /// Zeros complete the last frame.
    public var filledFrames: Int? { 1 }

    /// A folder that Tools/train or Tools/convert/lyra.py made.
    public init(_ model: PretrainedModel) throws {
        let c = try model.config(SoundStreamConfig.self)
        let weights = try model.weights()
        encoder = try SoundStreamNetwork(c, weights / "encoder").encoder()
        quantizer = try ResidualVectorQuantizer(
            stacked: "codebooks", in: weights / "quantizer", stages: c.numCodebooks, size: c.codebookSize,
            dimension: c.codebookDim)
        decoder = try SoundStreamNetwork(c, weights / "decoder").decoder()
        description = model.description(
            layout: CodeLayout(uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            latency: c.hopLength * (1 + c.decoderLookahead), decoders: [decoder])
    }
}

/// The `config.json` of a SoundStream model: codetta-24k, from Tools/train, or Lyra v2, as Tools/convert/lyra.py writes it.
///
/// Lists run from the waveform to the latents: entry 0 of `strides` and `kernel_sizes` is the layer at the waveform,
/// entry i > 0 the resampling between `channels[i − 1]` and `channels[i]`. The decoder is the encoder's mirror image.
struct SoundStreamConfig: ModelConfig {
    @Field(in: 1000...384_000) var samplingRate: Int
    /// Widths between the resamplings.
    @Field(count: 1...16, in: 1...8192) var channels: [Int]
    /// Groups of the convolutions at each width: a residual unit's second 1×1 and the next resampling; last, the latents'.
    @Field(count: 0...16, in: 1...8192) var groups: [Int]
    @Field(count: 0...16, in: 1...1024) var strides: [Int]
    @Field(count: 0...16, in: 1...1024) var kernelSizes: [Int]
    /// One residual unit each, at every width but the last.
    @Field(count: 0...16, in: 1...256) var dilations: [Int]
    /// Kernel of a residual unit's depthwise convolution.
    @Field(in: 1...15) var unitKernelSize: Int
    /// Kernel of the convolutions to and from the latents.
    @Field(in: 1...255) var latentKernelSize: Int
    /// Slope of the leaky ReLUs below 0.
    @Field(in: 0...1) var negativeSlope: Float
    /// ConvNeXt blocks at frame rate, after the encoder's last resampling.
    @Field(default: 0, in: 0...64) var encoderLayers: Int
    /// ConvNeXt blocks at frame rate, before the decoder's first resampling.
    @Field(default: 0, in: 0...64) var decoderLayers: Int
    /// Inner width of those blocks, in multiples of their own.
    @Field(default: 1, in: 1...16) var expansion: Int
    /// Kernel of those blocks' depthwise convolutions.
    @Field(default: 7, in: 1...255) var kernelSize: Int
    /// Frames that the decoder's first convolution sees ahead, beside its `latentKernelSize`.
    @Field(default: 0, in: 0...64) var decoderLookahead: Int
    /// Channels of the latents.
    @Field(in: 1...8192) var codebookDim: Int
    @Field(in: 1...256) var numCodebooks: Int
    @Field(in: 2...65_536) var codebookSize: Int

    /// Samples per frame.
    var hopLength: Int { strides.reduce(1, *) }

    /// Width of the frame-rate layers.
    var hiddenSize: Int { channels.last ?? 1 }

    func check() throws(InvalidField) {
        for list in [$groups, $strides, $kernelSizes] where list.wrappedValue.count != channels.count {
            throw list.invalid("has \(list.wrappedValue.count) entries, expected \(channels.count) as channels has")
        }
        if let i = channels.indices.first(where: { kernelSizes[$0] < strides[$0] }) {
            throw $kernelSizes.invalid("entry \(i) is \(kernelSizes[i]), below the stride \(strides[i])")
        }
        for (i, (width, next)) in zip(channels, channels.dropFirst() + [codebookDim]).enumerated()
        where width % groups[i] != 0 || next % groups[i] != 0 {
            throw $groups.invalid("entry \(i) is \(groups[i]), which does not divide \(width) and \(next) channels")
        }
        try $strides.requireHop()
    }
}
