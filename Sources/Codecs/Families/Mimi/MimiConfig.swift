/// The `config.json` of a Hugging Face `MimiModel`.
public struct MimiConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    public var audioChannels: Int
    /// Frames of codes a second; nil is half of the networks' rate.
    public var frameRate: Double?
    /// Channels between the networks.
    public var hiddenSize: Int
    public var network: SEANetConfig
    public var transformer: MimiTransformerConfig
    public var codebookSize: Int
    public var codebookDim: Int
    /// Channels in which the codewords add up: `codebookDim`.
    public var quantizerDim: Int
    /// Semantic and acoustic codebooks together.
    public var numQuantizers: Int
    public var numSemanticQuantizers: Int
    /// Groups of the transposed convolution that brings the codes' rate back to the networks'.
    public var upsampleGroups: Int

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case audioChannels = "audio_channels"
        case frameRate = "frame_rate"
        case hiddenSize = "hidden_size"
        case codebookSize = "codebook_size"
        case codebookDim = "codebook_dim"
        case quantizerDim = "vector_quantization_hidden_dimension"
        case numQuantizers = "num_quantizers"
        case numSemanticQuantizers = "num_semantic_quantizers"
        case upsampleGroups = "upsample_groups"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        samplingRate = try fields.decode(Int.self, forKey: .samplingRate)
        audioChannels = try fields.decode(Int.self, forKey: .audioChannels)
        frameRate = try fields.decodeIfPresent(Double.self, forKey: .frameRate)
        hiddenSize = try fields.decode(Int.self, forKey: .hiddenSize)
        codebookSize = try fields.decode(Int.self, forKey: .codebookSize)
        codebookDim = try fields.decode(Int.self, forKey: .codebookDim)
        quantizerDim = try fields.decode(Int.self, forKey: .quantizerDim)
        numQuantizers = try fields.decode(Int.self, forKey: .numQuantizers)
        numSemanticQuantizers = try fields.decode(Int.self, forKey: .numSemanticQuantizers)
        upsampleGroups = try fields.decode(Int.self, forKey: .upsampleGroups)
        network = try SEANetConfig(from: decoder)
        transformer = try MimiTransformerConfig(from: decoder)
    }

    /// Frames of the networks for a frame of codes, of a validated config.
    public var latentStride: Int {
        let networkRate = (samplingRate + network.hopLength - 1) / network.hopLength
        let ratio = Double(networkRate) / (frameRate ?? Double(samplingRate) / Double(2 * network.hopLength))
        return ratio.isFinite && abs(ratio) < 1e6 ? Int(ratio) : 0
    }

    /// Samples a frame of codes, of a validated config.
    public var hopLength: Int { network.hopLength * latentStride }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try network.validate(file: file)
        try ConfigCheck<SEANetConfig.CodingKeys>(file: file).require(.numLSTMLayers, [network.numLSTMLayers], in: 0...0)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        try check.require(.audioChannels, [audioChannels], in: 1...2)
        try check.require(.hiddenSize, [hiddenSize], in: 1...8192)
        guard (2...64).contains(latentStride) else {
            throw check.invalid(.frameRate, "makes a frame of \(latentStride) of the networks' frames, expected 2...64")
        }
        try check.require(.codebookSize, [codebookSize], in: 2...65_536)
        try check.require(.quantizerDim, [quantizerDim], in: 1...8192)
        try check.require(.codebookDim, [codebookDim], in: quantizerDim...quantizerDim)
        try check.require(.numQuantizers, [numQuantizers], in: 2...256)
        try check.require(.numSemanticQuantizers, [numSemanticQuantizers], in: 1...(numQuantizers - 1))
        try check.require(.upsampleGroups, [upsampleGroups], in: 1...hiddenSize)
        guard hiddenSize % upsampleGroups == 0 else {
            throw check.invalid(.upsampleGroups, "is \(upsampleGroups), which does not divide hidden_size \(hiddenSize)")
        }
        try transformer.validate(file: file, hiddenSize: hiddenSize)
    }
}
