import Kernels

/// Normalises each frame over its channels to mean 0 and variance 1, then applies `weight` and `bias` (Ba et al. 2016).
///
/// A conditioned norm (scale and shift looked up by a bandwidth or a class) is this layer with that row as `weight` and `bias`.
public struct LayerNorm: FramewiseLayer {
    public let inputChannels: Int
    public var outputChannels: Int { inputChannels }
    private let weight: [Float]?
    private let bias: [Float]?
    private let epsilon: Float

    /// - Parameters:
    ///   - weight: one factor a channel, applied after the normalisation; nil = 1.
    ///   - bias: one offset a channel; nil = 0.
    ///   - epsilon: added to the variance.
    public init(channels: Int, weight: [Float]? = nil, bias: [Float]? = nil, epsilon: Float = 1e-5) {
        precondition(weight.map { $0.count == channels } ?? true, "one weight a channel")
        precondition(bias.map { $0.count == channels } ?? true, "one bias a channel")
        inputChannels = channels
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }

    public func apply(_ input: Frames) -> Frames {
        Kernels.layerNorm(input, weight: weight, bias: bias, epsilon: epsilon)
    }
}
