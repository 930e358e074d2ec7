/// The `config.json` that Tools/convert/bigcodec.py writes: the arguments of the original's two networks.
public struct BigCodecConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    /// Channels at the waveform's end of the encoder; each ratio doubles them.
    public var ngf: Int
    /// Strides from the waveform to the latents.
    public var encoderUpRatios: [Int]
    /// Channels at the latents' end of the decoder; each ratio halves them.
    public var upsampleInitialChannel: Int
    /// Strides from the latents to the waveform.
    public var decoderUpRatios: [Int]
    /// Channels of the latents.
    public var hiddenSize: Int
    /// Of the LSTM in either network.
    public var rnnNumLayers: Int
    public var codebookSize: Int
    /// Channels in which the nearest codeword is searched.
    public var codebookDim: Int

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case ngf
        case encoderUpRatios = "encoder_up_ratios"
        case upsampleInitialChannel = "upsample_initial_channel"
        case decoderUpRatios = "decoder_up_ratios"
        case hiddenSize = "hidden_size"
        case rnnNumLayers = "rnn_num_layers"
        case codebookSize = "codebook_size"
        case codebookDim = "codebook_dim"
    }

    /// Samples a frame, of a validated config.
    public var hopLength: Int { encoderUpRatios.reduce(1, *) }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        try check.requireRatios(.encoderUpRatios, encoderUpRatios)
        try check.requireRatios(.decoderUpRatios, decoderUpRatios)
        guard decoderUpRatios.reduce(1, *) == hopLength else {
            throw check.invalid(
                .decoderUpRatios, "multiply to \(decoderUpRatios.reduce(1, *)), encoder_up_ratios to \(hopLength)")
        }
        try check.require(.ngf, [ngf], in: 1...(16_384 >> encoderUpRatios.count))
        try check.requireHalvings(.upsampleInitialChannel, upsampleInitialChannel, count: decoderUpRatios.count)
        try check.require(.hiddenSize, [hiddenSize], in: 1...8192)
        try check.require(.rnnNumLayers, [rnnNumLayers], in: 1...16)
        try check.require(.codebookSize, [codebookSize], in: 2...65_536)
        try check.require(.codebookDim, [codebookDim], in: 1...8192)
    }
}
