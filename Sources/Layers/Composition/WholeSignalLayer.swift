import Kernels

/// A layer each of whose output frames depends on the whole signal, such as a norm over time. Nothing comes out before the end,
/// and memory grows with the signal. The description of a codec with such a layer says that the codec does not stream.
public protocol WholeSignalLayer: StreamingLayer where State == WholeSignalState {
    /// The output `[time, outputChannels]` for the whole signal `[time, inputChannels]`, which has at least one frame.
    func apply(_ signal: Frames) -> Frames
}

/// The signal so far.
public struct WholeSignalState: Sendable {
    fileprivate var signal: Frames
    fileprivate var end = StreamEnd()
}

extension WholeSignalLayer {
    public func known(after count: Int) -> Int { 0 }

    public func makeState() -> WholeSignalState { WholeSignalState(signal: Frames(channels: inputChannels)) }

    public func step(_ input: Frames, state: inout WholeSignalState) -> Frames {
        state.end.requireOpen()
        state.signal.append(input)
        return Frames(channels: outputChannels)
    }

    public func finish(state: inout WholeSignalState) -> Frames {
        state.end.reach()
        return state.signal.isEmpty ? Frames(channels: outputChannels) : apply(state.signal)
    }
}
