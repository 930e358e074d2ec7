/// The fields of `config.json` that describe EnCodec's encoder and codebooks before Vocos's decoder, which several codecs have.
public struct SEANetVocosConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    /// Channels of the latents and of the codewords.
    public var hiddenSize: Int
    public var codebookSize: Int
    /// The encoder.
    public var network: SEANetConfig
    public var decoder: VocosConfig

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case hiddenSize = "hidden_size"
        case codebookSize = "codebook_size"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        samplingRate = try fields.decode(Int.self, forKey: .samplingRate)
        hiddenSize = try fields.decode(Int.self, forKey: .hiddenSize)
        codebookSize = try fields.decode(Int.self, forKey: .codebookSize)
        network = try SEANetConfig(from: decoder)
        self.decoder = try VocosConfig(from: decoder)
    }

    /// Samples a frame, of a validated config.
    public var hopLength: Int { network.hopLength }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try network.validate(file: file)
        try decoder.validate(file: file)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        try check.require(.hiddenSize, [hiddenSize], in: 1...8192)
        try check.require(.codebookSize, [codebookSize], in: 2...65_536)
        let vocos = ConfigCheck<VocosConfig.CodingKeys>(file: file)
        try vocos.require(.hopLength, [decoder.hopLength], in: hopLength...hopLength)
    }
}
