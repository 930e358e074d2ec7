import Audio
import Codecs
import Kernels
import Platform
import Quantizers
import TokenFiles
import Tokens

/// Turns audio of any rate and channel count into codes, in pieces of any size and in constant memory.
///
/// Mixes down, resamples to the codec's rate and runs one codec encoder a track. The codes do not depend on how the audio is cut.
public struct AudioEncoder: Sendable {
    /// What a token file says about these codes.
    public let header: TokenHeader
    /// Which channels of the audio the codec codes together.
    public let plan: ChannelPlan
    /// Samples per channel taken in so far, at the original rate.
    public private(set) var samples = 0

    private var resampler: Resampler?
    private var encoders: [any CodecEncoder]
    /// One per track, where codes are chosen by what they cost; empty otherwise.
    private var searches: [RateSearch] = []
    private let inputChannels: Int
    private var end = StreamEnd("encoder")

    /// - Parameters:
    ///   - model: the codec, and for entropy mode `lm` its entropy model.
    ///   - original: the audio to come. Its `sampleCount` goes into the header when set.
    ///   - choice: how many codebooks are used.
    ///   - downmix: whether all channels are mixed to one first.
    ///   - entropy: how a container codes the codes, for the header and for a search that weighs what they cost.
    ///   - preset: how a container cuts the codes into pages.
    /// - Throws: `PipelineError.channels`, `.codebooks` or `.bitrate`, or `.unpricedSearch` for a search that weighs what codes cost where
    ///   all cost the same; `AudioError` for rates that cannot be resampled; `CodecError`; `TokenStreamError` for an entropy model that does
    ///   not fit.
    public init(
        model: Model, original: OriginalAudio, choice: CodebookChoice = .all, downmix: Bool = false, entropy: EntropyMode = .none,
        preset: PageLayout.Preset = .archive
    ) throws {
        let (codec, description) = (model.codec, model.description)
        let entropyModel = try model.entropyModel(for: entropy)
        let plan = try ChannelPlan(
            channels: original.channels, codecChannels: description.channels, downmix: downmix, model: description.name)
        let codebooks = try choice.resolve(description, tracks: plan.trackCount)
        self.plan = plan
        inputChannels = original.channels
        var header = TokenHeader(
            codecName: description.name, modelType: description.modelType, weights: try model.weights,
            layout: description.layout.prefix(codebooks), channels: description.channels, trackCount: plan.trackCount,
            original: original, entropy: entropy, entropyModel: entropyModel?.name)
        var paging = Paging(PageLayout(preset, layout: header.layout, trackCount: plan.trackCount, entropy: entropy))
        paging.context = description.decodingContext
        if original.sampleCount == nil && !description.hasSegments { paging.tailFrames = description.tailFrames(header.layout) }
        header.paging = paging
        self.header = header
        resampler = try Resampler.between(original.sampleRate, description.sampleRate, channels: plan.mixedChannels)
        encoders = try (0..<plan.trackCount).map { _ in try codec.makeEncoder(codebooks: codebooks) }
        if codec.search.rateWeight != nil {
            guard let rates = try header.makeCodeRates(entropyModel: entropyModel) else {
                throw PipelineError.unpricedSearch("\(codec.search)")
            }
            if let search = try codec.makeRateSearch(codebooks: codebooks, rates: rates) {
                searches = Array(repeating: search, count: plan.trackCount)
            }
        }
    }

    /// Codes known after `audio`, one entry per track. Their streams may be empty.
    /// - Throws: `CodecError.channelCount` for another channel count than announced, and what the codec throws.
    public mutating func push(_ audio: AudioBlock) throws -> [Codes] {
        try encodeTracks(try mixed(audio))
    }

    /// The end: the remaining codes, one entry per track.
    /// - Throws: what the codec throws; `UsedAfterEnd` when called again.
    public mutating func finish() throws -> [Codes] {
        var codes = try encodeTracks(try resampledRest())
        // No samples, no frames: an empty recording is an empty file, whatever padding the codec would add.
        guard samples > 0 else { return codes }
        for track in codes.indices {
            let rest = searches.isEmpty ? try encoders[track].finish() : try searched(track) { try $0.finalLatents() }
            codes[track].append(rest)
        }
        return codes
    }

    /// Latents known after `audio`, before they are quantized, one entry per track; in place of `push(_:)`.
    /// - Throws: as `push(_:)`, and `CodecError.noLatents` for a codec that keeps them to itself.
    public mutating func latents(of audio: AudioBlock) throws -> [Frames] {
        try onTracks(try mixed(audio)) { encoder, track in try encoder.latents(of: track) }
    }

    /// The end: the remaining latents, one entry per track; in place of `finish()`.
    public mutating func finalLatents() throws -> [Frames] {
        let isEmpty = samples == 0
        return try onTracks(try resampledRest()) { encoder, track in
            var frames = try encoder.latents(of: track)
            if !isEmpty { frames.append(try encoder.finalLatents()) }
            return frames
        }
    }

    /// Counts, mixes and resamples what came in.
    private mutating func mixed(_ audio: AudioBlock) throws -> AudioBlock {
        try end.requireOpen()
        guard audio.channelCount == inputChannels else {
            throw CodecError.channelCount(expected: inputChannels, found: audio.channelCount)
        }
        samples += audio.sampleCount
        let mixed = plan.mix(audio)
        return try resampler?.push(mixed) ?? mixed
    }

    /// What the resampler held back.
    private mutating func resampledRest() throws -> AudioBlock {
        try end.reach()
        return try resampler?.finish() ?? AudioBlock(channelCount: plan.mixedChannels)
    }

    private mutating func onTracks(
        _ mixed: AudioBlock, _ body: (inout any LatentEncoder, AudioBlock) throws -> Frames
    ) throws -> [Frames] {
        let tracks = plan.split(mixed)
        return try tracks.indices.map { t in try withLatentEncoder(t) { try body(&$0, tracks[t]) } }
    }

    private mutating func withLatentEncoder<Result>(
        _ track: Int, _ body: (inout any LatentEncoder) throws -> Result
    ) throws -> Result {
        guard var encoder = encoders[track] as? any LatentEncoder else { throw CodecError.noLatents(model: header.codecName) }
        defer { encoders[track] = encoder }
        return try body(&encoder)
    }

    private mutating func encodeTracks(_ mixed: AudioBlock) throws -> [Codes] {
        let tracks = plan.split(mixed)
        return try tracks.indices.map { t in
            searches.isEmpty ? try encoders[t].push(tracks[t]) : try searched(t) { try $0.latents(of: tracks[t]) }
        }
    }

    /// The codes of a track's next latents, chosen by what they cost.
    private mutating func searched(_ track: Int, _ latents: (inout any LatentEncoder) throws -> Frames) throws -> Codes {
        Codes(streams: searches[track].quantize(try withLatentEncoder(track, latents)))
    }
}
