import Kernels
import Platform

/// A ConvNeXt block over time (Liu et al. 2022; in audio Siuzdak 2023, Vocos):
/// `x + γ·contract(activation(expand(norm(depthwise(x)))))`.
///
/// The expanding layer has the activation, and γ is the `outputScale` of the contracting layer. An output frame waits for the
/// lookahead of the depthwise convolution. n input frames give n output frames.
public struct ConvNeXtBlock: StreamingLayer {
    private let depthwise: Conv1d
    /// The norm. To condition the block, replace it in a copy (Vocos chooses scale and shift by the bandwidth).
    public var norm: LayerNorm
    private let expand: Linear
    private let contract: Linear

    /// Channels of the input.
    public var inputChannels: Int { depthwise.inputChannels }
    /// Channels of the output.
    public var outputChannels: Int { contract.outputChannels }
    /// Input frames after the current one that an output frame needs.
    public var lookahead: Int { depthwise.lookahead }
    /// Input frames before the current one that an output frame depends on.
    public var lookback: Int? { depthwise.lookback }
    /// Input frames by whose multiples a signal may begin later.
    public var alignment: Int { depthwise.alignment }

    /// - Parameters:
    ///   - depthwise: of stride 1, with as many groups as channels, padded so that there are as many output as input frames.
    ///   - norm: applied to the frames that the convolution gives.
    ///   - expand: pointwise to the hidden channels, with the activation.
    ///   - contract: pointwise back to the channels, with γ as its `outputScale`.
    public init(depthwise: Conv1d, norm: LayerNorm, expand: Linear, contract: Linear) {
        precondition(depthwise.rate == .one, "a residual block cannot have a stride")
        precondition(
            depthwise.outputChannels == norm.inputChannels && norm.outputChannels == expand.inputChannels
                && expand.outputChannels == contract.inputChannels
                && contract.outputChannels == depthwise.inputChannels, "the block's layers do not fit each other")
        self.depthwise = depthwise
        self.norm = norm
        self.expand = expand
        self.contract = contract
    }

    /// How many output frames `step` has given in all after `count` input frames in all.
    public func known(after count: Int) -> Int { depthwise.known(after: count) }

    /// The state of the depthwise convolution, and the input frames that wait for it.
    public struct State: Sendable {
        var depthwise: Conv1d.State
        /// Input frames to which the branch's output is not added yet.
        var skip: Frames
    }

    /// The state at the start of a signal.
    public func makeState() -> State {
        State(depthwise: depthwise.makeState(), skip: Frames(channels: inputChannels))
    }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        state.skip.append(input)
        return complete(try depthwise.step(input, state: &state.depthwise), state: &state)
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        complete(try depthwise.finish(state: &state.depthwise), state: &state)
    }

    private func complete(_ branch: Frames, state: inout State) -> Frames {
        guard !branch.isEmpty else { return Frames(channels: outputChannels) }
        let skip = state.skip.pop(branch.count)
        return contract.apply(expand.apply(norm.apply(branch)), adding: skip)
    }
}
