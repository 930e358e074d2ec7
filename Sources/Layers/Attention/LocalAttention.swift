import Kernels

/// Multi-head self-attention within blocks of `blockSize` frames. Each frame sees all of its block (SNAC, Siuzdak et al. 2024).
///
/// Positions count from the start of the block. A block comes out when its last frame has come; the last block of a signal may be
/// shorter. n input frames give n output frames.
public struct LocalAttention: StreamingLayer {
    private let heads: AttentionHeads
    private let blockSize: Int

    public var inputChannels: Int { heads.query.inputChannels }
    public var outputChannels: Int { heads.output.outputChannels }
    public var lookahead: Int { blockSize - 1 }

    /// - Parameters:
    ///   - query: to `heads · headSize` channels.
    ///   - key: to as many channels.
    ///   - value: to as many channels.
    ///   - output: from as many channels.
    ///   - heads: the number of heads.
    ///   - blockSize: frames of a block.
    ///   - rotary: applied to queries and keys; nil for none.
    public init(
        query: Linear, key: Linear, value: Linear, output: Linear, heads: Int, blockSize: Int,
        rotary: RotaryEmbedding? = nil
    ) {
        precondition(blockSize >= 1, "a block of \(blockSize) frames")
        self.heads = AttentionHeads(
            query: query, key: key, value: value, output: output, heads: heads, keyHeads: heads, rotary: rotary)
        self.blockSize = blockSize
    }

    public func known(after count: Int) -> Int { count - count % blockSize }

    /// The frames of the block that is not complete yet.
    public struct State: Sendable {
        fileprivate var pending: Frames
        fileprivate var end = StreamEnd()
    }

    public func makeState() -> State { State(pending: Frames(channels: inputChannels)) }

    public func step(_ input: Frames, state: inout State) -> Frames {
        state.end.requireOpen()
        state.pending.append(input)
        let ready = state.pending.count - state.pending.count % blockSize
        return attend(state.pending.pop(ready))
    }

    public func finish(state: inout State) -> Frames {
        state.end.reach()
        return attend(state.pending.pop(state.pending.count))
    }

    /// Attention within each block of `input`, the last of which may be short.
    private func attend(_ input: Frames) -> Frames {
        guard !input.isEmpty else { return Frames(channels: outputChannels) }
        let positions = (0..<input.count).lazy.map { $0 % blockSize }
        let (queries, keys, values) = heads.project(input, positions: positions)
        let mixed = heads.attend(queries, keys: keys, values: values) { t in
            let start = t - t % blockSize
            return start..<min(start + blockSize, input.count)
        }
        return heads.output.apply(mixed)
    }
}
