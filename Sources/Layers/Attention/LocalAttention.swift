import Kernels
import Platform

/// Multi-head self-attention within blocks of `blockSize` frames. Each frame sees all of its block (SNAC, Siuzdak et al. 2024).
///
/// Positions count from the start of the block. A block comes out when its last frame has come; the last block of a signal may be
/// shorter. n input frames give n output frames.
public struct LocalAttention: StreamingLayer {
    private let heads: AttentionHeads
    private let blockSize: Int

    /// Channels of the input.
    public var inputChannels: Int { heads.query.inputChannels }
    /// Channels of the output.
    public var outputChannels: Int { heads.output.outputChannels }
    /// Input frames after the current one that an output frame needs.
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

    /// How many output frames `step` has given in all after `count` input frames in all.
    public func known(after count: Int) -> Int { count - count % blockSize }

    /// The frames of the block that is not complete yet.
    public struct State: Sendable {
        fileprivate var pending: Frames
        fileprivate var end = StreamEnd("layer")
    }

    /// The state at the start of a signal.
    public func makeState() -> State { State(pending: Frames(channels: inputChannels)) }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        state.pending.append(input)
        let ready = state.pending.count - state.pending.count % blockSize
        return attend(state.pending.pop(ready))
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
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
