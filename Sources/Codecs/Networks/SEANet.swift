import Checkpoints
import Kernels
import Layers

/// The convolutional encoder and decoder of EnCodec (Défossez et al. 2022) and Mimi, after SEANet (Tagliasacchi et al. 2020):
///
///     encoder  conv ─ [units ─ ELU ─ conv, strided] per ratio ─ LSTM ─ ELU ─ conv          width doubles with each ratio
///     decoder  conv ─ LSTM ─ [ELU ─ conv, transposed ─ units] per ratio ─ ELU ─ conv
///     unit     shortcut(x) + (ELU ─ conv, dilated ─ ELU ─ 1×1)
///
/// With `time_group_norm` every convolution is followed by a norm over all of its output.
///
/// The LSTM is there only if it has layers. Parts are numbered as modules of one list, `layers`, in which an ELU counts.
struct SEANet {
    private let c: SEANetConfig
    private let layers: WeightPath
    private let paddingMode: PaddingMode

    /// - Parameter weights: where `layers` is.
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
            elu(channels) as any StreamingLayer,
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
    ) throws -> any StreamingLayer {
        let conv = try Conv1d(
            path / "conv", inputs, outputs, kernel: kernel, stride: stride, dilation: dilation,
            padding: c.useCausalConv ? .causal : .centred, paddingMode: paddingMode,
            activation: c.hasTimeNorm ? .identity : activation)
        guard c.hasTimeNorm else { return conv }
        return Sequential([conv, try norm(path, outputs), ActivationLayer(activation, channels: outputs)])
    }

    private func convTranspose(
        _ path: WeightPath, _ inputs: Int, _ outputs: Int, stride: Int
    ) throws -> any StreamingLayer {
        let trim = c.convTransposeTrim(stride: stride)
        func conv(trimLeft: Int, trimRight: Int) throws -> ConvTranspose1d {
            try ConvTranspose1d(
                path / "conv", inputs, outputs, kernel: 2 * stride, stride: stride, trimLeft: trimLeft, trimRight: trimRight)
        }
        guard c.hasTimeNorm else { return try conv(trimLeft: trim.left, trimRight: trim.right) }
        // What is cut off afterwards takes part in the norm.
        let normed = TrimmedGroupNorm(norm: try norm(path, outputs), left: trim.left, right: trim.right)
        return Sequential([try conv(trimLeft: 0, trimRight: 0), normed])
    }

    private func norm(_ path: WeightPath, _ channels: Int) throws -> GroupNorm {
        try GroupNorm(
            groups: 1, weight: (path / "norm").tensor("weight", shape: [channels]),
            bias: (path / "norm").tensor("bias", shape: [channels]))
    }
}

/// A norm over the whole signal, of which the ends are then cut off.
private struct TrimmedGroupNorm: WholeSignalLayer {
    let norm: GroupNorm
    let left: Int
    let right: Int

    var inputChannels: Int { norm.inputChannels }
    var outputChannels: Int { norm.outputChannels }

    func apply(_ signal: Frames) -> Frames {
        let normed = norm.apply(signal)
        return normed.slice(left..<max(left, normed.count - right))
    }
}

/// The fields of `config.json` that describe the convolutional networks of EnCodec and its kin.
struct SEANetConfig: ModelConfig {
    /// Channels at the waveform; each ratio doubles them.
    @Field var numFilters: Int
    /// Strides from the latents to the waveform; the encoder has them in reverse.
    @Field(strides: 1...64) var upsamplingRatios: [Int]
    @Field(in: 0...8) var numResidualLayers: Int
    @Field(in: 1...255) var kernelSize: Int
    @Field(in: 1...255) var lastKernelSize: Int
    @Field(in: 1...255) var residualKernelSize: Int
    /// Dilation of a residual unit over that of the one before.
    @Field(in: 1...4) var dilationGrowthRate: Int
    /// Channels over those inside a residual unit.
    @Field var compress: Int
    /// Whether a residual unit's shortcut has a 1×1 convolution.
    @Field var useConvShortcut: Bool
    /// None where the config does not mention them, as in Mimi's.
    @Field(default: 0, in: 0...16) var numLSTMLayers: Int
    @Field var useCausalConv: Bool
    /// `reflect`, `constant` (zeros) or `replicate`.
    @Field var padMode: String
    /// Share of a causal transposed convolution's trim that is on the right.
    @Field var trimRightRatio: Double
    /// `weight_norm`, stored apart or folded, which may go without saying; `time_group_norm` norms each convolution's output over
    /// all of time and channels.
    @Field(default: "weight_norm") var normType: String

    /// Whether each convolution's output is normed over all of its time, so that the whole signal is needed.
    var hasTimeNorm: Bool { normType == "time_group_norm" }
    /// Samples per frame.
    var hopLength: Int { upsamplingRatios.reduce(1, *) }
    /// Channels next to the latents.
    var deepestWidth: Int { numFilters << upsamplingRatios.count }

    /// What `padMode` means to our layers; nil if nothing.
    var paddingMode: PaddingMode? {
        switch padMode {
        case "reflect": return .reflect
        case "constant": return .zero
        case "replicate": return .replicate
        default: return nil
        }
    }

    /// What a transposed convolution of `stride` and a kernel twice as long cuts off.
    func convTransposeTrim(stride: Int) -> (left: Int, right: Int) {
        let right = useCausalConv ? Int((Double(stride) * trimRightRatio).rounded(.up)) : stride / 2
        return (stride - right, right)
    }

    func check() throws(InvalidField) {
        try $numFilters.require(in: 1...(16_384 >> upsamplingRatios.count))
        try $compress.require(in: 1...numFilters)
        guard paddingMode != nil else { throw $padMode.invalid("is \"\(padMode)\", expected reflect, constant or replicate") }
        guard useCausalConv ? (0...1).contains(trimRightRatio) : trimRightRatio == 1 else {
            throw $trimRightRatio.invalid("is \(trimRightRatio), expected 0...1, and 1 unless use_causal_conv")
        }
        if !hasTimeNorm { try requireWeightNorm() }
    }

    /// - Throws: `InvalidField` for a norm over time, which only a signal that comes in segments can have, and for any other.
    func requireWeightNorm() throws(InvalidField) {
        guard normType == "weight_norm" else {
            throw $normType.invalid("is \"\(normType)\", expected weight_norm, or time_group_norm with chunk_length_s")
        }
    }
}
