import Metrics
import Tokens

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

    /// Rates in kb/s.
    public init(nominal: Double, payload: Double, file: Double, entropy: Double? = nil) {
        self.nominal = nominal
        self.payload = payload
        self.file = file
        self.entropy = entropy
    }
}

/// By how much what came out of a system lagged the item, before it was aligned for the measures.
public struct ItemDelay: Sendable, Hashable, Codable {
    /// At the item's rate; positive when the system's output is late. Delays that a codec states (such as Opus's pre-skip)
    /// are taken out beforehand.
    public var samples: Int
    /// Of the two signals at that delay, or why it was not searched.
    public var correlation: MetricValue

    /// A delay in samples at the item's rate.
    public init(samples: Int, correlation: MetricValue) {
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
    /// What the item cost.
    public var rates: ItemRates?
    /// By how much the output lagged.
    public var delay: ItemDelay?
    /// By `MeasureDefinition.name`; means over the item's channels.
    public var measures: [String: MetricValue]
    /// One per codebook of a model; empty for peers.
    @StoredUses public var codebooks: [CodebookUse]
    /// Seconds that encoding took.
    public var encodeSeconds: Double?
    /// Seconds that decoding took.
    public var decodeSeconds: Double?
    /// The decoded audio, as a path from where the evaluation ran, when it was kept: same rate and length as the item.
    public var audio: String?
    /// A model's `.codetta` file, likewise.
    public var tokens: String?

    /// A score of one system for one item; everything but these two may be left out.
    public init(
        item: String, system: String, failure: String? = nil, rates: ItemRates? = nil, delay: ItemDelay? = nil,
        measures: [String: MetricValue] = [:], codebooks: [CodebookUse] = [], encodeSeconds: Double? = nil,
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

/// Codebooks' figures as documents hold them: `codes` under the name `total`.
@propertyWrapper
public struct StoredUses: Sendable, Hashable, Codable {
    /// The figures, one entry per codebook.
    public var wrappedValue: [CodebookUse]

    /// Wraps figures.
    public init(wrappedValue: [CodebookUse]) { self.wrappedValue = wrappedValue }

    private enum CodingKeys: String, CodingKey { case size, total, used, entropy }

    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        wrappedValue = []
        while !list.isAtEnd {
            let entry = try list.nestedContainer(keyedBy: CodingKeys.self)
            wrappedValue.append(
                CodebookUse(
                    size: try entry.decode(Int.self, forKey: .size), codes: try entry.decode(Int.self, forKey: .total),
                    used: try entry.decode(Int.self, forKey: .used), entropy: try entry.decode(Double.self, forKey: .entropy)))
        }
    }

    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for use in wrappedValue {
            var entry = list.nestedContainer(keyedBy: CodingKeys.self)
            try entry.encode(use.size, forKey: .size)
            try entry.encode(use.codes, forKey: .total)
            try entry.encode(use.used, forKey: .used)
            try entry.encode(use.entropy, forKey: .entropy)
        }
    }
}
