/// The `config.json` that Tools/convert/languagecodec.py writes: the original's YAML, and what its classes have fixed.
public struct LanguageCodecConfig: Decodable, Sendable, Equatable {
    public var numQuantizers: Int
    public var networks: SEANetVocosConfig

    enum CodingKeys: String, CodingKey {
        case numQuantizers = "num_quantizers"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        numQuantizers = try fields.decode(Int.self, forKey: .numQuantizers)
        networks = try SEANetVocosConfig(from: decoder)
    }

    /// Codebooks that see a third of the latents' channels each.
    static let maskedQuantizers = 3

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        try networks.validate(file: file)
        let masked = LanguageCodecConfig.maskedQuantizers
        try ConfigCheck<CodingKeys>(file: file).require(.numQuantizers, [numQuantizers], in: masked...256)
        try ConfigCheck<SEANetVocosConfig.CodingKeys>(file: file).require(.hiddenSize, [networks.hiddenSize], in: masked...8192)
    }
}
