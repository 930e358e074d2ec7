import Kernels
import Platform

/// Causal multi-head self-attention over a sliding window (Vaswani et al. 2017; Beltagy et al. 2020).
///
/// A frame sees itself and the `window − 1` frames before it. The cache of keys and values is part of the state and holds
/// less than a window and a quarter between steps. n input frames give n output frames.
public struct Attention: StreamingLayer {
    private let heads: AttentionHeads
    private let window: Int

    /// Channels of the input.
    public var inputChannels: Int { heads.query.inputChannels }
    /// Channels of the output.
    public var outputChannels: Int { heads.output.outputChannels }

    /// - Parameters:
    ///   - query: to `heads · headSize` channels.
    ///   - key: to `keyHeads · headSize` channels.
    ///   - value: to `keyHeads · headSize` channels.
    ///   - output: from `heads · headSize` channels. Where the model has a layer scale, it is the `outputScale` of this layer.
    ///   - heads: the number of query heads.
    ///   - keyHeads: the number of key and value heads, fewer than `heads` for grouped queries; nil for as many.
    ///   - window: how many frames a frame sees, itself included.
    ///   - rotary: applied to queries and keys; nil for none.
    public init(
        query: Linear, key: Linear, value: Linear, output: Linear, heads: Int, keyHeads: Int? = nil, window: Int,
        rotary: RotaryEmbedding? = nil
    ) {
        precondition(window >= 1, "a window of \(window) frames")
        self.heads = AttentionHeads(
            query: query, key: key, value: value, output: output, heads: heads, keyHeads: keyHeads ?? heads,
            rotary: rotary)
        self.window = window
    }

    /// The keys and values that later frames see.
    public struct State: Sendable {
        fileprivate var keys: Frames
        fileprivate var values: Frames
        /// Frames received so far.
        fileprivate var position = 0
        var end = StreamEnd("layer")

        /// Frames whose keys and values are held.
        public var cachedFrames: Int { keys.count }
    }

    /// The state at the start of a signal.
    public func makeState() -> State {
        State(keys: Frames(channels: heads.key.outputChannels), values: Frames(channels: heads.value.outputChannels))
    }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        heads.output.apply(try mix(input, state: &state))
    }

    /// `residual + attention(input)`.
    func step(_ input: Frames, adding residual: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        heads.output.apply(try mix(input, state: &state), adding: residual)
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        return Frames(channels: outputChannels)
    }

    private func mix(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        guard !input.isEmpty else { return Frames(channels: heads.output.inputChannels) }
        let positions = state.position..<(state.position + input.count)
        let (queries, keys, values) = heads.project(input, positions: positions)
        let old = state.keys.count
        state.keys.append(keys)
        state.values.append(values)
        state.position += input.count
        let mixed = heads.attend(queries, keys: state.keys, values: state.values) { t in
            max(0, old + t + 1 - window)..<(old + t + 1)
        }
        forget(&state)
        return mixed
    }

    /// Drops the keys and values that no later frame sees, once they make up a quarter of a window. This happens so seldom that it costs
    /// next to nothing per frame.
    private func forget(_ state: inout State) {
        let unseen = state.keys.count - (window - 1)
        guard unseen > window / 4 else { return }
        state.keys.removeFirst(unseen)
        state.values.removeFirst(unseen)
    }
}
