/// The `config.json` that Tools/convert/vocos.py writes for a vocoder of mel features: the original's YAML.
public struct VocosVocoderConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    /// Mel bands.
    public var numMels: Int
    /// The network. Its frames are also those of the features.
    public var decoder: VocosConfig

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case numMels = "n_mels"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        samplingRate = try fields.decode(Int.self, forKey: .samplingRate)
        numMels = try fields.decode(Int.self, forKey: .numMels)
        self.decoder = try VocosConfig(from: decoder)
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try decoder.validate(file: file, isVocoder: true)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        try check.require(.numMels, [numMels], in: 1...1024)
        guard decoder.adanormNumEmbeddings == nil else {
            throw ConfigCheck<VocosConfig.CodingKeys>(file: file)
                .invalid(.adanormNumEmbeddings, "is set, but mel features have no bandwidth to condition norms by")
        }
    }
}
