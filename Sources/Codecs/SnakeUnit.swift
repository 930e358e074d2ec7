import Checkpoints
import Layers
import Tensors

/// The residual unit of DAC and its kin (Kumar et al. 2023): x + (Snake ─ conv k7, dilated ─ Snake ─ 1×1), centred.
enum SnakeUnit {
    /// Dilations of the three units at each width.
    static let dilations = [1, 3, 9]

    /// The unit at `weights`, as Hugging Face names its parts: `snake1`, `conv1`, `snake2`, `conv2`.
    static func layer(_ weights: WeightPath, channels: Int, dilation: Int) throws -> Residual {
        try Residual(
            Sequential([
                ActivationLayer(.snake(weights / "snake1", channels: channels), channels: channels),
                Conv1d(
                    weights / "conv1", channels, channels, kernel: 7, dilation: dilation, padding: .centred,
                    activation: .snake(weights / "snake2", channels: channels)),
                Conv1d(weights / "conv2", channels, channels, kernel: 1, padding: .causal),
            ]))
    }
}
