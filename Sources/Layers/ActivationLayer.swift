import Kernels

/// A pointwise function as a layer, for places where it comes before the weights. After them, give the layer with the
/// weights its `activation` instead, which costs no pass of its own.
public struct ActivationLayer: FramewiseLayer {
    public let inputChannels: Int
    public var outputChannels: Int { inputChannels }
    private let activation: Activation

    public init(_ activation: Activation, channels: Int) {
        if case .snake(let alpha) = activation { precondition(alpha.count == channels, "one α a channel") }
        if case .snakeBeta(let alpha, let beta) = activation {
            precondition(alpha.count == channels && beta.count == channels, "one α and one β a channel")
        }
        self.activation = activation
        inputChannels = channels
    }

    /// Snake, x + sin²(αx)/(α + 1e-9), with one α a channel (Ziyin et al. 2020; in audio Kumar et al. 2023, DAC).
    public static func snake(alpha: [Float]) -> ActivationLayer {
        ActivationLayer(.snake(alpha: alpha), channels: alpha.count)
    }

    public func apply(_ input: Frames) -> Frames {
        var output = input
        Kernels.apply(activation, to: &output)
        return output
    }
}
