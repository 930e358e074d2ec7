import Kernels
import Platform

/// A stack of unidirectional long short-term memory layers, as `torch.nn.LSTM` (Hochreiter and Schmidhuber 1997),
/// optionally with the input added to the output as EnCodec does. n input frames give n output frames.
public struct LSTM: StreamingLayer {
    /// One layer's weights in PyTorch layout. The rows are in the order of the gates: input, forget, cell, output.
    public struct Weights: Sendable {
        /// `weight_ih`, `[4·hidden, input]`.
        public var input: [Float]
        /// `weight_hh`, `[4·hidden, hidden]`.
        public var recurrent: [Float]
        /// `bias_ih`, `[4·hidden]`; nil for zeros.
        public var inputBias: [Float]?
        /// `bias_hh`, `[4·hidden]`; nil for zeros.
        public var recurrentBias: [Float]?

        /// The weights of one layer.
        public init(input: [Float], recurrent: [Float], inputBias: [Float]? = nil, recurrentBias: [Float]? = nil) {
            self.input = input
            self.recurrent = recurrent
            self.inputBias = inputBias
            self.recurrentBias = recurrentBias
        }
    }

    private let layers: [LSTMLayer]
    private let addsInput: Bool

    /// Channels of the input.
    public var inputChannels: Int { layers[0].projection.inputChannels }
    /// Channels of the output.
    public var outputChannels: Int { layers[0].hidden }

    /// - Parameters:
    ///   - weights: one element per layer. The first layer has `inputChannels` inputs, the others `hiddenChannels`.
    ///   - inputChannels: channels of the input.
    ///   - hiddenChannels: channels of each layer's output.
    ///   - addsInput: whether the output is `x + lstm(x)`; the input then has as many channels as the output.
    public init(weights: [Weights], inputChannels: Int, hiddenChannels: Int, addsInput: Bool = false) {
        precondition(!weights.isEmpty, "an LSTM of no layers")
        precondition(!addsInput || inputChannels == hiddenChannels, "cannot add \(inputChannels) channels to \(hiddenChannels)")
        layers = weights.enumerated().map { i, weights in
            LSTMLayer(weights, inputs: i == 0 ? inputChannels : hiddenChannels, hidden: hiddenChannels)
        }
        self.addsInput = addsInput
    }

    /// The output and the cell of every layer after the last frame.
    public struct State: Sendable {
        fileprivate var layers: [LSTMLayer.State]
        fileprivate var end = StreamEnd("layer")
    }

    /// The state at the start of a signal.
    public func makeState() -> State { State(layers: layers.map { $0.makeState() }) }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        guard !input.isEmpty else { return Frames(channels: outputChannels) }
        var output = input
        for (i, layer) in layers.enumerated() { output = layer.step(output, state: &state.layers[i]) }
        if addsInput { Kernels.add(input, to: &output) }
        return output
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        return Frames(channels: outputChannels)
    }
}

/// One layer. The products with the input are computed for all frames at once, then the recurrence frame by frame.
private struct LSTMLayer: Sendable {
    let projection: Convolution
    let recurrence: Convolution
    let hidden: Int

    struct State: Sendable {
        /// Output and cell of the last frame, `[1, hidden]`.
        var output: Frames
        var cell: Frames
    }

    init(_ weights: LSTM.Weights, inputs: Int, hidden: Int) {
        self.hidden = hidden
        projection = Convolution(
            weight: Self.sigmoidGatesFirst(weights.input, hidden: hidden),
            bias: Self.sigmoidGatesFirst(Self.sum(weights.inputBias, weights.recurrentBias, count: 4 * hidden), hidden: hidden),
            inputChannels: inputs, outputChannels: 4 * hidden)
        recurrence = Convolution(
            weight: Self.sigmoidGatesFirst(weights.recurrent, hidden: hidden), bias: nil,
            inputChannels: hidden, outputChannels: 4 * hidden)
    }

    private static func sum(_ a: [Float]?, _ b: [Float]?, count: Int) -> [Float] {
        (0..<count).map { (a?[$0] ?? 0) + (b?[$0] ?? 0) }
    }

    /// Reorders rows from the gates input, forget, cell, output to input, forget, output, cell. The three that a sigmoid activates are
    /// then neighbours, and one call does.
    private static func sigmoidGatesFirst(_ matrix: [Float], hidden: Int) -> [Float] {
        precondition(matrix.count % (4 * hidden) == 0, "\(matrix.count) weights do not make four gates of \(hidden)")
        let gate = matrix.count / 4
        return [0, 1, 3, 2].flatMap { matrix[($0 * gate)..<(($0 + 1) * gate)] }
    }

    func makeState() -> State {
        State(output: Frames(zeros: 1, channels: hidden), cell: Frames(zeros: 1, channels: hidden))
    }

    func step(_ input: Frames, state: inout State) -> Frames {
        let projected = projection(input)
        var output = Frames(channels: hidden)
        output.reserveCapacity(input.count)
        for t in 0..<input.count {
            advance(&state, by: projected.slice(t..<(t + 1)))
            output.append(state.output)
        }
        return output
    }

    /// One frame: `cell = forget·cell + input·candidate`, `output = gate·tanh(cell)`.
    private func advance(_ state: inout State, by projected: Frames) {
        let sums = recurrence(state.output, residual: projected)
        let gates = Frames(count: 4, channels: hidden, values: sums.values)
        var open = gates.slice(0..<3)
        var candidate = gates.slice(3..<4)
        Kernels.apply(.sigmoid, to: &open)
        Kernels.apply(.tanh, to: &candidate)
        candidate.multiply(by: open.slice(0..<1))
        state.cell.multiply(by: open.slice(1..<2))
        Kernels.add(candidate, to: &state.cell)
        state.output = state.cell
        Kernels.apply(.tanh, to: &state.output)
        state.output.multiply(by: open.slice(2..<3))
    }
}
