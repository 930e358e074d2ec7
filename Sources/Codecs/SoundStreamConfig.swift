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
        func check(_ field: CodingKeys, _ values: [Int], _ range: ClosedRange<Int>) throws(CheckpointError) {
            guard let value = values.first(where: { !range.contains($0) }) else { return }
            throw invalid(field, "holds \(value), expected \(range.lowerBound)...\(range.upperBound)", file)
        }
        try check(.samplingRate, [samplingRate], 1000...384_000)
        try check(.channels, channels, 1...8192)
        try check(.groups, groups, 1...8192)
        try check(.strides, strides, 1...1024)
        try check(.kernelSizes, kernelSizes, 1...1024)
        try check(.dilations, dilations, 1...256)
        try check(.unitKernelSize, [unitKernelSize], 1...15)
        try check(.latentKernelSize, [latentKernelSize], 1...255)
        try check(.encoderLayers, [encoderLayers], 0...64)
        try check(.decoderLayers, [decoderLayers], 0...64)
        try check(.expansion, [expansion], 1...16)
        try check(.kernelSize, [kernelSize], 1...255)
        try check(.decoderLookahead, [decoderLookahead], 0...64)
        try check(.codebookDim, [codebookDim], 1...8192)
        try check(.numCodebooks, [numCodebooks], 1...256)
        try check(.codebookSize, [codebookSize], 2...65_536)
        try validateLists(file)
        guard (0...1).contains(negativeSlope) else {
            throw invalid(.negativeSlope, "is \(negativeSlope), expected 0...1", file)
        }
    }

    private func validateLists(_ file: String) throws(CheckpointError) {
        guard (1...16).contains(channels.count) else {
            throw invalid(.channels, "has \(channels.count) entries, expected 1...16", file)
        }
        for (field, list) in [(CodingKeys.groups, groups), (.strides, strides), (.kernelSizes, kernelSizes)]
        where list.count != channels.count {
            throw invalid(field, "has \(list.count) entries, expected \(channels.count) as channels has", file)
        }
        guard dilations.count <= 16 else {
            throw invalid(.dilations, "has \(dilations.count) entries, expected at most 16", file)
        }
        if let i = channels.indices.first(where: { kernelSizes[$0] < strides[$0] }) {
            throw invalid(.kernelSizes, "entry \(i) is \(kernelSizes[i]), below the stride \(strides[i])", file)
        }
        for (i, (width, next)) in zip(channels, channels.dropFirst() + [codebookDim]).enumerated()
        where width % groups[i] != 0 || next % groups[i] != 0 {
            throw invalid(.groups, "entry \(i) is \(groups[i]), which does not divide \(width) and \(next) channels", file)
        }
        var hop = 1
        for stride in strides {
            hop *= stride
            if hop > 65_536 { throw invalid(.strides, "multiply to more than 65536 samples a frame", file) }
        }
    }

    private func invalid(_ field: CodingKeys, _ reason: String, _ file: String) -> CheckpointError {
        .invalidConfig(field: field.rawValue, reason: reason, file: file)
    }
}
