import Kernels

/// A pre-norm transformer layer over several sequences at once: `x += attention(norm(x))`, then `x += feedForward(norm(x))`.
public struct CachedTransformerLayer: Sendable {
    private let attentionNorm: RMSNorm
    private let attention: CachedAttention
    private let feedForwardNorm: RMSNorm
    private let feedForward: FeedForward

    /// The four layers must have the same channels.
    public init(
        attentionNorm: RMSNorm, attention: CachedAttention, feedForwardNorm: RMSNorm, feedForward: FeedForward
    ) {
        let widths = [
            attentionNorm.outputChannels, feedForwardNorm.outputChannels, feedForward.inputChannels,
            feedForward.outputChannels,
        ]
        precondition(widths.allSatisfy { $0 == attention.channels }, "the layers differ in channels: \(widths)")
        self.attentionNorm = attentionNorm
        self.attention = attention
        self.feedForwardNorm = feedForwardNorm
        self.feedForward = feedForward
    }

    /// The cache at the start of a sequence.
    public func makeCache() -> CachedAttention.Cache { attention.makeCache() }

    /// The layer's output for the next frames.
    /// - Parameters:
    ///   - input: the next frames of all sequences, one sequence after the other.
    ///   - counts: how many of them belong to each sequence.
    ///   - caches: one per sequence.
    /// - Returns: as many frames as `input`.
    public func apply(_ input: Frames, counts: [Int], caches: inout [CachedAttention.Cache]) -> Frames {
        guard !input.isEmpty else { return input }
        let x = attention.apply(attentionNorm.apply(input), adding: input, counts: counts, caches: &caches)
        return feedForward.apply(feedForwardNorm.apply(x), adding: x)
    }
}
