import Checkpoints

/// The `config.json` of Lyra v2, as Tools/convert/lyra.py writes it.
///
/// Lists run from the waveform to the latents: entry 0 of `strides` and `kernel_sizes` is the layer at the waveform,
/// entry i > 0 the resampling between `channels[i − 1]` and `channels[i]`. The decoder is the encoder's mirror image.
public struct LyraConfig: Decodable, Sendable, Equatable {
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
        case codebookDim = "codebook_dim"
        case numCodebooks = "num_codebooks"
        case codebookSize = "codebook_size"
    }

    /// Samples a frame, of a validated config.
    public var hopLength: Int { strides.reduce(1, *) }

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
