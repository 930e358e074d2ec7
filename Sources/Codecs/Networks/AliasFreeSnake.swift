import Checkpoints
import Layers
import Platform

/// SnakeBeta at twice the rate, so that the harmonics which it makes do not fold back (Lee et al. 2023, "BigVGAN"):
///
///     low-pass to twice the rate ─ SnakeBeta ─ low-pass to half the rate
///
/// The filters are stored, 12 taps each. Either signal goes on with its first and last value for ever.
enum AliasFreeSnake {
    private static let taps = 12

    /// The module at `weights`, whose α and β are stored as logarithms.
    static func layer(_ weights: WeightPath, channels: Int) throws -> Sequential {
        func filter(_ path: WeightPath, gain: Float) throws -> [Float] {
            let taps = try path.tensor("filter", shape: [1, 1, Self.taps]).map { $0 * gain }
            return (0..<channels).flatMap { _ in taps }
        }
        func exponential(_ name: String) throws -> [Float] {
            try (weights / "act").tensor(name, shape: [channels]).map { exp($0) }
        }
        let overlap = taps - 2
        return try Sequential([
            // A filter of gain 1 that spreads each frame over two.
            ConvTranspose1d(
                weight: filter(weights / "upsample", gain: 2), inputChannels: channels, outputChannels: channels, kernelSize: taps,
                stride: 2, groups: channels, trimLeft: overlap / 2, trimRight: overlap / 2, paddingMode: .replicate),
            ActivationLayer(.snakeBeta(alpha: exponential("alpha"), beta: exponential("beta")), channels: channels),
            Conv1d(
                weight: filter(weights / "downsample" / "lowpass", gain: 1), inputChannels: channels, outputChannels: channels,
                kernelSize: taps, stride: 2, groups: channels, padding: .explicit(left: overlap / 2, right: overlap / 2 + 1),
                paddingMode: .replicate),
        ])
    }
}
