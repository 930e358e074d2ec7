import Kernels
import Platform

/// A layer each of whose output frames depends on the whole signal, such as a norm over time. Nothing comes out before the end,
/// and memory grows with the signal. The description of a codec with such a layer says that the codec does not stream.
public protocol WholeSignalLayer: StreamingLayer where State == WholeSignalState {
    /// The output `[time, outputChannels]` for the whole signal `[time, inputChannels]`, which has at least one frame.
    func apply(_ signal: Frames) -> Frames
}

/// The signal so far.
public struct WholeSignalState: Sendable {
    fileprivate var signal: Frames
    fileprivate var end = StreamEnd("layer")
}

extension WholeSignalLayer {
    /// How many output frames `step` has given in all after `count` input frames in all.
    public func known(after count: Int) -> Int { 0 }

    /// The state at the start of a signal.
    public func makeState() -> WholeSignalState { WholeSignalState(signal: Frames(channels: inputChannels)) }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout WholeSignalState) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        state.signal.append(input)
        return Frames(channels: outputChannels)
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout WholeSignalState) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        return state.signal.isEmpty ? Frames(channels: outputChannels) : apply(state.signal)
    }
}
