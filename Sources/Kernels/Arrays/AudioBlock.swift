/// A piece of audio: planar Float32 samples in −1…1, `[channels, samples]`.
public struct AudioBlock: Sendable, Equatable {
    /// One array per channel, all of the same length.
    public private(set) var channels: [[Float]]

    /// Takes over planar samples; every channel must have the same length.
    public init(channels: [[Float]]) {
        precondition(channels.allSatisfy { $0.count == channels.first?.count ?? 0 }, "ragged channels")
        self.channels = channels
    }

    /// `channelCount` channels without samples.
    public init(channelCount: Int) {
        self.channels = Array(repeating: [], count: channelCount)
    }

    /// One channel.
    public init(mono samples: [Float]) { self.channels = [samples] }

    /// The number of channels.
    public var channelCount: Int { channels.count }
    /// Samples per channel.
    public var sampleCount: Int { channels.first?.count ?? 0 }
    /// Whether there are no samples.
    public var isEmpty: Bool { sampleCount == 0 }

    /// Adds `other`'s samples at the end, channel by channel.
    public mutating func append(_ other: AudioBlock) {
        precondition(other.channelCount == channelCount, "appending \(other.channelCount) channels to \(channelCount)")
        for c in channels.indices { channels[c].append(contentsOf: other.channels[c]) }
    }

    /// The samples in `range` of every channel, copied.
    public func slice(_ range: Range<Int>) -> AudioBlock {
        AudioBlock(channels: channels.map { Array($0[range]) })
    }
}
