import Metrics
import Tokens

/// The range that a mean lies in with the settings' confidence.
public struct ConfidenceInterval: Sendable, Hashable, Codable {
    /// The lower end.
    public var low: Double
    /// The upper end.
    public var high: Double

    /// An interval from `low` to `high`.
    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }
}

/// One system over all items.
public struct SystemSummary: Sendable, Hashable, Codable {
    /// `EvaluatedSystem.id`
    public var system: String
    /// Items that the system coded.
    public var coded: Int
    /// Items that it failed on.
    public var failed: Int
    /// All bits over all seconds of the items that were coded; nil when there are none.
    public var rates: ItemRates?
    /// Seconds of audio per second of encoding, of one item at a time; nil when nothing was timed.
    public var encodingSpeed: Double?
    /// Seconds of audio per second of decoding, likewise.
    public var decodingSpeed: Double?
    /// In the order of `EvaluationResults.measures`.
    public var measures: [MeasureSummary]
    /// A model's codes over all items, one entry per codebook; empty for peers.
    public var codebooks: [CodeCounts]

    /// A summary; `measures` in the order of `EvaluationResults.measures`.
    public init(
        system: String, coded: Int, failed: Int, rates: ItemRates?, encodingSpeed: Double?, decodingSpeed: Double?,
        measures: [MeasureSummary], codebooks: [CodeCounts]
    ) {
        self.system = system
        self.coded = coded
        self.failed = failed
        self.rates = rates
        self.encodingSpeed = encodingSpeed
        self.decodingSpeed = decodingSpeed
        self.measures = measures
        self.codebooks = codebooks
    }
}

/// One measure of one system over the items that have a value.
public struct MeasureSummary: Sendable, Hashable, Codable {
    /// `MeasureDefinition.name`
    public var measure: String
    /// Nil without a single value.
    public var mean: Double?
    /// Of the mean, by bootstrap over items; nil with fewer than two values.
    public var interval: ConfidenceInterval?
    /// Items with a value.
    public var count: Int
    /// How many items have no value, by reason.
    public var absent: [String: Int]

    /// A summary of one measure.
    public init(measure: String, mean: Double?, interval: ConfidenceInterval?, count: Int, absent: [String: Int]) {
        self.measure = measure
        self.mean = mean
        self.interval = interval
        self.count = count
        self.absent = absent
    }
}

/// One measure of two systems over the items for which both have a value.
public struct PairedComparison: Sendable, Hashable, Codable {
    /// `EvaluatedSystem.id` of one system.
    public var first: String
    /// `EvaluatedSystem.id` of the other.
    public var second: String
    /// `MeasureDefinition.name`
    public var measure: String
    /// Mean over items of first − second; nil without a common item.
    public var difference: Double?
    /// Of the difference, by bootstrap over items; nil with fewer than two. One that leaves out 0 is a difference.
    public var interval: ConfidenceInterval?
    /// Items compared.
    public var count: Int

    /// A comparison; `difference` is first − second.
    public init(
        first: String, second: String, measure: String, difference: Double?, interval: ConfidenceInterval?, count: Int
    ) {
        self.first = first
        self.second = second
        self.measure = measure
        self.difference = difference
        self.interval = interval
        self.count = count
    }
}
