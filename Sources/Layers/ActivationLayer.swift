import Kernels

/// An activation as a layer, for an activation that comes before any weights. Where it follows a layer with weights, give it to
/// that layer as its `activation` instead, which saves a pass over the frames.
public struct ActivationLayer: FramewiseLayer {
    /// Channels of the input.
    public let inputChannels: Int
    /// Channels of the output.
    public var outputChannels: Int { inputChannels }
    private let activation: Activation

    /// - Parameters:
    ///   - activation: applied to every value.
    ///   - channels: channels of the input.
    public init(_ activation: Activation, channels: Int) {
        if case .snake(let alpha) = activation { precondition(alpha.count == channels, "one α per channel") }
        if case .snakeBeta(let alpha, let beta) = activation {
            precondition(alpha.count == channels && beta.count == channels, "one α and one β per channel")
        }
        self.activation = activation
        inputChannels = channels
    }

    /// Snake, x + sin²(αx)/(α + 1e-9), with one α per channel (Ziyin et al. 2020; in audio Kumar et al. 2023, DAC).
    public static func snake(alpha: [Float]) -> ActivationLayer {
        ActivationLayer(.snake(alpha: alpha), channels: alpha.count)
    }

    /// The output `[time, outputChannels]` for `input` `[time, inputChannels]`.
    public func apply(_ input: Frames) -> Frames {
        var output = input
        Kernels.apply(activation, to: &output)
        return output
    }
}
