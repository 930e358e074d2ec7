import Checkpoints
import Layers
import Tensors

/// The networks of a SoundStream model, built at one place of a checkpoint; see `SoundStreamCodec` for the figure.
struct SoundStreamNetwork {
    private let c: SoundStreamConfig
    private let weights: WeightPath
    /// Index of the deepest width.
    private let last: Int

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: where `input`, `stages` and `output` are.
    init(_ config: SoundStreamConfig, _ weights: WeightPath) {
        c = config
        self.weights = weights
        last = config.channels.count - 1
    }

    func encoder() throws -> Sequential {
        var layers: [any StreamingLayer] = [
            try conv(weights / "input", 1, c.channels[0], c.kernelSizes[0], stride: c.strides[0])
        ]
        for i in 0..<last {
            let stage = weights / "stages" / i
            layers += try units(stage / "units", width: i)
            layers.append(activation(i))
            layers.append(
                try conv(
                    stage / "downsample", c.channels[i], c.channels[i + 1], c.kernelSizes[i + 1], stride: c.strides[i + 1],
                    groups: c.groups[i]))
        }
        layers += try blocks(c.encoderLayers)
        layers.append(activation(last))
        layers.append(
            try conv(weights / "output", c.channels[last], c.codebookDim, c.latentKernelSize, groups: c.groups[last]))
        return Sequential(layers)
    }

    func decoder() throws -> Sequential {
        var layers: [any StreamingLayer] = [
            try conv(
                weights / "input", c.codebookDim, c.channels[last], c.latentKernelSize + c.decoderLookahead, groups: c.groups[last],
                lookahead: c.decoderLookahead)
        ]
        layers += try blocks(c.decoderLayers)
        for i in (0..<last).reversed() {
            let stage = weights / "stages" / (last - 1 - i)
            layers.append(activation(i + 1))
            layers.append(
                try convTranspose(
                    stage / "upsample", c.channels[i + 1], c.channels[i], c.kernelSizes[i + 1], stride: c.strides[i + 1],
                    groups: c.groups[i]))
            layers += try units(stage / "units", width: i)
        }
        layers.append(activation(0))
        layers.append(try convTranspose(weights / "output", c.channels[0], 1, c.kernelSizes[0], stride: c.strides[0]))
        return Sequential(layers)
    }

    /// The residual units at `channels[width]`, one a dilation.
    private func units(_ path: WeightPath, width: Int) throws -> [any StreamingLayer] {
        let d = c.channels[width]
        return try c.dilations.enumerated().map { i, dilation in
            let unit = path / i
            return try Residual(
                Sequential([
                    activation(width),
                    Conv1d(
                        weight: (unit / "depthwise").tensor("weight", shape: [d, 1, c.unitKernelSize]),
                        inputChannels: d, outputChannels: d, kernelSize: c.unitKernelSize, dilation: dilation, groups: d),
                    conv(unit / "pointwise", d, d, 1, activation: lrelu),
                    conv(unit / "output", d, d, 1, groups: c.groups[width]),
                ]))
        }
    }

    /// ConvNeXt blocks at frame rate.
    private func blocks(_ count: Int) throws -> [any StreamingLayer] {
        try (0..<count).map {
            try ConvNeXtBlock(weights / "blocks" / $0, width: c.hiddenSize, expansion: c.expansion, kernelSize: c.kernelSize)
        }
    }

    private var lrelu: Activation { .leakyReLU(slope: c.negativeSlope) }

    private func activation(_ width: Int) -> ActivationLayer { ActivationLayer(lrelu, channels: c.channels[width]) }

    private func conv(
        _ path: WeightPath, _ inputs: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1,
        lookahead: Int = 0, activation: Activation = .identity
    ) throws -> Conv1d {
        try Conv1d(
            weight: path.tensor("weight", shape: [outputs, inputs / groups, kernel]),
            bias: path.tensor("bias", shape: [outputs]), inputChannels: inputs, outputChannels: outputs,
            kernelSize: kernel, stride: stride, groups: groups, padding: lookahead > 0 ? .lookahead(lookahead) : .causal,
            activation: activation)
    }

    private func convTranspose(
        _ path: WeightPath, _ inputs: Int, _ outputs: Int, _ kernel: Int, stride: Int, groups: Int = 1
    ) throws -> ConvTranspose1d {
        try ConvTranspose1d(
            weight: path.tensor("weight", shape: [inputs, outputs / groups, kernel]),
            bias: path.tensor("bias", shape: [outputs]), inputChannels: inputs, outputChannels: outputs,
            kernelSize: kernel, stride: stride, groups: groups)
    }
}
