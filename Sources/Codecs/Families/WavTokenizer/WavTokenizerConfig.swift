/// The `config.json` that Tools/convert/wavtokenizer.py writes: the original's YAML, and what its classes have fixed.
public struct WavTokenizerConfig: Decodable, Sendable, Equatable {
    public var networks: SEANetVocosConfig

    public init(from decoder: any Decoder) throws { networks = try SEANetVocosConfig(from: decoder) }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        try networks.validate(file: file)
        let dim = networks.decoder.dim
        guard dim % WavTokenizerPositionNet.groups == 0 else {
            throw ConfigCheck<VocosConfig.CodingKeys>(file: file)
                .invalid(.dim, "is \(dim), expected a multiple of \(WavTokenizerPositionNet.groups)")
        }
    }
}
