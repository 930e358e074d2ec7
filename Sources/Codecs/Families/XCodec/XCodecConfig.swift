import Tokens

/// The `config.json` of a Hugging Face `XcodecModel`.
public struct XCodecConfig: Decodable, Sendable, Equatable {
    /// The networks of DAC.
    public struct Acoustic: Decodable, Sendable, Equatable {
        /// Channels at the waveform; each ratio doubles them.
        public var encoderHiddenSize: Int
        public var downsamplingRatios: [Int]
        /// Channels at the latents' end of the decoder; each ratio halves them.
        public var decoderHiddenSize: Int
        public var upsamplingRatios: [Int]
        /// Channels of the latents.
        public var hiddenSize: Int

        enum CodingKeys: String, CodingKey {
            case encoderHiddenSize = "encoder_hidden_size"
            case downsamplingRatios = "downsampling_ratios"
            case decoderHiddenSize = "decoder_hidden_size"
            case upsamplingRatios = "upsampling_ratios"
            case hiddenSize = "hidden_size"
        }
    }

    public var samplingRate: Int
    /// kb/s. The last one says how many codebooks there are.
    public var targetBandwidths: [Double]
    public var codebookSize: Int
    /// nil means that of the latents, the only value that works.
    public var codebookDim: Int?
    /// Of the convolutions around the semantic encoder's blocks, and inside its units.
    public var kernelSize: Int
    public var unitKernelSize: Int
    /// Dilations of the units of a block.
    public var blockDilations: [Int]
    /// One a block of the semantic encoder; only 1 is supported, as is for `channelRatios`.
    public var strides: [Int]
    public var channelRatios: [Double]
    public var acoustic: Acoustic
    public var semantic: HuBERTConfig

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sample_rate"
        case targetBandwidths = "target_bandwidths"
        case codebookSize = "codebook_size"
        case codebookDim = "codebook_dim"
        case kernelSize = "kernel_size"
        case unitKernelSize = "unit_kernel_size"
        case blockDilations = "block_dilations"
        case strides
        case channelRatios = "channel_ratios"
        case acoustic = "acoustic_model_config"
        case semantic = "semantic_model_config"
    }

    /// Samples a frame, of a validated config.
    public var hopLength: Int { acoustic.downsamplingRatios.reduce(1, *) }
    /// Channels of the latents, acoustic and semantic, of a validated config.
    public var hiddenSize: Int { acoustic.hiddenSize + semantic.hiddenSize }
    /// Zeros that the semantic model gets before and after the signal.
    var semanticPadding: Int { hopLength / 2 }

    /// As many as the greatest bandwidth has room for at ⌈frames a second⌉; 0 if none.
    public var numCodebooks: Int {
        let frameRate = (samplingRate + hopLength - 1) / hopLength
        let bits = CodeLayout.Codebook(size: codebookSize).bits
        let count = 1000 * (targetBandwidths.last ?? 0) / Double(frameRate * bits)
        return count.isFinite && count < 1e6 ? Int(count) : 0
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try validateAcoustic(file: file)
        try semantic.validate(file: file)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        try check.require(.codebookSize, [codebookSize], in: 2...65_536)
        try check.require(.codebookDim, [codebookDim ?? hiddenSize], in: hiddenSize...hiddenSize)
        try check.requireCount(.strides, strides.count, in: 1...16)
        try check.require(.strides, strides, in: 1...1)
        guard channelRatios == strides.map({ _ in 1 }) else {
            throw check.invalid(.channelRatios, "is \(channelRatios), only 1 for each of strides is supported")
        }
        try check.requireCount(.blockDilations, blockDilations.count, in: 1...16)
        try check.require(.blockDilations, blockDilations, in: 1...64)
        for (field, kernel) in [(CodingKeys.kernelSize, kernelSize), (.unitKernelSize, unitKernelSize)] {
            try check.require(field, [kernel], in: 1...255)
            if kernel % 2 == 0 { throw check.invalid(field, "is \(kernel), expected an odd number") }
        }
        guard (1...256).contains(numCodebooks) else {
            throw check.invalid(.targetBandwidths, "\(targetBandwidths) make \(numCodebooks) codebooks, expected 1...256")
        }
        guard semantic.hopLength == hopLength, semantic.frames(samples: hopLength + 2 * semanticPadding) == 1 else {
            throw check.invalid(.semantic, "has frames of \(semantic.hopLength) samples that are not those of acoustic_model_config")
        }
    }

    private func validateAcoustic(file: String) throws {
        let check = ConfigCheck<Acoustic.CodingKeys>(file: file)
        let ratios = acoustic.downsamplingRatios
        try check.requireCount(.downsamplingRatios, ratios.count, in: 1...8)
        try check.requireCount(.upsamplingRatios, acoustic.upsamplingRatios.count, in: 1...8)
        try check.require(.downsamplingRatios, ratios, in: 2...64)
        try check.require(.upsamplingRatios, acoustic.upsamplingRatios, in: 2...64)
        try check.requireHop(.downsamplingRatios, ratios)
        try check.requireHop(.upsamplingRatios, acoustic.upsamplingRatios)
        guard acoustic.upsamplingRatios.reduce(1, *) == hopLength else {
            throw check.invalid(.upsamplingRatios, "\(acoustic.upsamplingRatios) do not make up for downsampling_ratios \(ratios)")
        }
        try check.require(.encoderHiddenSize, [acoustic.encoderHiddenSize], in: 1...(16_384 >> ratios.count))
        try check.require(.decoderHiddenSize, [acoustic.decoderHiddenSize], in: 1...16_384)
        try check.require(.hiddenSize, [acoustic.hiddenSize], in: 1...8192)
        guard acoustic.decoderHiddenSize % (1 << acoustic.upsamplingRatios.count) == 0 else {
            throw check.invalid(
                .decoderHiddenSize,
                "is \(acoustic.decoderHiddenSize), which \(acoustic.upsamplingRatios.count) ratios cannot halve so often")
        }
    }
}
