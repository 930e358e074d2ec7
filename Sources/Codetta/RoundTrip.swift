import Audio
import Kernels
import Metrics
import TokenFiles
import Tokens

/// What tokens cost and keep of some audio.
public struct RoundTripReport: Sendable {
    /// What the file says about the codes: codec, layout, original.
    public var header: TokenHeader
    /// Samples per channel.
    public var samples: Int
    /// Bytes of the token file.
    public var byteCount: Int
    /// Decoded against original, mixed down as the codec saw it.
    public var reconstruction: ReconstructionReport
    /// Time that encoding took, without reading the file.
    public var encodingTime: Duration
    /// Time that decoding took.
    public var decodingTime: Duration

    /// Seconds of audio.
    public var duration: Double { Double(samples) / Double(header.original.sampleRate) }
    /// Bits of the file over its duration, in bit/s; nil without samples.
    public var actualBitrate: Double? { samples > 0 ? Double(byteCount) * 8 / duration : nil }
    /// Seconds of audio a second of encoding.
    public var encodingSpeed: Double { duration / (encodingTime / .seconds(1)) }
    /// Seconds of audio decoded per second of work.
    public var decodingSpeed: Double { duration / (decodingTime / .seconds(1)) }
}

/// Encodes, decodes and measures in one pass, in bounded memory.
public struct RoundTrip: Sendable {
    /// The model that encodes and decodes.
    public var model: Model
    /// How many codebooks are used.
    public var choice: CodebookChoice
    /// Whether all channels are mixed to one first.
    public var downmix: Bool
    /// What is measured.
    public var measures: Set<Measure>
    /// Where the original's channels are to be heard; nil if that is not known.
    public var speakers: [Speaker]?

    /// Takes over the options; nothing is loaded yet.
    public init(
        model: Model, choice: CodebookChoice = .all, downmix: Bool = false,
        measures: Set<Measure> = Set(Measure.allCases), speakers: [Speaker]? = nil
    ) {
        self.model = model
        self.choice = choice
        self.downmix = downmix
        self.measures = measures
        self.speakers = speakers
    }

    /// - Parameters:
    ///   - original: the audio to come.
    ///   - source: the next block, empty at the end.
    ///   - decoded: takes the decoded audio, block by block. Its length and rate are the original's.
    /// - Throws: `PipelineError`, `CodecError`, `AudioError`, `MetricsError`, and what the closures throw.
    public func run(
        _ original: OriginalAudio, from source: () throws -> AudioBlock, decoded: (AudioBlock) throws -> Void = { _ in }
    ) throws -> RoundTripReport {
        let clock = ContinuousClock()
        var (notEncoding, decodingTime) = (Duration.zero, Duration.zero)
        var encoder = try AudioEncoder(model: model, original: original, choice: choice, downmix: downmix)
        var decoder = try AudioDecoder(model: model, header: encoder.header)
        var meter = try ReconstructionMeter(
            sampleRate: original.sampleRate, channelCount: decoder.channelCount, measures: measures, speakers: speakers)
        let writer = try TokenFileWriter(.codetta, header: encoder.header, sink: ClosureSink { _ in })
        let plan = encoder.plan
        var block = AudioBlock(channelCount: original.channels)
        /// Decodes, and hands on what came out beside the block that went in.
        func decode(_ part: () throws -> AudioBlock) throws {
            var output = AudioBlock(channelCount: 0)
            decodingTime += try clock.measure { output = try part() }
            try decoded(output)
            try meter.push(reference: plan.mix(block), degraded: output)
        }
        let time = try clock.measure {
            try encoder.encode {
                notEncoding += try clock.measure { block = try source() }
                return block
            } to: { codes in
                notEncoding += try clock.measure {
                    try writer.write(codes)
                    try decode { try decoder.push(codes) }
                }
            }
        }
        try decode { try decoder.finish(total: encoder.samples) }
        try writer.finish(samples: encoder.samples)
        return RoundTripReport(
            header: encoder.header, samples: encoder.samples, byteCount: writer.byteCount, reconstruction: try meter.finish(),
            encodingTime: time - notEncoding, decodingTime: decodingTime)
    }
}
