/// How an evaluation was made, as far as its numbers depend on it.
public struct EvaluationSettings: Sendable, Hashable, Codable {
    /// Largest delay searched between an item and what became of it, in seconds.
    public var maximumDelay: Double
    /// Whether items were mixed down to mono first.
    public var downmix: Bool
    /// Bootstrap resamples of each interval.
    public var resamples: Int
    /// Probability that the intervals cover, 0.95.
    public var confidence: Double
    /// Of the bootstrap.
    public var seed: UInt64
    /// External scorers: name and command as given.
    public var scorers: [String: String]

    /// Settings as they are by default, but for those given.
    public init(
        maximumDelay: Double = 0.25, downmix: Bool = false, resamples: Int = 2000, confidence: Double = 0.95, seed: UInt64 = 1,
        scorers: [String: String] = [:]
    ) {
        self.maximumDelay = maximumDelay
        self.downmix = downmix
        self.resamples = resamples
        self.confidence = confidence
        self.seed = seed
        self.scorers = scorers
    }
}

/// The recordings that systems were tried on.
public struct EvaluatedDataset: Sendable, Hashable, Codable {
    /// One recording.
    public struct Item: Sendable, Hashable, Codable {
        /// Path relative to the data set's folder, unique in it.
        public var id: String
        /// Path that opens the recording from the folder in which the evaluation ran.
        public var path: String
        /// Length; nil, as are `sampleRate` and `channels`, for a file that could not be read.
        public var seconds: Double?
        /// Hz.
        public var sampleRate: Int?
        /// Channels of the recording.
        public var channels: Int?
        /// Why the recording could not be used; its scores then all carry the same failure.
        public var failure: String?

        /// An item; one that could not be read has a failure in place of length, rate and channels.
        public init(
            id: String, path: String, seconds: Double? = nil, sampleRate: Int? = nil, channels: Int? = nil,
            failure: String? = nil
        ) {
            self.id = id
            self.path = path
            self.seconds = seconds
            self.sampleRate = sampleRate
            self.channels = channels
            self.failure = failure
        }
    }

    /// The folder's name.
    public var name: String
    /// In the order of their ids.
    public var items: [Item]

    /// A data set; `items` in the order of their ids.
    public init(name: String, items: [Item]) {
        self.name = name
        self.items = items
    }
}

/// One codec at one setting.
public struct EvaluatedSystem: Sendable, Hashable, Codable {
    /// What runs the codec.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// A neural codec of this toolkit.
        case model
        /// A codec run as an external program.
        case peer
    }

    /// Unique, e.g. `codetta-24k@3` or `opus@12`.
    public var id: String
    /// What a rate–distortion curve joins: the codec, without its setting.
    public var name: String
    /// What runs the codec.
    public var kind: Kind
    /// The setting as given: `3` or `12` (kb/s), `6 codebooks`, `3200` (bit/s of codec2).
    public var setting: String
    /// kb/s asked for; for a model, of one track at this setting.
    public var nominalRate: Double
    /// What else tells the system from others: hash of the weights, codebooks, frame rate; the program's version and arguments.
    public var parameters: [String: String]
    /// Hz that the codec works at; nil when it takes every item's own.
    public var sampleRate: Int?
    /// Nil for peers.
    public var parameterCount: Int?

    /// A system; `nominalRate` in kb/s, `sampleRate` in Hz.
    public init(
        id: String, name: String, kind: Kind, setting: String, nominalRate: Double, parameters: [String: String] = [:],
        sampleRate: Int? = nil, parameterCount: Int? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.setting = setting
        self.nominalRate = nominalRate
        self.parameters = parameters
        self.sampleRate = sampleRate
        self.parameterCount = parameterCount
    }
}
