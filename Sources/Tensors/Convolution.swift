/// A convolution's weights, packed once for the kernels, and the valid (unpadded) convolution with them.
///
/// A linear layer is a convolution of kernel size 1; a depthwise one has as many groups as channels.
/// The result for one output frame depends on its own input window alone, to the bit, however many frames a call holds:
/// that is what makes streaming equal to batch.
public struct Convolution: Sendable {
    public let inputChannels: Int
    public let outputChannels: Int
    public let kernelSize: Int
    public let stride: Int
    public let dilation: Int
    public let groups: Int
    private let weight: [Float]
    private let bias: [Float]?

    /// - Parameters:
    ///   - weight: PyTorch layout `[outputChannels, inputChannels/groups, kernelSize]`.
    ///   - bias: one value an output channel.
    public init(
        weight: [Float], bias: [Float]?, inputChannels: Int, outputChannels: Int, kernelSize: Int = 1,
        stride: Int = 1, dilation: Int = 1, groups: Int = 1
    ) {
        precondition(inputChannels % groups == 0 && outputChannels % groups == 0, "indivisible groups")
        precondition(weight.count == outputChannels * (inputChannels / groups) * kernelSize, "weight size")
        precondition(bias == nil || bias!.count == outputChannels, "bias size")
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.kernelSize = kernelSize
        self.stride = stride
        self.dilation = dilation
        self.groups = groups
        self.weight = weight
        self.bias = bias
    }

    /// Input frames that one output frame sees.
    public var span: Int { (kernelSize - 1) * dilation + 1 }

    /// Output frames that `count` input frames give.
    public func outputCount(for count: Int) -> Int { count < span ? 0 : (count - span) / stride + 1 }

    /// `activation(W ∗ input + bias) + residual`, over valid positions only.
    /// - Parameters:
    ///   - input: `[time, inputChannels]`.
    ///   - residual: `[outputCount, outputChannels]`, added after the activation.
    /// - Returns: `[outputCount(for: input.count), outputChannels]`.
    public func callAsFunction(
        _ input: Frames, activation: Activation = .identity, residual: Frames? = nil
    ) -> Frames {
        Reference.convolution(
            input, weight: weight, bias: bias, outputChannels: outputChannels, kernelSize: kernelSize,
            stride: stride, dilation: dilation, groups: groups, activation: activation, residual: residual)
    }
}
