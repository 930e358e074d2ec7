import Checkpoints
import Layers
import Tensors

/// The convolutional encoder and decoder of EnCodec (Défossez et al. 2022) and Mimi, after SEANet (Tagliasacchi et al. 2020):
///
///     encoder  conv ─ [units ─ ELU ─ conv, strided] per ratio ─ LSTM ─ ELU ─ conv          width doubles with each ratio
///     decoder  conv ─ LSTM ─ [ELU ─ conv, transposed ─ units] per ratio ─ ELU ─ conv
///     unit     shortcut(x) + (ELU ─ conv, dilated ─ ELU ─ 1×1)
///
/// The LSTM is there only if it has layers. Parts are numbered as modules of one list, `layers`, in which an ELU counts.
struct SEANet {
    private let c: SEANetConfig
    private let layers: WeightPath
    private let paddingMode: PaddingMode

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: where `layers` is.
    init(_ config: SEANetConfig, _ weights: WeightPath) {
        c = config
        layers = weights / "layers"
        paddingMode = config.paddingMode ?? .zero
    }

    /// Samples `[time, channels]` to latents `[time, latents]`.
    func encoder(channels: Int, latents: Int) throws -> Sequential {
        var stack = Stack(first: try conv(layers / 0, channels, c.numFilters, kernel: c.kernelSize))
        var width = c.numFilters
        for stride in c.upsamplingRatios.reversed() {
            for j in 0..<c.numResidualLayers { stack.add(try unit(layers / stack.next, channels: width, index: j)) }
            stack.add(elu(width))
            stack.add(try conv(layers / stack.next, width, 2 * width, kernel: 2 * stride, stride: stride))
            width *= 2
        }
        if c.numLSTMLayers > 0 {
            stack.add(try LSTM(residual: layers / stack.next / "lstm", channels: width, layers: c.numLSTMLayers))
        }
        stack.add(elu(width))
        stack.add(try conv(layers / stack.next, width, latents, kernel: c.lastKernelSize))
        return Sequential(stack.layers)
    }

    /// Latents `[time, latents]` to samples `[time, channels]`.
    func decoder(latents: Int, channels: Int) throws -> Sequential {
        var width = c.deepestWidth
        var stack = Stack(first: try conv(layers / 0, latents, width, kernel: c.kernelSize))
        if c.numLSTMLayers > 0 {
            stack.add(try LSTM(residual: layers / stack.next / "lstm", channels: width, layers: c.numLSTMLayers))
        }
        for stride in c.upsamplingRatios {
            stack.add(elu(width))
            stack.add(try convTranspose(layers / stack.next, width, width / 2, stride: stride))
            width /= 2
            for j in 0..<c.numResidualLayers { stack.add(try unit(layers / stack.next, channels: width, index: j)) }
        }
        stack.add(elu(width))
        stack.add(try conv(layers / stack.next, width, channels, kernel: c.lastKernelSize))
        return Sequential(stack.layers)
    }

    /// Layers in order, each at its number.
    private struct Stack {
        private(set) var layers: [any StreamingLayer]
        var next: Int { layers.count }

        init(first: any StreamingLayer) { layers = [first] }

        mutating func add(_ layer: any StreamingLayer) { layers.append(layer) }
    }

    private func unit(_ path: WeightPath, channels: Int, index: Int) throws -> Residual {
        let hidden = channels / c.compress
        let dilation = (0..<index).reduce(1) { dilation, _ in dilation * c.dilationGrowthRate }
        let inner = try Sequential([
            elu(channels),
            conv(
                path / "block" / 1, channels, hidden, kernel: c.residualKernelSize, dilation: dilation,
                activation: .elu(alpha: 1)),
            conv(path / "block" / 3, hidden, channels, kernel: 1),
        ])
        return try Residual(inner, shortcut: c.useConvShortcut ? conv(path / "shortcut", channels, channels, kernel: 1) : nil)
    }

    private func elu(_ channels: Int) -> ActivationLayer { ActivationLayer(.elu(alpha: 1), channels: channels) }

    private func conv(
        _ path: WeightPath, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
        activation: Activation = .identity
    ) throws -> Conv1d {
        try Conv1d(
            path / "conv", inputs, outputs, kernel: kernel, stride: stride, dilation: dilation,
            padding: c.useCausalConv ? .causal : .centred, paddingMode: paddingMode, activation: activation)
    }

    private func convTranspose(_ path: WeightPath, _ inputs: Int, _ outputs: Int, stride: Int) throws -> ConvTranspose1d {
        let trim = c.convTransposeTrim(stride: stride)
        return try ConvTranspose1d(
            path / "conv", inputs, outputs, kernel: 2 * stride, stride: stride, trimLeft: trim.left, trimRight: trim.right)
    }
}
