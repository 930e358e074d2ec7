/// The `config.json` that Tools/convert/hificodec.py writes: the original's, and the width that its classes have fixed.
public struct HiFiCodecConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    /// Strides from the latents to the waveform; the encoder has them in reverse.
    public var upsampleRates: [Int]
    /// Kernel of each strided convolution, longer than its stride by an even number.
    public var upsampleKernelSizes: [Int]
    /// Channels at the latents' end of the decoder; each rate halves them.
    public var upsampleInitialChannel: Int
    /// Channels at the waveform's end of the encoder; each rate doubles them.
    public var encoderInitialChannel: Int
    /// Kind of the residual blocks; only "1" is supported.
    public var resblock: String
    /// Kernel of each residual block of a stage, odd.
    public var resblockKernelSizes: [Int]
    /// Dilations of the three units of each residual block.
    public var resblockDilationSizes: [[Int]]
    /// Groups of channels with codebooks of their own.
    public var codeGroups: Int
    public var codes: Int

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case upsampleRates = "upsample_rates"
        case upsampleKernelSizes = "upsample_kernel_sizes"
        case upsampleInitialChannel = "upsample_initial_channel"
        case encoderInitialChannel = "encoder_initial_channel"
        case resblock
        case resblockKernelSizes = "resblock_kernel_sizes"
        case resblockDilationSizes = "resblock_dilation_sizes"
        case codeGroups = "n_code_groups"
        case codes = "n_codes"
    }

    /// Stages of the quantizer in every model of the family.
    static let quantizerStages = 2
    /// Units of a residual block.
    static let units = 3
    /// Channels that the encoder normalises together.
    static let normWidth = 16

    /// Samples a frame, of a validated config.
    public var hopLength: Int { upsampleRates.reduce(1, *) }
    /// Channels of the latents, of a validated config.
    public var latentDim: Int { encoderInitialChannel << upsampleRates.count }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        try validateRates(check)
        try validateBlocks(check)
        try check.require(.encoderInitialChannel, [encoderInitialChannel], in: 1...(16_384 >> upsampleRates.count))
        guard 2 * encoderInitialChannel % Self.normWidth == 0 else {
            throw check.invalid(
                .encoderInitialChannel, "is \(encoderInitialChannel), expected a multiple of \(Self.normWidth / 2)")
        }
        try check.requireHalvings(.upsampleInitialChannel, upsampleInitialChannel, count: upsampleRates.count)
        try check.require(.codes, [codes], in: 2...65_536)
        try check.require(.codeGroups, [codeGroups], in: 1...64)
        guard latentDim % codeGroups == 0 else {
            throw check.invalid(.codeGroups, "is \(codeGroups), which does not divide \(latentDim) channels")
        }
    }

    private func validateRates(_ check: ConfigCheck<CodingKeys>) throws {
        try check.requireCount(.upsampleRates, upsampleRates.count, in: 1...8)
        try check.require(.upsampleRates, upsampleRates, in: 1...64)
        try check.requireHop(.upsampleRates, upsampleRates)
        try check.requireCount(.upsampleKernelSizes, upsampleKernelSizes.count, in: upsampleRates.count...upsampleRates.count)
        try check.require(.upsampleKernelSizes, upsampleKernelSizes, in: 1...255)
        for (kernel, rate) in zip(upsampleKernelSizes, upsampleRates) where kernel < rate || (kernel - rate) % 2 != 0 {
            throw check.invalid(.upsampleKernelSizes, "holds \(kernel), expected \(rate) and an even number more")
        }
    }

    private func validateBlocks(_ check: ConfigCheck<CodingKeys>) throws {
        guard resblock == "1" else { throw check.invalid(.resblock, "is \"\(resblock)\", only \"1\" is supported") }
        try check.requireCount(.resblockKernelSizes, resblockKernelSizes.count, in: 1...8)
        try check.require(.resblockKernelSizes, resblockKernelSizes, in: 1...255)
        guard resblockKernelSizes.allSatisfy({ $0 % 2 == 1 }) else {
            throw check.invalid(.resblockKernelSizes, "are \(resblockKernelSizes), expected odd numbers")
        }
        let blocks = resblockKernelSizes.count
        try check.requireCount(.resblockDilationSizes, resblockDilationSizes.count, in: blocks...blocks)
        for dilations in resblockDilationSizes {
            try check.requireCount(.resblockDilationSizes, dilations.count, in: Self.units...Self.units)
            try check.require(.resblockDilationSizes, dilations, in: 1...255)
        }
    }
}
