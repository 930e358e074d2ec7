import Kernels
import Layers
import Platform
import Testing

/// The generator of weights and inputs; Tools/goldens/layers.py has the same one, so fixtures hold outputs only.
struct Generator: RandomNumberGenerator {
    private var state: UInt32

    init(seed: Int) { state = UInt32(truncatingIfNeeded: seed) }

    /// Numerical Recipes' 32-bit linear congruential generator; its upper 24 bits as −1 ≤ x < 1.
    mutating func float() -> Float {
        state = state &* 1_664_525 &+ 1_013_904_223
        return Float(state >> 8) / 8_388_608 - 1
    }

    mutating func floats(_ count: Int, scale: Float = 1, offset: Float = 0) -> [Float] {
        (0..<count).map { _ in float() * scale + offset }
    }

    mutating func frames(_ count: Int, channels: Int) -> Frames {
        Frames(count: count, channels: channels, values: floats(count * channels))
    }

    mutating func next() -> UInt64 {
        (0..<4).reduce(0) { bits, _ in
            _ = float()
            return bits << 16 | UInt64(state >> 16)
        }
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}

/// Runs `layer` over `input` cut into pieces of the given sizes, the last size repeating.
func run<L: StreamingLayer>(_ layer: L, _ input: Frames, chunks: [Int]) -> Frames {
    var state = layer.makeState()
    var output = Frames(channels: layer.outputChannels)
    var start = 0
    var sizes = chunks.makeIterator()
    var size = 1
    while start < input.count {
        size = sizes.next() ?? size
        let end = min(input.count, start + size)
        output.append(layer.advance(input.slice(start..<end), state: &state))
        start = end
    }
    output.append(layer.complete(state: &state))
    return output
}

/// The laws of every layer: any chunking gives the whole signal's output to the bit; a copied state goes its own way;
/// after the end it throws; and once the signal runs, no output frame comes later than the layer's lookahead says.
///
/// - Parameter delayed: whether the layer's start waits for more than its lookahead (reflected padding).
func expectLaws<L: StreamingLayer>(
    _ layer: L, _ input: Frames, seed: Int, delayed: Bool = false, _ label: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    var random = Generator(seed: seed)
    let whole = layer(input)
    let cuts = [[1], [2], [3], [7], [0, 1, 0, 5, 2], (0..<input.count).map { _ in random.int(0...4) } + [1]]
    for chunks in cuts {
        let name = chunks.count == 1 ? "chunks of \(chunks[0])" : "mixed chunks"
        #expect(
            run(layer, input, chunks: chunks) == whole, "\(label): \(name) of \(input.count) frames",
            sourceLocation: sourceLocation)
    }
    expectIndependentCopies(layer, input, whole, at: random.int(0...input.count), label, sourceLocation)
    if !delayed { expectPromptOutput(layer, input, label, sourceLocation) }
    expectAnEnd(layer, input, label, sourceLocation)
}

private func expectAnEnd<L: StreamingLayer>(_ layer: L, _ input: Frames, _ label: String, _ location: SourceLocation) {
    var state = layer.makeState()
    _ = layer.advance(input, state: &state)
    _ = layer.complete(state: &state)
    #expect(throws: UsedAfterEnd.self, "\(label): a step after the end", sourceLocation: location) {
        try layer.step(input, state: &state)
    }
    #expect(throws: UsedAfterEnd.self, "\(label): a second end", sourceLocation: location) { try layer.finish(state: &state) }
}

private func expectIndependentCopies<L: StreamingLayer>(
    _ layer: L, _ input: Frames, _ whole: Frames, at cut: Int, _ label: String, _ location: SourceLocation
) {
    var state = layer.makeState()
    let head = layer.advance(input.slice(0..<cut), state: &state)
    var copy = state
    for attempt in ["original", "copy"] {
        var output = head
        output.append(layer.advance(input.slice(cut..<input.count), state: &state))
        output.append(layer.complete(state: &state))
        #expect(output == whole, "\(label): \(attempt) of the state after \(cut) frames", sourceLocation: location)
        swap(&state, &copy)
    }
}

private func expectPromptOutput<L: StreamingLayer>(
    _ layer: L, _ input: Frames, _ label: String, _ location: SourceLocation
) {
    var state = layer.makeState()
    var emitted = 0
    for t in 0..<input.count {
        emitted += layer.advance(input.slice(t..<(t + 1)), state: &state).count
        let due = max(0, (t + 1 - layer.lookahead) * layer.rate.numerator / layer.rate.denominator)
        #expect(emitted >= due, "\(label): after \(t + 1) frames", sourceLocation: location)
        #expect(layer.known(after: t + 1) == emitted, "\(label): after \(t + 1) frames", sourceLocation: location)
    }
}

/// A convolution with random weights.
func randomConv1d(
    _ random: inout Generator, inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
    groups: Int = 1, padding: Padding = .causal, mode: PaddingMode = .zero
) -> Conv1d {
    Conv1d(
        weight: random.floats(outputs * inputs / groups * kernel), bias: random.floats(outputs),
        inputChannels: inputs, outputChannels: outputs, kernelSize: kernel, stride: stride, dilation: dilation,
        groups: groups, padding: padding, paddingMode: mode)
}

/// A transposed convolution with random weights; without `trimRight` it gives n·stride frames.
func randomConvTranspose1d(
    _ random: inout Generator, inputs: Int, outputs: Int, kernel: Int, stride: Int, groups: Int = 1, trimLeft: Int,
    trimRight: Int? = nil, mode: PaddingMode = .zero
) -> ConvTranspose1d {
    ConvTranspose1d(
        weight: random.floats(inputs * outputs / groups * kernel), bias: random.floats(outputs), inputChannels: inputs,
        outputChannels: outputs, kernelSize: kernel, stride: stride, groups: groups, trimLeft: trimLeft,
        trimRight: trimRight, paddingMode: mode)
}

/// A linear layer with random weights.
func randomLinear(
    _ random: inout Generator, _ inputs: Int, _ outputs: Int, outputScale: [Float]? = nil,
    activation: Activation = .identity
) -> Linear {
    Linear(
        weight: random.floats(inputs * outputs), bias: random.floats(outputs), inputChannels: inputs,
        outputChannels: outputs, outputScale: outputScale, activation: activation)
}

/// A linear layer with weights small enough for a softmax that does not saturate.
func smallLinear(
    _ random: inout Generator, _ inputs: Int, _ outputs: Int, outputScale: [Float]? = nil
) -> Linear {
    Linear(
        weight: random.floats(inputs * outputs, scale: 0.5), bias: random.floats(outputs, scale: 0.5),
        inputChannels: inputs, outputChannels: outputs, outputScale: outputScale)
}

/// An LSTM with random weights.
func randomLSTM(_ random: inout Generator, inputs: Int, hidden: Int, layers: Int, addsInput: Bool) -> LSTM {
    let weights = (0..<layers).map { i in
        LSTM.Weights(
            input: random.floats(4 * hidden * (i == 0 ? inputs : hidden)), recurrent: random.floats(4 * hidden * hidden),
            inputBias: random.floats(4 * hidden), recurrentBias: random.floats(4 * hidden))
    }
    return LSTM(weights: weights, inputChannels: inputs, hiddenChannels: hidden, addsInput: addsInput)
}

/// A ConvNeXt block with random weights.
func randomConvNeXt(
    _ random: inout Generator, channels: Int, hidden: Int, kernel: Int = 7, padding: Padding = .causal
) -> ConvNeXtBlock {
    ConvNeXtBlock(
        depthwise: randomConv1d(
            &random, inputs: channels, outputs: channels, kernel: kernel, groups: channels, padding: padding),
        norm: LayerNorm(
            channels: channels, weight: random.floats(channels), bias: random.floats(channels), epsilon: 1e-6),
        expand: randomLinear(&random, channels, hidden, activation: .geluTanh),
        contract: randomLinear(&random, hidden, channels, outputScale: random.floats(channels)))
}
