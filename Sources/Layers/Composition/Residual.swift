import Kernels
import Platform

/// `shortcut(x) + inner(x)`, frame by frame. The branch whose frames come first waits for the other.
public struct Residual: StreamingLayer {
    private let inner: AnyLayer
    private let shortcut: AnyLayer

    /// Channels of the input.
    public var inputChannels: Int { inner.inputChannels }
    /// Channels of the output.
    public var outputChannels: Int { inner.outputChannels }
    /// Output frames per input frame.
    public var rate: Rate { inner.rate }
    /// Input frames after the current one that an output frame needs.
    public var lookahead: Int { max(inner.lookahead, shortcut.lookahead) }
    /// Input frames before the current one that an output frame depends on; nil where there is no bound.
    public var lookback: Int? {
        guard let inner = inner.lookback, let shortcut = shortcut.lookback else { return nil }
        return max(inner, shortcut)
    }
    /// Input frames by whose multiples a signal may begin later.
    public var alignment: Int { leastCommonMultiple(inner.alignment, shortcut.alignment) }

    /// - Parameters:
    ///   - inner: any layer; it must give as many frames as the shortcut does.
    ///   - shortcut: any layer, or nil for the input itself.
    public init(_ inner: any StreamingLayer, shortcut: (any StreamingLayer)? = nil) {
        self.inner = AnyLayer(inner)
        self.shortcut = AnyLayer(shortcut ?? Identity(inputChannels: inner.inputChannels))
        precondition(inner.rate == self.shortcut.rate, "the branches differ in rate")
        precondition(
            inner.inputChannels == self.shortcut.inputChannels && inner.outputChannels == self.shortcut.outputChannels,
            "the branches differ in channels")
    }

    /// The states of both branches, and the frames of one that still wait for the other.
    public struct State: Sendable {
        fileprivate var inner: AnyLayer.State
        fileprivate var shortcut: AnyLayer.State
        /// Output of each branch that waits for the output of the other.
        fileprivate var pendingInner: Frames
        fileprivate var pendingShortcut: Frames
    }

    /// How many output frames `step` has given in all after `count` input frames in all.
    public func known(after count: Int) -> Int { min(inner.known(after: count), shortcut.known(after: count)) }

    /// The state at the start of a signal.
    public func makeState() -> State {
        State(
            inner: inner.makeState(), shortcut: shortcut.makeState(),
            pendingInner: Frames(channels: outputChannels), pendingShortcut: Frames(channels: outputChannels))
    }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        state.pendingInner.append(try inner.step(input, state: &state.inner))
        state.pendingShortcut.append(try shortcut.step(input, state: &state.shortcut))
        return sum(&state)
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        state.pendingInner.append(try inner.finish(state: &state.inner))
        state.pendingShortcut.append(try shortcut.finish(state: &state.shortcut))
        let output = sum(&state)
        precondition(
            state.pendingInner.isEmpty && state.pendingShortcut.isEmpty, "the branches gave different counts of frames")
        return output
    }

    private func sum(_ state: inout State) -> Frames {
        let count = min(state.pendingInner.count, state.pendingShortcut.count)
        var output = state.pendingInner.pop(count)
        Kernels.add(state.pendingShortcut.pop(count), to: &output)
        return output
    }
}

extension Residual: PaddedLayer {
    /// Both branches without padding. The shortcut drops the frames at both ends for which the inner layer then gives none.
    public func withoutPadding() -> Residual {
        let bare = inner.withoutPadding()
        // Of any signal long enough, the padded layer knows some frames more. Those are due to the left padding.
        let length = 1 << 30
        let known = inner.known(after: length)
        precondition(shortcut.withoutPadding().known(after: length) == length, "a shortcut that pads")
        let crop = Crop(inputChannels: outputChannels, left: known - bare.known(after: length), right: length - known)
        return Residual(bare, shortcut: Sequential([shortcut.withoutPadding(), crop]))
    }
}

/// Drops the first and the last frames of the signal.
private struct Crop: StreamingLayer {
    let inputChannels: Int
    let left: Int
    let right: Int

    var outputChannels: Int { inputChannels }
    var lookahead: Int { left + right }
    var lookback: Int? { 0 }

    struct State: Sendable {
        /// Frames at the start that are still to be dropped.
        var toDrop: Int
        /// The last frames so far, which are dropped if the signal ends here.
        var held: Frames
        var end = StreamEnd("layer")
    }

    func makeState() -> State { State(toDrop: left, held: Frames(channels: inputChannels)) }

    func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        state.held.append(input)
        let dropped = min(state.toDrop, state.held.count)
        state.held.removeFirst(dropped)
        state.toDrop -= dropped
        return state.held.pop(max(0, state.held.count - right))
    }

    func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        return Frames(channels: inputChannels)
    }
}

/// The shortcut that changes nothing.
private struct Identity: FramewiseLayer {
    let inputChannels: Int
    var outputChannels: Int { inputChannels }

    func apply(_ input: Frames) -> Frames { input }
}
