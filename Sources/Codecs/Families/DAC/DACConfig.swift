/// The `config.json` of a Hugging Face `DacModel`.
public struct DACConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    /// Channels at the waveform; each ratio doubles them.
    public var encoderHiddenSize: Int
    /// Strides from the waveform to the latents; the decoder has them in reverse.
    public var downsamplingRatios: [Int]
    /// Channels at the latents' end of the decoder; each ratio halves them.
    public var decoderHiddenSize: Int
    public var numCodebooks: Int
    public var codebookSize: Int
    /// Channels in which the nearest codeword is searched.
    public var codebookDim: Int

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case encoderHiddenSize = "encoder_hidden_size"
        case downsamplingRatios = "downsampling_ratios"
        case decoderHiddenSize = "decoder_hidden_size"
        case numCodebooks = "n_codebooks"
        case codebookSize = "codebook_size"
        case codebookDim = "codebook_dim"
    }

    /// Samples a frame, of a validated config.
    public var hopLength: Int { downsamplingRatios.reduce(1, *) }
    /// Channels of the latents, of a validated config.
    public var latentDim: Int { encoderHiddenSize << downsamplingRatios.count }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        try check.requireRatios(.downsamplingRatios, downsamplingRatios)
        try check.require(.encoderHiddenSize, [encoderHiddenSize], in: 1...(16_384 >> downsamplingRatios.count))
        try check.requireHalvings(.decoderHiddenSize, decoderHiddenSize, count: downsamplingRatios.count)
        try check.require(.numCodebooks, [numCodebooks], in: 1...256)
        try check.require(.codebookSize, [codebookSize], in: 2...65_536)
        try check.require(.codebookDim, [codebookDim], in: 1...8192)
    }
}
