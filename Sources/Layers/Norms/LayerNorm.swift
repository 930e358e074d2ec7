import Kernels

/// Normalises each frame over its channels to mean 0 and variance 1, then applies `weight` and `bias` (Ba et al. 2016).
///
/// A conditioned norm, whose scale and shift are looked up by a bandwidth or a class, is this layer with the looked-up rows as
/// `weight` and `bias`.
public struct LayerNorm: FramewiseLayer {
    /// Channels of the input.
    public let inputChannels: Int
    /// Channels of the output.
    public var outputChannels: Int { inputChannels }
    private let weight: [Float]?
    private let bias: [Float]?
    private let epsilon: Float

    /// - Parameters:
    ///   - channels: channels of the input.
    ///   - weight: one factor per channel, applied after the normalisation; nil for ones.
    ///   - bias: one offset per channel; nil for zeros.
    ///   - epsilon: added to the variance.
    public init(channels: Int, weight: [Float]? = nil, bias: [Float]? = nil, epsilon: Float = 1e-5) {
        precondition(weight.map { $0.count == channels } ?? true, "one weight per channel")
        precondition(bias.map { $0.count == channels } ?? true, "one bias per channel")
        inputChannels = channels
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }

    /// The output `[time, outputChannels]` for `input` `[time, inputChannels]`.
    public func apply(_ input: Frames) -> Frames {
        Kernels.layerNorm(input, weight: weight, bias: bias, epsilon: epsilon)
    }
}
