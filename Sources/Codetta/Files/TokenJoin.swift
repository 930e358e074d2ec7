import TokenFiles
import Tokens

/// Writes the recordings of several token files one behind the other, as a chain that decodes to the audio of all of them without a gap.
public final class TokenJoin {
    /// What the chain amounts to so far.
    public struct Report: Sendable, Codable {
        /// Recordings that stand one behind the other.
        public var recordings = 0
        /// Seconds of audio.
        public var duration = 0.0
        /// Bytes of the chain.
        public var byteCount = 0
    }

    /// What was written so far.
    public private(set) var report = Report()

    private let sink: any ByteSink
    private var first: TokenHeader?

    /// An empty chain, whose bytes go to `sink`.
    public init(to sink: any ByteSink) { self.sink = sink }

    /// Adds all recordings of `reader`, from its current position on. They keep their entropy mode.
    /// - Throws: `PipelineError.unnamedCodec`, or `.otherRecording` for those of another model, sample rate or number of channels than the first;
    ///   `TokenStreamError`; what the sink throws. The chain is then incomplete.
    public func add(_ reader: TokenFileReader) throws {
        let conversion = TokenConversion(to: .codetta, entropy: nil)
        repeat {
            guard let header = reader.header else { throw PipelineError.unnamedCodec }
            try (first ?? header).requireAlike(header)
            first = first ?? header
            let added = try conversion.convertRecording(reader, to: sink)
            report.recordings += 1
            report.duration += added.duration
            report.byteCount.add(added.byteCount)
        } while try reader.nextRecording()
    }
}

extension TokenHeader {
    /// - Throws: `PipelineError.otherRecording` unless `next` can follow in one stream of audio: of the same model, sample rate and channels.
    func requireAlike(_ next: TokenHeader) throws(PipelineError) {
        guard next.codecName == codecName, next.modelType == modelType, next.weights.agrees(with: weights),
            next.original.sampleRate == original.sampleRate, next.decodedChannels == decodedChannels
        else { throw .otherRecording(found: next.summary, expected: summary) }
    }

    /// Channels that decoders give.
    private var decodedChannels: Int {
        ChannelPlan(decodingTracks: trackCount, codecChannels: channels, originalChannels: original.channels).mixedChannels
    }

    private var summary: String { "\(codecName) at \(original.sampleRate) Hz with \(decodedChannels) channel(s)" }
}
