import Kernels
import Platform

/// Any layer with its type hidden, for lists of different layers.
public struct AnyLayer: StreamingLayer {
    private let layer: any StreamingLayer

    /// Channels of the input.
    public let inputChannels: Int
    /// Channels of the output.
    public let outputChannels: Int
    /// Output frames per input frame.
    public let rate: Rate
    /// Input frames after the current one that an output frame needs.
    public let lookahead: Int
    /// Input frames before the current one that an output frame depends on; nil where there is no bound.
    public let lookback: Int?
    /// Input frames by whose multiples a signal may begin later.
    public let alignment: Int

    /// Hides the type of `layer`.
    public init(_ layer: any StreamingLayer) {
        self.layer = (layer as? AnyLayer)?.layer ?? layer
        inputChannels = layer.inputChannels
        outputChannels = layer.outputChannels
        rate = layer.rate
        lookahead = layer.lookahead
        lookback = layer.lookback
        alignment = layer.alignment
    }

    /// The hidden layer's state.
    public struct State: Sendable {
        fileprivate var value: any Sendable
    }

    /// How many output frames `step` has given in all after `count` input frames in all.
    public func known(after count: Int) -> Int { layer.known(after: count) }

    /// The state at the start of a signal.
    public func makeState() -> State { layer.makeHiddenState() }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames { try layer.step(input, hidden: &state) }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames { try layer.finish(hidden: &state) }
}

extension AnyLayer {
    /// - Precondition: the layer is a `PaddedLayer` or a `FramewiseLayer`.
    func withoutPadding() -> AnyLayer {
        if let padded = layer as? any PaddedLayer { return AnyLayer(padded.withoutPadding()) }
        precondition(layer is any FramewiseLayer, "\(type(of: layer)) needs its padding")
        return self
    }
}

extension StreamingLayer {
    fileprivate func makeHiddenState() -> AnyLayer.State { AnyLayer.State(value: makeState()) }

    fileprivate func step(_ input: Frames, hidden state: inout AnyLayer.State) throws(UsedAfterEnd) -> Frames {
        var own = take(from: &state)
        defer { state.value = own }
        return try step(input, state: &own)
    }

    fileprivate func finish(hidden state: inout AnyLayer.State) throws(UsedAfterEnd) -> Frames {
        var own = take(from: &state)
        defer { state.value = own }
        return try finish(state: &own)
    }

    /// Moves the state out of its box, so that changing it does not copy its buffers.
    private func take(from state: inout AnyLayer.State) -> State {
        guard let own = state.value as? State else {
            preconditionFailure("a state of \(type(of: state.value)) given to \(Self.self)")
        }
        state.value = ()
        return own
    }
}
