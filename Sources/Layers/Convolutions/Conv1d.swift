import Kernels
import Platform

/// A convolution over time with padding: strided, dilated or grouped; causal, centred, or with a few frames of lookahead.
///
/// `Padding` says how many output frames there are. With reflected padding nothing comes out before the `left + 1` input frames
/// have come that the left side mirrors; from then on `lookahead` says how long an output frame waits.
public struct Conv1d: StreamingLayer {
    private let convolution: Convolution
    private var padding: ResolvedPadding
    private let activation: Activation

    /// Channels of the input.
    public var inputChannels: Int { convolution.inputChannels }
    /// Channels of the output.
    public var outputChannels: Int { convolution.outputChannels }
    /// Output frames per input frame.
    public var rate: Rate { Rate(1, convolution.stride) }
    /// Input frames after the current one that an output frame needs.
    public var lookahead: Int { max(0, convolution.span - convolution.stride - padding.left) }
    /// Input frames before the current one that an output frame depends on.
    public var lookback: Int? { padding.lookback(span: convolution.span) }
    /// Input frames by whose multiples a signal may begin later.
    public var alignment: Int { convolution.stride * convolution.period }

    /// - Parameters:
    ///   - weight: PyTorch layout `[outputChannels, inputChannels/groups, kernelSize]`.
    ///   - bias: one value per output channel; nil for zeros.
    ///   - stride: at most (kernelSize − 1)·dilation + 1.
    ///   - activation: applied to the output.
    public init(
        weight: [Float], bias: [Float]? = nil, inputChannels: Int, outputChannels: Int, kernelSize: Int,
        stride: Int = 1, dilation: Int = 1, groups: Int = 1, padding: Padding = .causal,
        paddingMode: PaddingMode = .zero, activation: Activation = .identity
    ) {
        convolution = Convolution(
            weight: weight, bias: bias, inputChannels: inputChannels, outputChannels: outputChannels,
            kernelSize: kernelSize, stride: stride, dilation: dilation, groups: groups)
        precondition((1...convolution.span).contains(stride), "stride \(stride) skips input frames")
        self.padding = ResolvedPadding(padding, mode: paddingMode, span: convolution.span, stride: stride)
        self.activation = activation
    }

    /// How many output frames `step` has given in all after `count` input frames in all.
    public func known(after count: Int) -> Int {
        count < padding.leftNeeds ? 0 : convolution.outputCount(for: padding.left + count)
    }

    /// The frames that later output frames need.
    public struct State: Sendable {
        /// The padded signal, from the convolution's context before the next output frame's window on. Until the left padding is known,
        /// the input alone.
        var buffer: Frames
        /// Output frames so far.
        var position = 0
        var hasLeftPadding: Bool
        /// The last input frames, as many as the right padding may copy.
        var recent: Frames
        var received = 0
        var end = StreamEnd("layer")
    }

    /// The state at the start of a signal.
    public func makeState() -> State {
        let isPadded = padding.leftNeeds == 0
        return State(
            buffer: Frames(zeros: isPadded ? padding.left : 0, channels: inputChannels),
            hasLeftPadding: isPadded, recent: Frames(channels: inputChannels))
    }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        guard !input.isEmpty else { return Frames(channels: outputChannels) }
        state.received += input.count
        remember(input, in: &state)
        if !state.hasLeftPadding {
            state.buffer.append(input)
            guard state.received >= padding.leftNeeds else { return Frames(channels: outputChannels) }
            padLeft(&state)
            return convolve(Frames(channels: inputChannels), &state)
        }
        return convolve(input, &state)
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        guard state.received > 0 else { return Frames(channels: outputChannels) }
        if !state.hasLeftPadding { padLeft(&state) }
        let right = padding.right(after: state.received)
        let firstRecent = state.received - state.recent.count
        for index in state.received..<(state.received + right) {
            let source = padding.source(of: index, count: state.received, right: right)
            state.buffer.append(copy(of: source.map { $0 - firstRecent }, in: state.recent))
        }
        return convolve(Frames(channels: inputChannels), &state)
    }

    /// Puts the left padding before the input received so far.
    private func padLeft(_ state: inout State) {
        let right = padding.right(after: state.received)
        var padded = Frames(channels: inputChannels)
        for index in -padding.left..<0 {
            let source = padding.source(of: index, count: state.received, right: right)
            padded.append(copy(of: source, in: state.buffer))
        }
        padded.append(state.buffer)
        state.buffer = padded
        state.hasLeftPadding = true
    }

    private func copy(of frame: Int?, in frames: Frames) -> Frames {
        frame.map { frames.slice($0..<($0 + 1)) } ?? Frames(zeros: 1, channels: inputChannels)
    }

    private func remember(_ input: Frames, in state: inout State) {
        let kept = padding.rightNeeds
        guard kept > 0 else { return }
        state.recent.append(input.slice(max(0, input.count - kept)..<input.count))
        state.recent.removeFirst(max(0, state.recent.count - kept))
    }

    /// The output frames that can be computed from the buffer and `input` after it. What later ones need stays in the buffer.
    private func convolve(_ input: Frames, _ state: inout State) -> Frames {
        let context = convolution.context(at: state.position)
        let count = convolution.outputCount(for: state.buffer.count + input.count - context)
        guard count > 0 else {
            state.buffer.append(input)
            return Frames(channels: outputChannels)
        }
        let output = convolution(state.buffer, input, at: state.position, activation: activation)
        state.position += count
        state.buffer.advance(by: context + count * convolution.stride - convolution.context(at: state.position), into: input)
        return output
    }
}

extension Conv1d: PaddedLayer {
    /// The layer without padding and trims, with the same weights.
    public func withoutPadding() -> Conv1d {
        var bare = self
        bare.padding = ResolvedPadding(
            .explicit(left: 0, right: 0), mode: .zero, span: convolution.span, stride: convolution.stride)
        return bare
    }
}
