/// The `config.json` of a SNAC model of the original repository, with a `model_type` added.
public struct SNACConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    /// Channels at the waveform; each rate doubles them.
    public var encoderDim: Int
    /// Strides from the waveform to the latents.
    public var encoderRates: [Int]
    /// Channels of the latents; nil means what the encoder gives, the only value that works.
    public var latentDim: Int?
    /// Channels at the latents' end of the decoder; each rate halves them.
    public var decoderDim: Int
    /// Strides from the latents to the waveform.
    public var decoderRates: [Int]
    /// Frames that see each other in the attention of both networks; null is no attention.
    public var attentionWindow: Int?
    public var codebookSize: Int
    /// Channels in which the nearest codeword is searched.
    public var codebookDim: Int
    /// Frames for which each codebook has one code, the coarsest first.
    public var vqStrides: [Int]
    /// Whether the decoder adds noise.
    public var noise: Bool
    /// Whether the wide convolutions work on each channel by itself.
    public var depthwise: Bool

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case encoderDim = "encoder_dim"
        case encoderRates = "encoder_rates"
        case latentDim = "latent_dim"
        case decoderDim = "decoder_dim"
        case decoderRates = "decoder_rates"
        case attentionWindow = "attn_window_size"
        case codebookSize = "codebook_size"
        case codebookDim = "codebook_dim"
        case vqStrides = "vq_strides"
        case noise
        case depthwise
    }

    /// Channels of a head of attention, in every model of the family.
    static let headSize = 64
    /// Most samples that zeros complete a signal to a multiple of.
    private static let maximumFill = 1 << 22

    /// Samples a frame, of a validated config.
    public var hopLength: Int { encoderRates.reduce(1, *) }
    /// Channels that the encoder gives, of a validated config.
    public var encodedDim: Int { encoderDim << encoderRates.count }
    /// Frames that a signal is completed to a multiple of, of a validated config: whole codes and whole windows.
    public var filledFrames: Int {
        let (stride, window) = (vqStrides[0], attentionWindow ?? 1)
        var (a, b) = (stride, window)
        while b != 0 { (a, b) = (b, a % b) }
        return stride / a * window
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        for (field, rates) in [(CodingKeys.encoderRates, encoderRates), (.decoderRates, decoderRates)] {
            try check.requireRatios(field, rates)
        }
        guard decoderRates.reduce(1, *) == hopLength else {
            throw check.invalid(.decoderRates, "multiply to \(decoderRates.reduce(1, *)), encoder_rates to \(hopLength)")
        }
        try check.require(.encoderDim, [encoderDim], in: 1...(16_384 >> encoderRates.count))
        try check.require(.latentDim, [latentDim ?? encodedDim], in: encodedDim...encodedDim)
        try check.requireHalvings(.decoderDim, decoderDim, count: decoderRates.count)
        try check.require(.codebookSize, [codebookSize], in: 2...65_536)
        try check.require(.codebookDim, [codebookDim], in: 1...8192)
        try check.requireCount(.vqStrides, vqStrides.count, in: 1...64)
        try check.require(.vqStrides, vqStrides, in: 1...64)
        guard vqStrides.allSatisfy({ vqStrides[0] % $0 == 0 }) else {
            throw check.invalid(.vqStrides, "are \(vqStrides), expected divisors of the first")
        }
        try validateAttention(check)
    }

    private func validateAttention(_ check: ConfigCheck<CodingKeys>) throws {
        if let attentionWindow {
            try check.require(.attentionWindow, [attentionWindow], in: 1...4096)
            guard encodedDim % Self.headSize == 0 && decoderDim % Self.headSize == 0 else {
                throw check.invalid(
                    .attentionWindow, "asks for heads of 64, which encoder_dim and decoder_dim do not make: \(encodedDim), \(decoderDim)")
            }
        }
        guard filledFrames * hopLength <= Self.maximumFill else {
            throw check.invalid(
                .attentionWindow, "and vq_strides code \(filledFrames * hopLength) samples together, expected at most \(Self.maximumFill)")
        }
    }
}
