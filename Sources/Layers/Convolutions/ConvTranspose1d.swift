import Kernels
import Platform

/// A transposed convolution over time. Each input frame is added to `kernelSize` output frames, which begin `stride` frames after
/// those of the input frame before. `trimLeft` and `trimRight` output frames are then cut off at the ends.
///
/// n ≥ 1 input frames give n·stride + (kernelSize − stride − trimLeft − trimRight) output frames; no input frames give none.
/// PyTorch's `padding` p and `output_padding` q are trimLeft = p, trimRight = p − q. Together the trims may exceed the
/// overlap of two frames, kernelSize − stride, as with DAC's odd strides: the output is then shorter than n·stride.
///
/// Before and after the signal there are zeros, or repetitions of its first and last frame, which add to the same output frames.
///
/// No zeros are inserted between the frames. Output frame t·stride + r is a plain convolution of the ⌈kernelSize/stride⌉
/// input frames up to t with every stride-th tap from r on, so the phases r = 0 … stride − 1 together are one convolution.
public struct ConvTranspose1d: StreamingLayer {
    /// One convolution to `[phase, outputChannels]`. Groups do not allow this layout; with groups there is one convolution per phase.
    private let phases: [Convolution]
    private let stride: Int
    private var trimLeft: Int
    private var repeatsEdges: Bool
    /// How many of the last kernelSize − stride output frames, which come after n·stride others, the right trim leaves.
    private var tail: Int
    /// The tail if nothing is trimmed.
    private let wholeTail: Int

    /// Channels of the input.
    public let inputChannels: Int
    /// Channels of the output.
    public let outputChannels: Int
    /// Output frames per input frame.
    public var rate: Rate { Rate(stride) }
    /// Input frames after the current one that an output frame needs.
    public var lookahead: Int { (trimLeft + stride - 1) / stride }
    /// Input frames before the current one that an output frame depends on.
    public var lookback: Int? { overlap - trimLeft / stride }
    /// Input frames by whose multiples a signal may begin later.
    public var alignment: Int { phases[0].period }

    /// - Parameters:
    ///   - weight: PyTorch layout `[inputChannels, outputChannels/groups, kernelSize]`.
    ///   - bias: one value per output channel; nil for zeros.
    ///   - kernelSize: at least `stride`.
    ///   - trimLeft: output frames cut off at the start, at most kernelSize − stride. Zero makes the layer causal.
    ///   - trimRight: output frames cut off at the end, at most kernelSize − stride; nil for as many as leave n·stride output frames.
    ///   - paddingMode: `.zero`, or `.replicate` to repeat the first and last frame before and after the signal.
    public init(
        weight: [Float], bias: [Float]? = nil, inputChannels: Int, outputChannels: Int, kernelSize: Int,
        stride: Int, groups: Int = 1, trimLeft: Int = 0, trimRight: Int? = nil, paddingMode: PaddingMode = .zero
    ) {
        precondition(paddingMode != .reflect, "a transposed convolution does not reflect")
        precondition(stride >= 1 && kernelSize >= stride, "kernel \(kernelSize) shorter than stride \(stride)")
        let overlap = kernelSize - stride
        let trimRight = trimRight ?? overlap - trimLeft
        precondition(
            (0...overlap).contains(trimLeft) && (0...overlap).contains(trimRight) && trimLeft + trimRight < kernelSize,
            "cannot trim \(trimLeft) and \(trimRight) of an overlap of \(overlap)")
        precondition(inputChannels % groups == 0 && outputChannels % groups == 0, "indivisible groups")
        precondition(weight.count == inputChannels * (outputChannels / groups) * kernelSize, "weight size")
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.stride = stride
        self.trimLeft = trimLeft
        repeatsEdges = paddingMode == .replicate
        tail = overlap - trimRight
        wholeTail = overlap

        let taps = (kernelSize + stride - 1) / stride
        let phaseWeights = (0..<stride).map { phase in
            Self.phaseWeight(
                phase, of: weight, kernelSize: kernelSize, stride: stride, taps: taps,
                inputs: inputChannels / groups, outputs: outputChannels / groups, groups: groups)
        }
        if groups == 1 {
            phases = [
                Convolution(
                    weight: phaseWeights.flatMap { $0 }, bias: bias.map { bias in (0..<stride).flatMap { _ in bias } },
                    inputChannels: inputChannels, outputChannels: stride * outputChannels, kernelSize: taps)
            ]
        } else {
            phases = phaseWeights.map {
                Convolution(
                    weight: $0, bias: bias, inputChannels: inputChannels, outputChannels: outputChannels,
                    kernelSize: taps, groups: groups)
            }
        }
    }

    /// The convolution weight `[outputs, inputs/groups, taps]` of one phase: every stride-th tap, the latest first.
    private static func phaseWeight(
        _ phase: Int, of weight: [Float], kernelSize: Int, stride: Int, taps: Int, inputs: Int, outputs: Int, groups: Int
    ) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(groups * outputs * inputs * taps)
        for group in 0..<groups {
            for output in 0..<outputs {
                for input in 0..<inputs {
                    let row = ((group * inputs + input) * outputs + output) * kernelSize
                    for tap in (0..<taps).reversed() {
                        let k = phase + tap * stride
                        result.append(k < kernelSize ? weight[row + k] : 0)
                    }
                }
            }
        }
        return result
    }

    /// How many output frames `step` has given in all after `count` input frames in all.
    public func known(after count: Int) -> Int { max(0, count * stride - trimLeft) }

    /// The frames that later output frames need.
    public struct State: Sendable {
        /// The input frames that later output frames need, and before them those of the convolution's context.
        var buffer: Frames
        /// Input frames, padding included, whose output has been given.
        var position = 0
        /// The last input frame if it is repeated at the end, else no frame.
        var last: Frames
        var received = 0
        /// Output frames still to be cut off at the start.
        var toTrim: Int
        var end = StreamEnd("layer")
    }

    /// The state at the start of a signal.
    public func makeState() -> State {
        State(
            buffer: Frames(zeros: overlap, channels: inputChannels), last: Frames(channels: inputChannels), toTrim: trimLeft)
    }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        guard !input.isEmpty else { return Frames(channels: outputChannels) }
        if repeatsEdges {
            if state.received == 0 { state.buffer = repeated(input.slice(0..<1)) }
            state.last = input.slice((input.count - 1)..<input.count)
        }
        state.received += input.count
        var output = upsample(input, state: &state)
        trimStart(of: &output, state: &state)
        return output
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        guard state.received > 0 else { return Frames(channels: outputChannels) }
        let padding = repeatsEdges ? repeated(state.last) : Frames(zeros: overlap, channels: inputChannels)
        var output = upsample(padding, state: &state).slice(0..<tail)
        trimStart(of: &output, state: &state)
        return output
    }

    /// Input frames before the current one that an output frame sees.
    private var overlap: Int { phases[0].kernelSize - 1 }

    /// `frame` repeated as often as an output frame has input frames before the current one.
    private func repeated(_ frame: Frames) -> Frames {
        (0..<overlap).reduce(into: Frames(channels: inputChannels)) { frames, _ in frames.append(frame) }
    }

    private func trimStart(of output: inout Frames, state: inout State) {
        let cut = min(state.toTrim, output.count)
        guard cut > 0 else { return }
        output.removeFirst(cut)
        state.toTrim -= cut
    }

    /// `stride` output frames for each frame of `input`.
    private func upsample(_ input: Frames, state: inout State) -> Frames {
        guard !input.isEmpty else { return Frames(channels: outputChannels) }
        let position = state.position
        let parts = phases.map { $0(state.buffer, input, at: position) }
        state.position += input.count
        state.buffer.advance(
            by: phases[0].context(at: position) + input.count - phases[0].context(at: state.position), into: input)
        let count = input.count * stride
        if parts.count == 1 { return Frames(count: count, channels: outputChannels, values: parts[0].values) }
        return Frames(count: count, channels: outputChannels) { output in
            for (phase, part) in parts.enumerated() {
                part.withUnsafeBufferPointer { part in
                    for t in 0..<input.count {
                        let row = UnsafeBufferPointer(rebasing: part[(t * outputChannels)..<((t + 1) * outputChannels)])
                        let start = (t * stride + phase) * outputChannels
                        _ = UnsafeMutableBufferPointer(rebasing: output[start..<(start + outputChannels)])
                            .initialize(from: row)
                    }
                }
            }
        }
    }
}

extension ConvTranspose1d: PaddedLayer {
    /// The layer without trims, between zeros: n ≥ 1 input frames give (n − 1)·stride + kernelSize output frames.
    public func withoutPadding() -> ConvTranspose1d {
        var bare = self
        (bare.trimLeft, bare.tail, bare.repeatsEdges) = (0, wholeTail, false)
        return bare
    }
}
