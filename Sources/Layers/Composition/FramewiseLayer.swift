import Kernels
import Platform

/// A layer whose output frame depends on the same input frame alone: it remembers nothing and never waits.
public protocol FramewiseLayer: StreamingLayer where State == FramewiseState {
    /// `[time, inputChannels]` to `[time, outputChannels]`.
    func apply(_ input: Frames) -> Frames
}

/// The state of a framewise layer: only whether the signal has ended.
public struct FramewiseState: Sendable {
    var end = StreamEnd("layer")

    public init() {}
}

extension FramewiseLayer {
    public func makeState() -> FramewiseState { FramewiseState() }

    public func step(_ input: Frames, state: inout FramewiseState) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        return input.isEmpty ? Frames(channels: outputChannels) : apply(input)
    }

    public func finish(state: inout FramewiseState) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        return Frames(channels: outputChannels)
    }
}
