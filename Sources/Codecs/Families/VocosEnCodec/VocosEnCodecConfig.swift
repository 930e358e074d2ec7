import Tokens

/// The `config.json` that Tools/convert/vocos.py writes for EnCodec's tokens: the original's YAML and EnCodec's fields.
public struct VocosEnCodecConfig: Decodable, Sendable, Equatable {
    /// kb/s, rising. Each has its row in the decoder's conditioned norms.
    public var bandwidths: [Double]
    public var networks: SEANetVocosConfig

    enum CodingKeys: String, CodingKey {
        case bandwidths
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        bandwidths = try fields.decode([Double].self, forKey: .bandwidths)
        networks = try SEANetVocosConfig(from: decoder)
    }

    /// Codebooks of each bandwidth, of a validated config: as many as it has room for at ⌈frames a second⌉; 0 if none.
    public var codebookCounts: [Int] {
        let frameRate = (networks.samplingRate + networks.hopLength - 1) / networks.hopLength
        let bits = CodeLayout.Codebook(size: networks.codebookSize).bits
        return bandwidths.map { bandwidth in
            let count = 1000 * bandwidth / Double(frameRate * bits)
            return count.isFinite && abs(count) < 1e6 ? Int(count) : 0
        }
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try networks.validate(file: file)
        try check.requireCount(.bandwidths, bandwidths.count, in: 1...64)
        let counts = codebookCounts
        guard counts.allSatisfy({ (1...256).contains($0) }), zip(counts, counts.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw check.invalid(.bandwidths, "\(bandwidths) make \(counts) codebooks, expected rising numbers in 1...256")
        }
        guard networks.decoder.adanormNumEmbeddings == bandwidths.count else {
            throw ConfigCheck<VocosConfig.CodingKeys>(file: file).invalid(
                .adanormNumEmbeddings,
                "is \(networks.decoder.adanormNumEmbeddings.map(String.init) ?? "null"), expected one a bandwidth, \(bandwidths.count)")
        }
    }
}
