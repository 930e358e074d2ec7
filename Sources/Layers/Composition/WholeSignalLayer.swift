import Kernels
import Platform

/// A layer whose every output frame depends on the whole signal, such as a norm over time: nothing comes out before the end,
/// and memory grows with the signal. A codec with such a layer says so in its description.
public protocol WholeSignalLayer: StreamingLayer where State == WholeSignalState {
    /// The whole signal `[time, inputChannels]` to `[time, outputChannels]`; at least one frame.
    func apply(_ signal: Frames) -> Frames
}

/// The signal so far.
public struct WholeSignalState: Sendable {
    fileprivate var signal: Frames
    fileprivate var end = StreamEnd("layer")
}

extension WholeSignalLayer {
    public func known(after count: Int) -> Int { 0 }

    public func makeState() -> WholeSignalState { WholeSignalState(signal: Frames(channels: inputChannels)) }

    public func step(_ input: Frames, state: inout WholeSignalState) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        state.signal.append(input)
        return Frames(channels: outputChannels)
    }

    public func finish(state: inout WholeSignalState) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        return state.signal.isEmpty ? Frames(channels: outputChannels) : apply(state.signal)
    }
}
