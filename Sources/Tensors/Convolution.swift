import CKernels

/// A convolution's weights, packed once for the kernels, and the valid (unpadded) convolution with them.
///
/// A linear layer is a convolution of kernel size 1; a depthwise one has as many groups as channels.
/// The result for one output frame depends on its own input window, and at most on the place of the frame in its stream, to the bit,
/// however many frames a call holds: that is what makes streaming equal to batch. Where it depends on the place, neighbouring
/// frames are computed together with fewer multiplications (minimal filtering, Winograd 1980).
public struct Convolution: Sendable {
    public let inputChannels: Int
    public let outputChannels: Int
    public let kernelSize: Int
    public let stride: Int
    public let dilation: Int
    public let groups: Int
    /// Output frames before the first of a call, or as many as there are, whose input windows a call needs as well.
    private let lead: Int
    private let instructionSet: InstructionSet
    private let packed: AlignedFloats

    /// Packs the weights for the current `Kernels.instructionSet`.
    /// - Parameters:
    ///   - weight: PyTorch layout `[outputChannels, inputChannels/groups, kernelSize]`.
    ///   - bias: one value an output channel.
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
        let set = Kernels.instructionSet
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

    /// Input frames before the window of output frame `position` of a stream that a call from there on needs as well.
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
        var shape = ck_convolution(
            in_channels: inputChannels, out_channels: outputChannels, kernel: kernelSize, stride: stride,
            dilation: dilation, groups: groups)
        return input.withUnsafeBufferPointer { input in
            activation.withEpilogue(channels: outputChannels, residual: residual) { epilogue in
                Frames(count: count, channels: outputChannels) { output in
                    ck_convolve(
                        instructionSet.code, &shape, packed.pointer, input.baseAddress.map { $0 + context * inputChannels }, count,
                        position, epilogue, output.baseAddress)
                }
            }
        }
    }
}

/// Calls `body` with a pointer to the values, or nil without any.
func withOptionalPointer<R>(_ values: [Float]?, _ body: (UnsafePointer<Float>?) -> R) -> R {
    guard let values else { return body(nil) }
    return values.withUnsafeBufferPointer { body($0.baseAddress) }
}
