import Kernels
import Platform

/// Layers one after the other.
///
/// A long input passes through the layers in blocks of time, so that activations stay in the processor's caches. Where the frame
/// rate is high, blocks cover less time. With threads (`Execution`) several blocks are under way at once, each in another
/// layer. Blocks and threads change nothing but the time and memory taken.
public struct Sequential: StreamingLayer {
    private let layers: [AnyLayer]
    private let blocks: TimeBlocks

    /// Channels of the input.
    public var inputChannels: Int { layers[0].inputChannels }
    /// Channels of the output.
    public var outputChannels: Int { layers[layers.count - 1].outputChannels }
    /// The product of the layers' rates.
    public let rate: Rate
    /// The lookahead of all layers together, in frames of the first layer's input. Where the rate falls and rises again,
    /// this includes waiting for all input frames that share a frame between the layers.
    public let lookahead: Int
    /// The lookback of all layers together, in frames of the first layer's input; nil where a layer has none.
    public let lookback: Int?
    /// Input frames by whose multiples a signal may begin later for every layer.
    public let alignment: Int

    /// - Parameter layers: at least one. Each takes as many channels as the one before gives. A `Sequential` among them is replaced
    ///   by its layers.
    public init(_ layers: [any StreamingLayer]) {
        precondition(!layers.isEmpty, "a sequence of no layers")
        for (before, after) in zip(layers, layers.dropFirst()) {
            precondition(
                before.outputChannels == after.inputChannels,
                "\(type(of: before)) gives \(before.outputChannels) channels, \(type(of: after)) takes \(after.inputChannels)")
        }
        self.layers = layers.flatMap { ($0 as? Sequential)?.layers ?? [AnyLayer($0)] }
        blocks = TimeBlocks(self.layers)
        rate = layers.reduce(Rate.one) { $0 * $1.rate }
        lookahead = Self.lookahead(of: self.layers, rate: rate)
        lookback = Self.lookback(of: self.layers, rate: rate)
        alignment = Self.alignment(of: self.layers)
    }

    /// The states of all layers.
    public struct State: Sendable {
        fileprivate var layers: [AnyLayer.State]
        fileprivate var end = StreamEnd("layer")
    }

    /// How many output frames `step` has given in all after `count` input frames in all.
    public func known(after count: Int) -> Int { layers.reduce(count) { $1.known(after: $0) } }

    /// The state at the start of a signal.
    public func makeState() -> State { State(layers: layers.map { $0.makeState() }) }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        if let blocks = blocks.blocks(of: input.count) { return step(input, in: blocks, states: &state.layers) }
        var frames = input
        for (i, layer) in layers.enumerated() {
            guard !frames.isEmpty else { return Frames(channels: outputChannels) }
            frames = try layer.step(frames, state: &state.layers[i])
        }
        return frames
    }

    /// Takes the input through the layers in blocks.
    private func step(_ input: Frames, in blocks: [TimeBlocks.Block], states: inout [AnyLayer.State]) -> Frames {
        var outputs = BlockOutputs(blocks)
        let tasks = blocks.map { Execution.PipelineTask(stages: $0.layers, index: $0.index, needed: $0.source.needed) }
        return states.withUnsafeMutableBufferPointer { states in
            outputs.withShared { outputs in
                let shared = SharedStates(states: states)
                Execution.current.pipeline(tasks) { task, i in
                    let block = blocks[task]
                    let frames = i == block.layers.lowerBound ? outputs.input(of: block, from: input) : outputs.take(block)
                    guard !frames.isEmpty else { return }
                    outputs.put(layers[i].advance(frames, state: &shared.states[i]), block)
                }
                return outputs.last(channels: outputChannels)
            }
        }
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        var frames = Frames(channels: inputChannels)
        for (i, layer) in layers.enumerated() {
            var output = try layer.step(frames, state: &state.layers[i])
            output.append(try layer.finish(state: &state.layers[i]))
            frames = output
        }
        return frames
    }

    /// The greatest number of input frames that any output frame needs after its own time.
    ///
    /// Output frame j of a layer of rate p/q covers the time up to input frame ⌈(j + 1)·q/p⌉ − 1. With several layers, the distance
    /// from there to the last input frame that output frame j needs depends on j. It repeats when j grows by the product of all p,
    /// so the greatest one of a single period is taken.
    private static func lookahead(of layers: [AnyLayer], rate: Rate) -> Int {
        func end(of frame: Int, _ rate: Rate) -> Int {
            ((frame + 1) * rate.denominator + rate.numerator - 1) / rate.numerator
        }
        let period = layers.reduce(1) { $0 * $1.rate.numerator }
        return (0..<period).map { frame in
            let needed = layers.reversed().reduce(frame) { end(of: $0, $1.rate) - 1 + $1.lookahead }
            return needed + 1 - end(of: frame, rate)
        }.max() ?? 0
    }

    /// The greatest number of input frames that any output frame depends on before its own time. As `lookahead`, but output frame j of
    /// a layer of rate p/q begins with input frame ⌊j·q/p⌋.
    private static func lookback(of layers: [AnyLayer], rate: Rate) -> Int? {
        let steps = layers.compactMap { layer in layer.lookback.map { (rate: layer.rate, lookback: $0) } }
        guard steps.count == layers.count else { return nil }
        func start(of frame: Int, _ rate: Rate) -> Int { dividingDown(frame * rate.denominator, by: rate.numerator) }
        let period = layers.reduce(1) { $0 * $1.rate.numerator }
        return (0..<period).map { frame in
            start(of: frame, rate) - steps.reversed().reduce(frame) { start(of: $0, $1.rate) - $1.lookback }
        }.max()
    }

    /// The least number of input frames that is a multiple of every layer's alignment when it comes to that layer.
    private static func alignment(of layers: [AnyLayer]) -> Int {
        var (rate, alignment) = (Rate.one, 1)
        for layer in layers {
            let frames = rate.denominator * layer.alignment
            alignment = leastCommonMultiple(alignment, frames / greatestCommonDivisor(frames, rate.numerator))
            rate = rate * layer.rate
        }
        return alignment
    }
}

extension Sequential: PaddedLayer {
    /// The layer without padding and trims, with the same weights.
    public func withoutPadding() -> Sequential { Sequential(layers.map { $0.withoutPadding() }) }
}

/// The states of the layers while threads change them. Safe to share: the pipeline lets one block at a time use the state of a
/// layer.
private struct SharedStates: @unchecked Sendable {
    let states: UnsafeMutableBufferPointer<AnyLayer.State>
}
