/// A measured number, or one line that says why there is none. Never a default in place of a number.
///
/// In JSON `{"value": 12.5}` or `{"absent": "the reference is silent"}`.
public enum ScoreValue: Sendable, Hashable {
    case value(Double)
    case absent(String)

    /// The number, or nil.
    public var number: Double? {
        if case .value(let number) = self { return number }
        return nil
    }

    /// Why there is no number, or nil.
    public var reason: String? {
        if case .absent(let reason) = self { return reason }
        return nil
    }
}

extension ScoreValue: Codable {
    private enum CodingKeys: String, CodingKey {
        case value
        case absent
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let reason = try container.decodeIfPresent(String.self, forKey: .absent) {
            self = .absent(reason)
        } else {
            self = .value(try container.decode(Double.self, forKey: .value))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .value(let number) where number.isFinite: try container.encode(number, forKey: .value)
        case .value(let number): try container.encode("\(number) is not finite", forKey: .absent)
        case .absent(let reason): try container.encode(reason, forKey: .absent)
        }
    }
}

/// What one item cost in one system, in kb/s over the item's length.
public struct ItemRates: Sendable, Hashable, Codable {
    /// A model's Σ frame rate · log₂ codebook size over all tracks; for a peer what it was asked for.
    public var nominal: Double
    /// What must be sent: codes in whole bits, or as an entropy coder coded them, or a peer's packets. Neither container nor headers.
    public var payload: Double
    /// The file as it lies on the disk.
    public var file: Double
    /// What an ideal coder of order 0 that knows each codebook's statistics in this item would need; nil for peers.
    public var entropy: Double?

    public init(nominal: Double, payload: Double, file: Double, entropy: Double? = nil) {
        self.nominal = nominal
        self.payload = payload
        self.file = file
        self.entropy = entropy
    }
}

/// How the codes of one codebook are spread over its codewords.
public struct CodebookStatistics: Sendable, Hashable, Codable {
    /// Codewords.
    public var size: Int
    /// Codes counted, all tracks together.
    public var total: Int
    /// Codewords that occur.
    public var used: Int
    /// Of order 0, in bits a code.
    public var entropy: Double

    public init(size: Int, total: Int, used: Int, entropy: Double) {
        self.size = size
        self.total = total
        self.used = used
        self.entropy = entropy
    }
}

/// By how much what came out of a system lagged the item, before it was aligned for the measures.
public struct ItemDelay: Sendable, Hashable, Codable {
    /// At the item's rate; positive when the system's output is late. Delays that a codec states (such as Opus's pre-skip)
    /// are taken out beforehand.
    public var samples: Int
    public var correlation: ScoreValue

    public init(samples: Int, correlation: ScoreValue) {
        self.samples = samples
        self.correlation = correlation
    }
}

/// What one system made of one item.
public struct ItemScore: Sendable, Hashable, Codable {
    /// `EvaluatedDataset.Item.id`
    public var item: String
    /// `EvaluatedSystem.id`
    public var system: String
    /// One line, when the system gave nothing for this item; what follows is then nil or empty.
    public var failure: String?
    public var rates: ItemRates?
    public var delay: ItemDelay?
    /// By `MeasureDescription.name`; means over the item's channels.
    public var measures: [String: ScoreValue]
    /// One a codebook of a model; empty for peers.
    public var codebooks: [CodebookStatistics]
    public var encodeSeconds: Double?
    public var decodeSeconds: Double?
    /// The decoded audio, as a path from where the evaluation ran, when it was kept: same rate and length as the item.
    public var audio: String?
    /// A model's `.codetta` file, likewise.
    public var tokens: String?

    public init(
        item: String, system: String, failure: String? = nil, rates: ItemRates? = nil, delay: ItemDelay? = nil,
        measures: [String: ScoreValue] = [:], codebooks: [CodebookStatistics] = [], encodeSeconds: Double? = nil,
        decodeSeconds: Double? = nil, audio: String? = nil, tokens: String? = nil
    ) {
        self.item = item
        self.system = system
        self.failure = failure
        self.rates = rates
        self.delay = delay
        self.measures = measures
        self.codebooks = codebooks
        self.encodeSeconds = encodeSeconds
        self.decodeSeconds = decodeSeconds
        self.audio = audio
        self.tokens = tokens
    }
}
