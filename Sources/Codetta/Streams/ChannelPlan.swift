import Kernels

/// How the channels of some audio become tracks of a codec, and tracks become channels again.
public enum ChannelPlan: Sendable, Equatable {
    /// A mono codec codes each channel as its own track.
    case separate(channels: Int)
    /// A codec of as many channels as the audio codes them together, in one track.
    case joint(channels: Int)
    /// Mono audio for a codec of several channels: every one gets the same signal, and decoding takes their mean.
    case spread(channels: Int)
    /// The mean of all channels is coded; decoding gives mono.
    case downmix(from: Int, to: Int)

    /// Most channels that are coded as tracks of their own.
    public static let separateLimit = 8

    /// The plan for encoding audio of `channels` channels with a codec of `codecChannels`.
    /// - Throws: `PipelineError.channels` when the codec has no place for this layout and `downmix` is false.
    public init(channels: Int, codecChannels: Int, downmix: Bool, model: String) throws(PipelineError) {
        if channels == 1 {
            self = codecChannels == 1 ? .separate(channels: 1) : .spread(channels: codecChannels)
        } else if downmix {
            self = .downmix(from: channels, to: codecChannels)
        } else if channels == codecChannels {
            self = .joint(channels: channels)
        } else if codecChannels == 1, channels <= Self.separateLimit {
            self = .separate(channels: channels)
        } else {
            let supported = codecChannels == 1 ? "1 to \(Self.separateLimit)" : "1 or \(codecChannels)"
            throw .channels(found: channels, model: model, supported: supported)
        }
    }

    /// The plan for decoding a file with `tracks` tracks that was made from audio of `originalChannels` channels.
    package init(decodingTracks tracks: Int, codecChannels: Int, originalChannels: Int) {
        if codecChannels == 1 {
            self = .separate(channels: tracks)
        } else if tracks == 1, originalChannels == codecChannels {
            self = .joint(channels: codecChannels)
        } else {
            self = .spread(channels: codecChannels)
        }
    }

    /// Tracks that the audio is coded in.
    public var trackCount: Int {
        if case .separate(let channels) = self { return channels }
        return 1
    }

    /// Channels that pass through the resampler on the way in: after any downmix, before any spreading.
    package var mixedChannels: Int {
        switch self {
        case .separate(let channels), .joint(let channels): return channels
        case .spread, .downmix: return 1
        }
    }

    /// Mixes audio down, where the plan says so.
    func mix(_ audio: AudioBlock) -> AudioBlock {
        if case .downmix = self { return audio.mean() }
        return audio
    }

    /// Mixed audio as one block a track.
    func split(_ mixed: AudioBlock) -> [AudioBlock] {
        switch self {
        case .separate: return mixed.tracks
        case .joint: return [mixed]
        case .spread(let channels), .downmix(_, let channels): return [mixed.spread(to: channels)]
        }
    }

    /// One block a track, all of the same length, as mixed audio.
    func join(_ tracks: [AudioBlock]) -> AudioBlock {
        switch self {
        case .separate, .joint: return AudioBlock(joining: tracks)
        case .spread, .downmix: return tracks[0].mean()
        }
    }
}
