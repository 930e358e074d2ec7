import Kernels
import Tokens

/// A recording of the data set, in memory.
public struct Clip: Sendable {
    /// The samples.
    public var audio: AudioBlock
    /// Hz.
    public var sampleRate: Int
    /// Where the channels are to be heard; nil if that is not known.
    public var speakers: [Speaker]?

    /// A recording in memory; `sampleRate` in Hz.
    public init(audio: AudioBlock, sampleRate: Int, speakers: [Speaker]? = nil) {
        self.audio = audio
        self.sampleRate = sampleRate
        self.speakers = speakers
    }

    /// Length in seconds.
    public var seconds: Double { Double(audio.sampleCount) / Double(sampleRate) }
}

/// What a system made of a clip.
public struct CodedClip: Sendable {
    /// At the clip's rate, with its channels; at least as long, but for what the codec drops at the end.
    public var decoded: AudioBlock
    /// kb/s over the clip's length.
    public var rates: ItemRates
    /// One per codebook; empty for peers.
    public var codebooks: [CodeCounts]
    /// Seconds that encoding took.
    public var encodeSeconds: Double
    /// Seconds that decoding took.
    public var decodeSeconds: Double
    /// Whether `decoded` may lag by a delay that nobody states, so that it has to be found.
    public var mayLag: Bool
    /// A model's `.codetta` file.
    public var tokens: [UInt8]?

    /// The outcome of one clip; times in seconds.
    public init(
        decoded: AudioBlock, rates: ItemRates, codebooks: [CodeCounts] = [], encodeSeconds: Double, decodeSeconds: Double,
        mayLag: Bool, tokens: [UInt8]? = nil
    ) {
        self.decoded = decoded
        self.rates = rates
        self.codebooks = codebooks
        self.encodeSeconds = encodeSeconds
        self.decodeSeconds = decodeSeconds
        self.mayLag = mayLag
        self.tokens = tokens
    }
}

/// A codec at one setting, as the evaluation sees it.
public protocol CodingSystem: Sendable {
    /// What results say of the system.
    var description: EvaluatedSystem { get }

    /// Codes and decodes a clip; called from several threads at once.
    /// - Throws: what cannot be coded, with a one-line description.
    func code(_ clip: Clip) throws -> CodedClip
}
