import Kernels
import Platform

/// A ConvNeXt block over time (Liu et al. 2022; in audio Siuzdak 2023, Vocos):
/// `x + γ·contract(activation(expand(norm(depthwise(x)))))`.
///
/// γ is the contracting layer's `outputScale`, the activation the expanding layer's. The sum waits for the depthwise
/// convolution's lookahead. n input frames give n output frames.
public struct ConvNeXtBlock: StreamingLayer {
    private let depthwise: Conv1d
    /// Replace it in a copy of the block to condition it (Vocos chooses scale and shift by the bandwidth).
    public var norm: LayerNorm
    private let expand: Linear
    private let contract: Linear

    public var inputChannels: Int { depthwise.inputChannels }
    public var outputChannels: Int { contract.outputChannels }
    public var lookahead: Int { depthwise.lookahead }

    /// - Parameters:
    ///   - depthwise: stride 1, as many groups as channels, padded so that it keeps the count of frames.
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

    public func known(after count: Int) -> Int { depthwise.known(after: count) }

    public struct State: Sendable {
        var depthwise: Conv1d.State
        /// Input frames whose branch is still to come.
        var skip: Frames
    }

    public func makeState() -> State {
        State(depthwise: depthwise.makeState(), skip: Frames(channels: inputChannels))
    }

    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        state.skip.append(input)
        return complete(try depthwise.step(input, state: &state.depthwise), state: &state)
    }

    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        complete(try depthwise.finish(state: &state.depthwise), state: &state)
    }

    private func complete(_ branch: Frames, state: inout State) -> Frames {
        guard !branch.isEmpty else { return Frames(channels: outputChannels) }
        let skip = state.skip.pop(branch.count)
        return contract.apply(expand.apply(norm.apply(branch)), adding: skip)
    }
}
