import Checkpoints
import Layers

/// The residual unit of DAC and its kin (Kumar et al. 2023): x + (Snake ─ conv k7, dilated ─ Snake ─ 1×1), centred.
enum SnakeUnit {
    /// Dilations of the three units at each width.
    static let dilations = [1, 3, 9]

    /// The unit at `weights`.
    /// - Parameters:
    ///   - parts: names of its four parts; by default Hugging Face's.
    ///   - groups: of the wide convolution.
    static func layer(
        _ weights: WeightPath, parts: [String] = ["snake1", "conv1", "snake2", "conv2"], channels: Int, dilation: Int,
        groups: Int = 1
    ) throws -> Residual {
        try Residual(
            Sequential([
                ActivationLayer(.snake(weights / parts[0], channels: channels), channels: channels),
                Conv1d(
                    weights / parts[1], channels, channels, kernel: 7, dilation: dilation, groups: groups, padding: .centred,
                    activation: .snake(weights / parts[2], channels: channels)),
                Conv1d(weights / parts[3], channels, channels, kernel: 1),
            ]))
    }
}
