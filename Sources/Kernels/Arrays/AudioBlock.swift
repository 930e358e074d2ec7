import Platform

/// A piece of audio: Float32 samples in −1…1 of one or more channels, `[channels, samples]`.
///
/// A value type. The samples lie as codecs and sound files take them, channels last: `frames` is the storage itself, one time
/// step per sample. `channel(_:)` copies one channel out of it.
public struct AudioBlock: Sendable, Equatable {
    /// The samples `[time, channels]`.
    public private(set) var frames: Frames

    /// Takes over samples `[time, channels]`.
    public init(_ frames: Frames) { self.frames = frames }

    /// One array of samples per channel, all of the same length.
    public init(channels: [[Float]]) {
        let count = channels.first?.count ?? 0
        precondition(channels.allSatisfy { $0.count == count }, "ragged channels")
        if channels.count == 1 {
            self.init(mono: channels[0])
        } else {
            self.init(Frames(count: count, channels: channels.count) { Self.interleave(channels, into: $0) })
        }
    }

    /// `channelCount` channels without samples.
    public init(channelCount: Int) { frames = Frames(channels: channelCount) }

    /// One channel.
    public init(mono samples: [Float]) { frames = Frames(count: samples.count, channels: 1, values: samples) }

    /// `count` samples of silence on each channel.
    public init(silence count: Int, channelCount: Int) { frames = Frames(zeros: count, channels: channelCount) }

    /// The channels of all `tracks`, which have the same length, one track after the other.
    public init(joining tracks: [AudioBlock]) {
        if tracks.count == 1 { self = tracks[0] } else { self.init(channels: tracks.flatMap(\.channels)) }
    }

    /// Number of channels.
    public var channelCount: Int { frames.channels }
    /// Samples per channel.
    public var sampleCount: Int { frames.count }
    /// Whether there are no samples.
    public var isEmpty: Bool { frames.isEmpty }

    /// One array of samples per channel, copied out of `frames`: take it once, not once per sample.
    public var channels: [[Float]] { (0..<channelCount).map(channel) }

    /// The samples of one channel. Costs nothing where there is only one.
    public func channel(_ channel: Int) -> [Float] {
        if channelCount == 1 && channel == 0 { return frames.values }
        return frames.withUnsafeBufferPointer { values in
            [Float](uninitialized: sampleCount) { samples in
                for t in 0..<sampleCount { samples[t] = values[t * channelCount + channel] }
            }
        }
    }

    /// One block per channel.
    public var tracks: [AudioBlock] { channelCount == 1 ? [self] : channels.map { AudioBlock(mono: $0) } }

    /// Adds `other`'s samples at the end, channel by channel. Channels must agree.
    public mutating func append(_ other: AudioBlock) { frames.append(other.frames) }

    /// Drops the first `count` samples of every channel.
    public mutating func removeFirst(_ count: Int) { frames.removeFirst(count) }

    /// The samples in `range` of every channel, copied.
    public func slice(_ range: Range<Int>) -> AudioBlock {
        range == 0..<sampleCount ? self : AudioBlock(frames.slice(range))
    }

    /// Takes the first `count` samples of every channel away and returns them.
    public mutating func takeFirst(_ count: Int) -> AudioBlock {
        let first = slice(0..<count)
        if count == sampleCount { self = AudioBlock(channelCount: channelCount) } else { removeFirst(count) }
        return first
    }

    /// The mean of all channels with equal weights, as one channel. One channel stays as it is; none gives silence of no length.
    public func mean() -> AudioBlock {
        guard channelCount > 1 else { return channelCount == 1 ? self : AudioBlock(channelCount: 1) }
        let weight = 1 / Float(channelCount)
        return frames.withUnsafeBufferPointer { values in
            AudioBlock(
                Frames(count: sampleCount, channels: 1) { means in
                    for t in means.indices {
                        var sum = values[t * channelCount]
                        for c in 1..<channelCount { sum += values[t * channelCount + c] }
                        means[t] = sum * weight
                    }
                })
        }
    }

    /// The first channel on each of `count` channels.
    public func spread(to count: Int) -> AudioBlock {
        count == 1 && channelCount == 1 ? self : AudioBlock(channels: Array(repeating: channel(0), count: count))
    }

    /// Every sample changed by `change`.
    public func map(_ change: (Float) -> Float) -> AudioBlock {
        AudioBlock(Frames(count: sampleCount, channels: channelCount, values: frames.values.map(change)))
    }

    private static func interleave(_ channels: [[Float]], into values: UnsafeMutableBufferPointer<Float>) {
        for (c, samples) in channels.enumerated() {
            samples.withUnsafeBufferPointer { samples in
                for t in samples.indices { values[t * channels.count + c] = samples[t] }
            }
        }
    }
}
