import Checkpoints
import Kernels
import Layers

/// The convolutional encoder and decoder of DAC (Kumar et al. 2023), with the tensor names of Hugging Face:
///
///     encoder  conv k7 ─ [units ×3 ─ Snake ─ conv, strided] per ratio ─ Snake ─ conv k3     width doubles with each ratio
///     decoder  conv k7 ─ [Snake ─ conv, transposed ─ units ×3] per ratio ─ Snake ─ conv k7 ─ tanh
///     unit     x + (Snake ─ conv k7, dilation 1, 3 or 9 ─ Snake ─ 1×1)
///
/// All is centred and padded with zeros.
enum DACNetwork {
    /// Samples `[time, 1]` to latents `[time, latents]`.
    /// - Parameter width: channels at the waveform.
    static func encoder(_ weights: WeightPath, width: Int, ratios: [Int], latents: Int) throws -> Sequential {
        var width = width
        var layers: [any StreamingLayer] = [try Conv1d(weights / "conv1", 1, width, kernel: 7, padding: .centred)]
        for (i, stride) in ratios.enumerated() {
            let block = weights / "block" / i
            let padding = (stride + 1) / 2
            layers += try units(block, channels: width)
            layers.append(ActivationLayer(try .snake(block / "snake1", channels: width), channels: width))
            layers.append(
                try Conv1d(
                    block / "conv1", width, 2 * width, kernel: 2 * stride, stride: stride,
                    padding: .explicit(left: padding, right: padding)))
            width *= 2
        }
        layers.append(ActivationLayer(try .snake(weights / "snake1", channels: width), channels: width))
        layers.append(try Conv1d(weights / "conv2", width, latents, kernel: 3, padding: .centred))
        return Sequential(layers)
    }

    /// Latents `[time, latents]` to samples `[time, 1]`.
    /// - Parameters:
    ///   - width: channels at the latents' end.
    ///   - completesOddStrides: whether a transposed convolution of odd stride gives a whole stride a frame, and not one sample less.
    ///   - activation: of the samples.
    static func decoder(
        _ weights: WeightPath, width: Int, ratios: [Int], latents: Int, completesOddStrides: Bool = false,
        activation: Activation = .tanh
    ) throws -> Sequential {
        var width = width
        var layers: [any StreamingLayer] = [try Conv1d(weights / "conv1", latents, width, kernel: 7, padding: .centred)]
        for (i, stride) in ratios.enumerated() {
            let block = weights / "block" / i
            let trim = (stride + 1) / 2
            layers.append(ActivationLayer(try .snake(block / "snake1", channels: width), channels: width))
            layers.append(
                try ConvTranspose1d(
                    block / "conv_t1", width, width / 2, kernel: 2 * stride, stride: stride, trimLeft: trim,
                    trimRight: completesOddStrides ? stride / 2 : trim))
            width /= 2
            layers += try units(block, channels: width)
        }
        layers.append(ActivationLayer(try .snake(weights / "snake1", channels: width), channels: width))
        layers.append(try Conv1d(weights / "conv2", width, 1, kernel: 7, padding: .centred, activation: activation))
        return Sequential(layers)
    }

    /// `res_unit1` to `res_unit3` of a block.
    private static func units(_ block: WeightPath, channels: Int) throws -> [any StreamingLayer] {
        try SnakeUnit.dilations.enumerated().map { i, dilation in
            try SnakeUnit.layer(block / "res_unit\(i + 1)", channels: channels, dilation: dilation)
        }
    }
}
