import Kernels

/// Multi-head self-attention of several sequences in one call, each with its own cache of keys and values.
///
/// The projections run once over the frames of all sequences. A sequence's result does not depend on the others and, where attention
/// is causal, not on how the sequence was cut into calls, to the bit. Unlike with `Attention`, a sequence may go back
/// (`Cache.truncate`).
public struct CachedAttention: Sendable {
    /// How many frames beyond the context are kept when old ones are dropped: a sequence can go back as many.
    public static let rollback = 64

    private let heads: AttentionHeads
    private let context: Int
    private let isCausal: Bool

    /// Channels of the input and of the output.
    public var channels: Int { heads.query.inputChannels }

    /// - Parameters:
    ///   - query: to `heads · headSize` channels.
    ///   - key: to `keyHeads · headSize` channels.
    ///   - value: to `keyHeads · headSize` channels.
    ///   - output: from `heads · headSize` channels.
    ///   - heads: the number of query heads.
    ///   - keyHeads: the number of key and value heads, fewer than `heads` for grouped queries (Ainslie et al. 2023).
    ///   - context: how many frames a frame sees where attention is causal, itself included.
    ///   - isCausal: whether a frame sees no frame after it. If not, it sees all of its sequence.
    ///   - rotary: applied to queries and keys; nil for none.
    public init(
        query: Linear, key: Linear, value: Linear, output: Linear, heads: Int, keyHeads: Int, context: Int,
        isCausal: Bool, rotary: RotaryEmbedding?
    ) {
        precondition(context >= 1, "a context of \(context) frames")
        precondition(query.inputChannels == output.outputChannels, "attention changes the number of channels")
        self.heads = AttentionHeads(
            query: query, key: key, value: value, output: output, heads: heads, keyHeads: keyHeads, rotary: rotary)
        self.context = context
        self.isCausal = isCausal
    }

    /// The keys and values of one sequence so far. It is a value: a copy goes on independently.
    public struct Cache: Sendable {
        fileprivate var keys: Frames
        fileprivate var values: Frames
        /// Frames received so far.
        public fileprivate(set) var position = 0

        /// Bytes of the keys and values kept.
        public var byteCount: Int { 4 * (keys.count * keys.channels + values.count * values.channels) }

        /// Forgets all but the first `position` frames.
        /// - Parameter position: at most `CachedAttention.rollback` frames back once the context has been exceeded.
        public mutating func truncate(to position: Int) {
            let count = self.position - position
            precondition(count >= 0 && count <= keys.count, "going back \(count) of \(keys.count) frames")
            keys.removeLast(count)
            values.removeLast(count)
            self.position = position
        }
    }

    /// The cache at the start of a sequence.
    public func makeCache() -> Cache {
        Cache(keys: Frames(channels: heads.key.outputChannels), values: Frames(channels: heads.value.outputChannels))
    }

    /// `residual + attention(input)`.
    /// - Parameters:
    ///   - input: the next frames of all sequences, one sequence after the other.
    ///   - counts: how many of them belong to each sequence.
    ///   - caches: one per sequence.
    func apply(_ input: Frames, adding residual: Frames, counts: [Int], caches: inout [Cache]) -> Frames {
        precondition(counts.count == caches.count, "\(counts.count) sequences with \(caches.count) caches")
        let positions = zip(counts, caches).flatMap { count, cache in cache.position..<(cache.position + count) }
        precondition(positions.count == input.count, "the sequences have \(positions.count) frames, not \(input.count)")
        let (queries, keys, values) = heads.project(input, positions: positions)
        var mixed = Frames(channels: queries.channels)
        mixed.reserveCapacity(queries.count)
        var start = 0
        for (index, count) in counts.enumerated() where count > 0 {
            let range = start..<(start + count)
            caches[index].keys.append(keys, range: range)
            caches[index].values.append(values, range: range)
            caches[index].position += count
            mixed.append(attend(queries.slice(range), caches[index]))
            forget(&caches[index])
            start += count
        }
        return heads.output.apply(mixed, adding: residual)
    }

    private func attend(_ queries: Frames, _ cache: Cache) -> Frames {
        let (count, old) = (cache.keys.count, cache.keys.count - queries.count)
        return heads.attend(queries, keys: cache.keys, values: cache.values) { t in
            isCausal ? max(0, old + t + 1 - context)..<(old + t + 1) : 0..<count
        }
    }

    /// Drops the keys and values that no later frame sees, once they make up half of the cache.
    private func forget(_ cache: inout Cache) {
        let kept = context + Self.rollback
        guard isCausal, cache.keys.count / 2 >= kept else { return }
        cache.keys.removeFirst(cache.keys.count - kept)
        cache.values.removeFirst(cache.values.count - kept)
    }
}
