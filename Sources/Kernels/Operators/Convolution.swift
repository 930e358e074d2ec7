import CKernels

/// A convolution's weights, packed once for the kernels, and the valid (unpadded) convolution with them.
///
/// A linear layer is a convolution of kernel size 1; a depthwise one has as many groups as channels.
/// The result for one output frame is the same to the bit however many frames a call holds. It depends on the frame's own input
/// window and, for some shapes, on the frame's place in its stream. That is what makes streaming equal to batch. The place matters
/// where neighbouring frames are computed together with fewer multiplications (minimal filtering, Winograd 1980).
public struct Convolution: Sendable {
    /// Channels of the input.
    public let inputChannels: Int
    /// Channels of the output.
    public let outputChannels: Int
    /// Input frames that the weights of one output frame apply to.
    public let kernelSize: Int
    /// Input frames from the window of one output frame to that of the next.
    public let stride: Int
    /// Input frames from one that the weights apply to, to the next.
    public let dilation: Int
    /// Parts of equal size that the channels fall into; each part of the output is computed from one part of the input.
    public let groups: Int
    /// How many output frames before its first one a call needs the input windows of; at the start of a stream, as many as there are.
    /// Above 0 where neighbouring frames are computed together.
    private let lead: Int
    private let instructionSet: InstructionSet
    private let packed: AlignedFloats

    /// Packs the weights for the instruction set of `Execution.current`.
    /// - Parameters:
    ///   - weight: PyTorch layout `[outputChannels, inputChannels/groups, kernelSize]`.
    ///   - bias: one value per output channel; nil for zeros.
    public init(
        weight: [Float], bias: [Float]?, inputChannels: Int, outputChannels: Int, kernelSize: Int = 1,
        stride: Int = 1, dilation: Int = 1, groups: Int = 1
    ) {
        precondition(
            inputChannels > 0 && outputChannels > 0 && kernelSize > 0 && stride > 0 && dilation > 0 && groups > 0,
            "a convolution's sizes are at least 1")
        precondition(inputChannels % groups == 0 && outputChannels % groups == 0, "indivisible groups")
        precondition(weight.count == outputChannels * (inputChannels / groups) * kernelSize, "weight size")
        precondition(bias == nil || bias!.count == outputChannels, "bias size")
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.kernelSize = kernelSize
        self.stride = stride
        self.dilation = dilation
        self.groups = groups
        let set = Execution.current.instructionSet
        var shape = ck_convolution(
            in_channels: inputChannels, out_channels: outputChannels, kernel: kernelSize, stride: stride,
            dilation: dilation, groups: groups)
        self.instructionSet = set
        self.lead = ck_lead(set.code, &shape)
        self.packed = AlignedFloats(count: ck_packed_size(set.code, &shape)) { packed in
            weight.withUnsafeBufferPointer { weight in
                withOptionalPointer(bias) { ck_pack(set.code, &shape, weight.baseAddress!, $0, packed) }
            }
        }
    }

    /// Input frames that one output frame sees.
    public var span: Int { (kernelSize - 1) * dilation + 1 }

    /// Output frames that `count` input frames give.
    public func outputCount(for count: Int) -> Int { count < span ? 0 : (count - span) / stride + 1 }

    /// A stream that begins a multiple of so many output frames later gives the same output as much later, bit for bit: 1 where
    /// a frame's place in its stream does not matter.
    public var period: Int { max(1, 2 * lead) }

    /// How many input frames a call that starts at output frame `position` of a stream needs before that frame's window.
    public func context(at position: Int) -> Int { min(position, lead) * stride }

    /// `activation(W ∗ input + bias) + residual`, over valid positions only.
    /// - Parameters:
    ///   - input: `[time, inputChannels]`; the first `context(at: position)` frames stand before the first output frame's window.
    ///   - position: the place of the first output frame in its stream.
    ///   - residual: `[outputCount, outputChannels]`, added after the activation.
    /// - Returns: `[outputCount(for: input.count - context(at: position)), outputChannels]`.
    public func callAsFunction(
        _ input: Frames, at position: Int = 0, activation: Activation = .identity, residual: Frames? = nil
    ) -> Frames {
        precondition(
            input.channels == inputChannels,
            "a convolution of \(inputChannels) channels was given \(input.channels)")
        let context = context(at: position)
        let count = outputCount(for: input.count - context)
        if let residual {
            precondition(
                residual.count == count && residual.channels == outputChannels,
                "residual is [\(residual.count), \(residual.channels)], not [\(count), \(outputChannels)]")
        }
        if count == 0 { return Frames(channels: outputChannels) }
        return activation.withEpilogue(channels: outputChannels, residual: residual) { epilogue in
            Frames(count: count, channels: outputChannels) { output in
                input.withUnsafeBufferPointer { input in
                    run(UnsafeBufferPointer(rebasing: input[(context * inputChannels)...]), count, position, epilogue, output)
                }
            }
        }
    }

    /// `activation(W ∗ (history, input) + bias)`: the frames of `history` stand right before those of `input`, which are not copied.
    /// - Parameters:
    ///   - history: `[time, inputChannels]`; its first `context(at: position)` frames stand before the first output frame's window.
    ///   - input: `[time, inputChannels]`.
    ///   - position: the place of the first output frame in its stream.
    /// - Returns: `[outputCount(for: history.count + input.count - context(at: position)), outputChannels]`.
    public func callAsFunction(_ history: Frames, _ input: Frames, at position: Int, activation: Activation = .identity) -> Frames {
        let context = context(at: position)
        let count = outputCount(for: history.count + input.count - context)
        // Output frames before the first whose window and context lie in `input`.
        let straddling = (history.count - context + stride - 1) / stride + lead
        let needed = context + (straddling - 1) * stride + span - history.count
        guard straddling > 0 && straddling < count && needed <= input.count else {
            var joined = history
            joined.append(input)
            return self(joined, at: position, activation: activation)
        }
        var seam = history
        seam.append(input, range: 0..<needed)
        let start = (context + straddling * stride - history.count) * inputChannels
        return activation.withEpilogue(channels: outputChannels) { epilogue in
            Frames(count: count, channels: outputChannels) { output in
                seam.withUnsafeBufferPointer { seam in
                    run(UnsafeBufferPointer(rebasing: seam[(context * inputChannels)...]), straddling, position, epilogue, output)
                }
                input.withUnsafeBufferPointer { input in
                    run(
                        UnsafeBufferPointer(rebasing: input[start...]), count - straddling, position + straddling, epilogue,
                        UnsafeMutableBufferPointer(rebasing: output[(straddling * outputChannels)...]))
                }
            }
        }
    }

    /// Writes `count` output frames of the windows from the start of `input` on, before which the context stands in memory.
    private func run(
        _ input: UnsafeBufferPointer<Float>, _ count: Int, _ position: Int, _ epilogue: UnsafePointer<ck_epilogue>,
        _ output: UnsafeMutableBufferPointer<Float>
    ) {
        var shape = ck_convolution(
            in_channels: inputChannels, out_channels: outputChannels, kernel: kernelSize, stride: stride,
            dilation: dilation, groups: groups)
        let execution = Execution.current
        execution.timed(.convolution, shape, rows: count) {
            ck_convolve(
                instructionSet.code, execution.pool.pointer, &shape, packed.pointer, input.baseAddress, count, position, epilogue,
                output.baseAddress)
        }
    }
}

/// Calls `body` with a pointer to the values, or nil without any.
func withOptionalPointer<R>(_ values: [Float]?, _ body: (UnsafePointer<Float>?) -> R) -> R {
    guard let values else { return body(nil) }
    return values.withUnsafeBufferPointer { body($0.baseAddress) }
}
