import Kernels
import Platform

/// `shortcut(x) + inner(x)`, frame by frame: the branch that is known first waits for the other.
public struct Residual: StreamingLayer {
    private let inner: AnyLayer
    private let shortcut: AnyLayer

    public var inputChannels: Int { inner.inputChannels }
    public var outputChannels: Int { inner.outputChannels }
    public var rate: Rate { inner.rate }
    public var lookahead: Int { max(inner.lookahead, shortcut.lookahead) }

    /// - Parameters:
    ///   - inner: any layer; it must give as many frames as the shortcut does.
    ///   - shortcut: nil is the identity.
    public init(_ inner: any StreamingLayer, shortcut: (any StreamingLayer)? = nil) {
        self.inner = AnyLayer(inner)
        self.shortcut = AnyLayer(shortcut ?? Identity(inputChannels: inner.inputChannels))
        precondition(inner.rate == self.shortcut.rate, "the branches differ in rate")
        precondition(
            inner.inputChannels == self.shortcut.inputChannels && inner.outputChannels == self.shortcut.outputChannels,
            "the branches differ in channels")
    }

    public struct State: Sendable {
        fileprivate var inner: AnyLayer.State
        fileprivate var shortcut: AnyLayer.State
        /// Output of each branch whose counterpart is still to come.
        fileprivate var pendingInner: Frames
        fileprivate var pendingShortcut: Frames
    }

    public func known(after count: Int) -> Int { min(inner.known(after: count), shortcut.known(after: count)) }

    public func makeState() -> State {
        State(
            inner: inner.makeState(), shortcut: shortcut.makeState(),
            pendingInner: Frames(channels: outputChannels), pendingShortcut: Frames(channels: outputChannels))
    }

    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        state.pendingInner.append(try inner.step(input, state: &state.inner))
        state.pendingShortcut.append(try shortcut.step(input, state: &state.shortcut))
        return sum(&state)
    }

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
    /// The shortcut then leaves out the frames at both ends that the inner layer no longer gives.
    public func withoutPadding() -> Residual {
        let bare = inner.withoutPadding()
        // Of a signal of any length that fills the layer, what one knows and the other does not is the left padding's.
        let length = 1 << 30
        let known = inner.known(after: length)
        precondition(shortcut.withoutPadding().known(after: length) == length, "a shortcut that pads")
        let crop = Crop(inputChannels: outputChannels, left: known - bare.known(after: length), right: length - known)
        return Residual(bare, shortcut: Sequential([shortcut.withoutPadding(), crop]))
    }
}

/// The signal without its first and last frames.
private struct Crop: StreamingLayer {
    let inputChannels: Int
    let left: Int
    let right: Int

    var outputChannels: Int { inputChannels }
    var lookahead: Int { left + right }

    struct State: Sendable {
        /// Frames still to be left out at the start.
        var toDrop: Int
        /// The last frames, which the end may leave out.
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
