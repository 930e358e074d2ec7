import Checkpoints

/// The `config.json` of a SoundStream model: codetta-24k, from Tools/train, or Lyra v2, as Tools/convert/lyra.py writes it.
///
/// Lists run from the waveform to the latents: entry 0 of `strides` and `kernel_sizes` is the layer at the waveform,
/// entry i > 0 the resampling between `channels[i − 1]` and `channels[i]`. The decoder is the encoder's mirror image.
public struct SoundStreamConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    /// Widths between the resamplings.
    public var channels: [Int]
    /// Groups of the convolutions at each width: a residual unit's second 1×1 and the next resampling; last, the latents'.
    public var groups: [Int]
    public var strides: [Int]
    public var kernelSizes: [Int]
    /// One residual unit each, at every width but the last.
    public var dilations: [Int]
    /// Kernel of a residual unit's depthwise convolution.
    public var unitKernelSize: Int
    /// Kernel of the convolutions to and from the latents.
    public var latentKernelSize: Int
    /// Slope of the leaky ReLUs below 0.
    public var negativeSlope: Float
    /// ConvNeXt blocks at frame rate, after the encoder's last resampling; 0 when not given.
    public var encoderLayers: Int
    /// ConvNeXt blocks at frame rate, before the decoder's first resampling; 0 when not given.
    public var decoderLayers: Int
    /// Inner width of those blocks, in multiples of their own; 1 when not given.
    public var expansion: Int
    /// Kernel of those blocks' depthwise convolutions; 7 when not given.
    public var kernelSize: Int
    /// Frames that the decoder's first convolution sees ahead, beside its `latentKernelSize`; 0 when not given.
    public var decoderLookahead: Int
    /// Channels of the latents.
    public var codebookDim: Int
    public var numCodebooks: Int
    public var codebookSize: Int

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case channels
        case groups
        case strides
        case kernelSizes = "kernel_sizes"
        case dilations
        case unitKernelSize = "unit_kernel_size"
        case latentKernelSize = "latent_kernel_size"
        case negativeSlope = "negative_slope"
        case encoderLayers = "encoder_layers"
        case decoderLayers = "decoder_layers"
        case expansion
        case kernelSize = "kernel_size"
        case decoderLookahead = "decoder_lookahead"
        case codebookDim = "codebook_dim"
        case numCodebooks = "num_codebooks"
        case codebookSize = "codebook_size"
    }

    /// Samples a frame, of a validated config.
    public var hopLength: Int { strides.reduce(1, *) }

    /// Width of the frame-rate layers, of a validated config.
    public var hiddenSize: Int { channels.last ?? 1 }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func required<T: Decodable>(_ key: CodingKeys) throws -> T { try fields.decode(T.self, forKey: key) }
        func optional(_ key: CodingKeys, _ value: Int) throws -> Int { try fields.decodeIfPresent(Int.self, forKey: key) ?? value }
        samplingRate = try required(.samplingRate)
        channels = try required(.channels)
        groups = try required(.groups)
        strides = try required(.strides)
        kernelSizes = try required(.kernelSizes)
        dilations = try required(.dilations)
        unitKernelSize = try required(.unitKernelSize)
        latentKernelSize = try required(.latentKernelSize)
        negativeSlope = try required(.negativeSlope)
        encoderLayers = try optional(.encoderLayers, 0)
        decoderLayers = try optional(.decoderLayers, 0)
        expansion = try optional(.expansion, 1)
        kernelSize = try optional(.kernelSize, 7)
        decoderLookahead = try optional(.decoderLookahead, 0)
        codebookDim = try required(.codebookDim)
        numCodebooks = try required(.numCodebooks)
        codebookSize = try required(.codebookSize)
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws(CheckpointError) {
        let check = ConfigCheck<CodingKeys>(file: file)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        try check.require(.channels, channels, in: 1...8192)
        try check.require(.groups, groups, in: 1...8192)
        try check.require(.strides, strides, in: 1...1024)
        try check.require(.kernelSizes, kernelSizes, in: 1...1024)
        try check.require(.dilations, dilations, in: 1...256)
        try check.require(.unitKernelSize, [unitKernelSize], in: 1...15)
        try check.require(.latentKernelSize, [latentKernelSize], in: 1...255)
        try check.require(.encoderLayers, [encoderLayers], in: 0...64)
        try check.require(.decoderLayers, [decoderLayers], in: 0...64)
        try check.require(.expansion, [expansion], in: 1...16)
        try check.require(.kernelSize, [kernelSize], in: 1...255)
        try check.require(.decoderLookahead, [decoderLookahead], in: 0...64)
        try check.require(.codebookDim, [codebookDim], in: 1...8192)
        try check.require(.numCodebooks, [numCodebooks], in: 1...256)
        try check.require(.codebookSize, [codebookSize], in: 2...65_536)
        try validateLists(check)
        guard (0...1).contains(negativeSlope) else {
            throw check.invalid(.negativeSlope, "is \(negativeSlope), expected 0...1")
        }
    }

    private func validateLists(_ check: ConfigCheck<CodingKeys>) throws(CheckpointError) {
        try check.requireCount(.channels, channels.count, in: 1...16)
        for (field, list) in [(CodingKeys.groups, groups), (.strides, strides), (.kernelSizes, kernelSizes)]
        where list.count != channels.count {
            throw check.invalid(field, "has \(list.count) entries, expected \(channels.count) as channels has")
        }
        try check.requireCount(.dilations, dilations.count, in: 0...16)
        if let i = channels.indices.first(where: { kernelSizes[$0] < strides[$0] }) {
            throw check.invalid(.kernelSizes, "entry \(i) is \(kernelSizes[i]), below the stride \(strides[i])")
        }
        for (i, (width, next)) in zip(channels, channels.dropFirst() + [codebookDim]).enumerated()
        where width % groups[i] != 0 || next % groups[i] != 0 {
            throw check.invalid(.groups, "entry \(i) is \(groups[i]), which does not divide \(width) and \(next) channels")
        }
        try check.requireHop(.strides, strides)
    }
}
