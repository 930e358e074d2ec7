import Tensors

/// `activation(W·x + b)` on every frame.
public struct Linear: FramewiseLayer {
    private let convolution: Convolution
    private let activation: Activation

    public var inputChannels: Int { convolution.inputChannels }
    public var outputChannels: Int { convolution.outputChannels }

    /// - Parameters:
    ///   - weight: PyTorch layout `[outputChannels, inputChannels]`.
    ///   - bias: one value an output channel.
    ///   - outputScale: a factor for each output channel of `W·x + b` (layer scale), folded into the weights.
    ///   - activation: applied last.
    public init(
        weight: [Float], bias: [Float]? = nil, inputChannels: Int, outputChannels: Int,
        outputScale: [Float]? = nil, activation: Activation = .identity
    ) {
        convolution = Convolution(
            weight: scaleRows(weight, by: outputScale), bias: bias.map { scaleRows($0, by: outputScale) },
            inputChannels: inputChannels, outputChannels: outputChannels)
        self.activation = activation
    }

    public func apply(_ input: Frames) -> Frames { convolution(input, activation: activation) }

    /// `activation(W·x + b) + residual`, the sum fused into the kernel.
    func apply(_ input: Frames, adding residual: Frames) -> Frames {
        convolution(input, activation: activation, residual: residual)
    }
}

/// Multiplies row r of row-major `matrix` by `factors[r]`; nil factors leave it as it is.
func scaleRows(_ matrix: [Float], by factors: [Float]?) -> [Float] {
    guard let factors, !factors.isEmpty else { return matrix }
    precondition(matrix.count % factors.count == 0, "\(factors.count) factors for \(matrix.count) weights")
    let columns = matrix.count / factors.count
    return matrix.indices.map { matrix[$0] * factors[$0 / columns] }
}
