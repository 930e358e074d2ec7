import Checkpoints
import Kernels
import Layers

/// The networks of a SoundStream model, built at one place of a checkpoint; see `SoundStreamCodec` for the figure.
struct SoundStreamNetwork {
    private let c: SoundStreamConfig
    private let weights: WeightPath
    /// Index of the deepest width.
    private let last: Int

    /// - Parameter weights: where `input`, `stages` and `output` are.
    init(_ config: SoundStreamConfig, _ weights: WeightPath) {
        c = config
        self.weights = weights
        last = config.channels.count - 1
    }

    func encoder() throws -> Sequential {
        var layers: [any StreamingLayer] = [
            try Conv1d(weights / "input", 1, c.channels[0], kernel: c.kernelSizes[0], stride: c.strides[0])
        ]
        for i in 0..<last {
            let stage = weights / "stages" / i
            layers += try units(stage / "units", width: i)
            layers.append(activation(i))
            layers.append(
                try Conv1d(
                    stage / "downsample", c.channels[i], c.channels[i + 1], kernel: c.kernelSizes[i + 1],
                    stride: c.strides[i + 1], groups: c.groups[i]))
        }
        layers += try blocks(c.encoderLayers)
        layers.append(activation(last))
        layers.append(
            try Conv1d(
                weights / "output", c.channels[last], c.codebookDim, kernel: c.latentKernelSize, groups: c.groups[last]))
        return Sequential(layers)
    }

    func decoder() throws -> Sequential {
        var layers: [any StreamingLayer] = [
            try Conv1d(
                weights / "input", c.codebookDim, c.channels[last], kernel: c.latentKernelSize + c.decoderLookahead,
                groups: c.groups[last], padding: c.decoderLookahead > 0 ? .lookahead(c.decoderLookahead) : .causal)
        ]
        layers += try blocks(c.decoderLayers)
        for i in (0..<last).reversed() {
            let stage = weights / "stages" / (last - 1 - i)
            layers.append(activation(i + 1))
            layers.append(
                try ConvTranspose1d(
                    stage / "upsample", c.channels[i + 1], c.channels[i], kernel: c.kernelSizes[i + 1],
                    stride: c.strides[i + 1], groups: c.groups[i]))
            layers += try units(stage / "units", width: i)
        }
        layers.append(activation(0))
        layers.append(try ConvTranspose1d(weights / "output", c.channels[0], 1, kernel: c.kernelSizes[0], stride: c.strides[0]))
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
                    Conv1d(unit / "pointwise", d, d, kernel: 1, activation: lrelu),
                    Conv1d(unit / "output", d, d, kernel: 1, groups: c.groups[width]),
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
}
