import Kernels
import Platform

/// A layer each of whose output frames depends on one input frame alone. It remembers nothing and never waits.
public protocol FramewiseLayer: StreamingLayer where State == FramewiseState {
    /// The output `[time, outputChannels]` for `input` `[time, inputChannels]`.
    func apply(_ input: Frames) -> Frames
}

/// The state of a framewise layer: only whether the signal has ended.
public struct FramewiseState: Sendable {
    var end = StreamEnd("layer")

    /// The state at the start of a signal.
    public init() {}
}

extension FramewiseLayer {
    /// An output frame depends on the current input frame alone.
    public var lookback: Int? { 0 }

    /// The state at the start of a signal.
    public func makeState() -> FramewiseState { FramewiseState() }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout FramewiseState) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        return input.isEmpty ? Frames(channels: outputChannels) : apply(input)
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout FramewiseState) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        return Frames(channels: outputChannels)
    }
}
