import Audio
import Codecs
import Kernels
import Platform
import TokenFiles
import Tokens

/// Turns codes back into audio of the original rate, channel count and exact length, in pieces and in constant memory.
public struct AudioDecoder: Sendable {
    /// What a token file says about these codes.
    public let header: TokenHeader
    /// Which channels of the audio the codec codes together.
    public let plan: ChannelPlan
    /// Samples per channel returned so far.
    public private(set) var samples = 0

    /// Channels of the decoded audio: the original's, or one where the original was mixed down.
    public var channelCount: Int { plan.mixedChannels }

    private let codec: CodecDescription
    private var decoders: [any CodecDecoder]
    private var end = StreamEnd("decoder")
    private var resampler: Resampler?
    /// Decoded audio of each track that waits for the other tracks.
    private var pending: [AudioBlock]
    /// Audio that may turn out to be padding, since the exact length is known at the end only.
    private var held: AudioBlock
    private let holdCount: Int
    /// Samples at the beginning that are decoded for the sake of later ones alone, and not dropped yet.
    private var skipped: Int
    private var isStarted = false

    /// - Parameters:
    ///   - model: the model.
    ///   - header: what the file says about its codes.
    ///   - ignoringWeights: whether to decode even what other weights of the same codec made.
    /// - Throws: `PipelineError.codecMismatch` when the codes are another codec's, `.weightsMismatch` for those of other weights;
    ///   `AudioError`; `CodecError`.
    public init(model: Model, header: TokenHeader, ignoringWeights: Bool = false) throws {
        let (codec, description) = (model.codec, model.description)
        try Self.check(header, description)
        if !ignoringWeights { try model.requireWeights(of: header) }
        plan = ChannelPlan(
            decodingTracks: header.trackCount, codecChannels: header.channels, originalChannels: header.original.channels)
        self.header = header
        self.codec = description
        decoders = try (0..<header.trackCount).map { _ in
            try codec.makeDecoder(codebooks: header.layout.codebooks.count)
        }
        resampler = try Resampler.between(
            description.sampleRate, header.original.sampleRate, channels: plan.mixedChannels,
            startingAt: (header.paging?.firstFrame ?? 0) * header.layout.hopLength)
        pending = Array(repeating: AudioBlock(channelCount: header.channels), count: header.trackCount)
        held = AudioBlock(channelCount: plan.mixedChannels)
        skipped = header.paging?.skippedSamples ?? 0
        holdCount = header.original.sampleCount == nil ? Self.paddingBound(header, description) : 0
    }

    /// Whether `codec` made these codes, as far as the shapes can tell.
    private static func check(_ header: TokenHeader, _ codec: CodecDescription) throws(PipelineError) {
        let layout = codec.layout.prefix(header.layout.codebooks.count)
        let isPrefix = codec.isTruncatable || layout == codec.layout
        guard header.modelType == codec.modelType, header.layout == layout, isPrefix, header.channels == codec.channels,
            header.channels == 1 || header.trackCount == 1
        else {
            throw .codecMismatch(
                file: summary(header.codecName, header.modelType, header.layout),
                model: summary(codec.name, codec.modelType, codec.layout))
        }
    }

    private static func summary(_ name: String, _ type: String, _ layout: CodeLayout) -> String {
        "\(name) (\(type), \(layout.sampleRate) Hz, hop \(layout.hopLength), \(layout.codebooks.count) codebooks)"
    }

    /// Most samples that may have to go at the end: what the format allows, with some for the resampler's rounding. Of files in segments
    /// the format knows no bound, but no sample of a segment is given before the next has come.
    private static func paddingBound(_ header: TokenHeader, _ codec: CodecDescription) -> Int {
        let ratio = Double(header.original.sampleRate) / Double(header.layout.sampleRate)
        let segment = codec.hasSegments ? Int((Double(codec.latency) * ratio).rounded(.up)) : 0
        return header.paddingLimit + segment + 64
    }

    /// Audio known after `codes`, one entry per track.
    /// - Throws: `CodecError.segments` for codes in segments of a codec that has none; what the codec throws for codes that are not its own.
    public mutating func push(_ codes: [Codes]) throws -> AudioBlock {
        try end.requireOpen()
        try codec.checkSegments(codes)
        isStarted = true
        for track in codes.indices { pending[track].append(try decoders[track].push(codes[track])) }
        return release(try resample(takeJoined()))
    }

    /// The end: the remaining audio, so that exactly `total` samples were returned in all.
    /// - Throws: `PipelineError.lengthDisagreement` when more than padding would have to go; `UsedAfterEnd` when called again.
    public mutating func finish(total: Int) throws -> AudioBlock {
        try end.reach()
        if isStarted {
            for track in decoders.indices { pending[track].append(try decoders[track].finish()) }
            held.append(try resample(takeJoined()))
            if let rest = try resampler?.finish() { held.append(rest) }
        }
        dropSkipped()
        guard total >= samples else { throw PipelineError.lengthDisagreement(samples: total, decoded: samples) }
        let missing = total - samples
        var block = held.slice(0..<min(missing, held.sampleCount))
        // A resampled end may round a few samples short; containers refuse lengths that their frames do not cover.
        let silence = missing - block.sampleCount
        if silence > 0 { block.append(AudioBlock(silence: silence, channelCount: channelCount)) }
        samples += block.sampleCount
        return block
    }

    private mutating func resample(_ joined: AudioBlock) throws -> AudioBlock {
        try resampler?.push(joined) ?? joined
    }

    /// What all tracks have decoded, joined.
    private mutating func takeJoined() -> AudioBlock {
        let ready = pending.map(\.sampleCount).min() ?? 0
        return plan.join(pending.indices.map { pending[$0].takeFirst(ready) })
    }

    private mutating func dropSkipped() {
        let count = min(skipped, held.sampleCount)
        guard count > 0 else { return }
        held.removeFirst(count)
        skipped -= count
    }

    /// Adds `block` to what is held and returns all but the last `holdCount` samples, never beyond a known length.
    private mutating func release(_ block: AudioBlock) -> AudioBlock {
        held.append(block)
        dropSkipped()
        var count = max(0, held.sampleCount - holdCount)
        if let known = header.original.sampleCount { count = min(count, max(0, known - samples)) }
        samples += count
        return held.takeFirst(count)
    }
}

extension CodecDescription {
    /// Most base frames at the end of a recording without segments that stand for no audio, generously: encoders complete a superframe and flush
    /// what their networks hold back.
    func tailFrames(_ layout: CodeLayout) -> Int { 2 * layout.superframe + 8 + (latency + layout.hopLength - 1) / layout.hopLength }
}

extension Resampler {
    /// Nil when the rates agree.
    static func between(_ input: Int, _ output: Int, channels: Int, startingAt position: Int = 0) throws -> Resampler? {
        input == output ? nil : try Resampler(from: input, to: output, channelCount: channels, startingAt: position)
    }
}
