import Kernels

/// A layer each of whose output frames depends on one input frame alone. It remembers nothing and never waits.
public protocol FramewiseLayer: StreamingLayer where State == FramewiseState {
    /// The output `[time, outputChannels]` for `input` `[time, inputChannels]`.
    func apply(_ input: Frames) -> Frames
}

/// The state of a framewise layer: only whether the signal has ended.
public struct FramewiseState: Sendable {
    var end = StreamEnd()

    /// The state at the start of a signal.
    public init() {}
}

extension FramewiseLayer {
    public func makeState() -> FramewiseState { FramewiseState() }

    public func step(_ input: Frames, state: inout FramewiseState) -> Frames {
        state.end.requireOpen()
        return input.isEmpty ? Frames(channels: outputChannels) : apply(input)
    }

    public func finish(state: inout FramewiseState) -> Frames {
        state.end.reach()
        return Frames(channels: outputChannels)
    }
}

/// Remembers that `finish` was called: a state that has ended must not be used again.
struct StreamEnd: Sendable {
    private var isReached = false

    func requireOpen() {
        precondition(!isReached, "this state has finished: start the next signal with makeState()")
    }

    mutating func reach() {
        requireOpen()
        isReached = true
    }
}
