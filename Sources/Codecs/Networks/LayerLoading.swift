import Checkpoints
import Kernels
import Layers

// Layers as PyTorch modules store them: `weight`, with weight norm in any of its spellings or folded, and `bias`.

extension Conv1d {
    /// A `torch.nn.Conv1d` at `weights`.
    init(
        _ weights: WeightPath, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
        hasBias: Bool = true, padding: Padding = .causal, paddingMode: PaddingMode = .zero, activation: Activation = .identity
    ) throws {
        try self.init(
            weight: weights.normalizedWeight(shape: [outputs, inputs / groups, kernel]),
            bias: hasBias ? weights.tensor("bias", shape: [outputs]) : nil, inputChannels: inputs, outputChannels: outputs,
            kernelSize: kernel, stride: stride, dilation: dilation, groups: groups, padding: padding, paddingMode: paddingMode,
            activation: activation)
    }
}

extension ConvTranspose1d {
    /// A `torch.nn.ConvTranspose1d` at `weights`.
    init(
        _ weights: WeightPath, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int, groups: Int = 1, trimLeft: Int = 0,
        trimRight: Int? = nil
    ) throws {
        try self.init(
            weight: weights.normalizedWeight(shape: [inputs, outputs / groups, kernel]),
            bias: weights.tensor("bias", shape: [outputs]), inputChannels: inputs, outputChannels: outputs,
            kernelSize: kernel, stride: stride, groups: groups, trimLeft: trimLeft, trimRight: trimRight)
    }
}

extension Linear {
    /// A `torch.nn.Linear` at `weights`.
    init(
        _ weights: WeightPath, _ inputs: Int, _ outputs: Int, outputScale: [Float]? = nil, activation: Activation = .identity
    ) throws {
        try self.init(
            weight: weights.tensor("weight", shape: [outputs, inputs]), bias: weights.tensor("bias", shape: [outputs]),
            inputChannels: inputs, outputChannels: outputs, outputScale: outputScale, activation: activation)
    }
}

extension LayerNorm {
    /// A `torch.nn.LayerNorm` over the channels at `weights`.
    init(_ weights: WeightPath, channels: Int, epsilon: Float = 1e-5) throws {
        try self.init(
            channels: channels, weight: weights.tensor("weight", shape: [channels]),
            bias: weights.tensor("bias", shape: [channels]), epsilon: epsilon)
    }
}

extension GroupNorm {
    /// A `torch.nn.GroupNorm` at `weights` with the epsilon that these codecs have.
    init(_ weights: WeightPath, groups: Int, channels: Int) throws {
        try self.init(
            groups: groups, weight: weights.tensor("weight", shape: [channels]),
            bias: weights.tensor("bias", shape: [channels]), epsilon: 1e-6)
    }
}

extension LSTM {
    /// A `torch.nn.LSTM` of as many inputs as outputs at `weights`, with the input added to the output.
    init(residual weights: WeightPath, channels: Int, layers: Int) throws {
        try self.init(
            weights: (0..<layers).map { i in
                try Weights(
                    input: weights.tensor("weight_ih_l\(i)", shape: [4 * channels, channels]),
                    recurrent: weights.tensor("weight_hh_l\(i)", shape: [4 * channels, channels]),
                    inputBias: weights.tensor("bias_ih_l\(i)", shape: [4 * channels]),
                    recurrentBias: weights.tensor("bias_hh_l\(i)", shape: [4 * channels]))
            },
            inputChannels: channels, hiddenChannels: channels, addsInput: true)
    }
}

extension Activation {
    /// Snake with the `alpha` `[1, channels, 1]` at `weights`.
    static func snake(_ weights: WeightPath, channels: Int) throws -> Activation {
        .snake(alpha: try weights.tensor("alpha", shape: [1, channels, 1]))
    }
}
