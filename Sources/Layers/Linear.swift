import Kernels

/// `activation(W·x + b)` of every frame.
public struct Linear: FramewiseLayer {
    private enum Product: Sendable {
        case float(Convolution)
        case quantized(QuantizedMatrix)
    }

    private let product: Product
    private let activation: Activation

    /// Channels of the input.
    public let inputChannels: Int
    /// Channels of the output.
    public let outputChannels: Int

    /// - Parameters:
    ///   - weight: PyTorch layout `[outputChannels, inputChannels]`.
    ///   - bias: one value per output channel; nil for zeros.
    ///   - inputChannels: channels of the input.
    ///   - outputChannels: channels of the output.
    ///   - outputScale: a factor for each output channel of `W·x + b` (layer scale), folded into the weights.
    ///   - activation: applied last.
    public init(
        weight: [Float], bias: [Float]? = nil, inputChannels: Int, outputChannels: Int,
        outputScale: [Float]? = nil, activation: Activation = .identity
    ) {
        product = .float(
            Convolution(
                weight: scaleRows(weight, by: outputScale), bias: bias.map { scaleRows($0, by: outputScale) },
                inputChannels: inputChannels, outputChannels: outputChannels))
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.activation = activation
    }

    /// `activation(W·x)` with weights that are rounded to fewer bits here.
    /// - Parameters:
    ///   - weight: PyTorch layout `[outputChannels, inputChannels]`, finite.
    ///   - inputChannels: channels of the input.
    ///   - precision: the bits of a weight.
    ///   - activation: applied last.
    public init(weight: [Float], inputChannels: Int, precision: WeightPrecision, activation: Activation = .identity) {
        let outputChannels = weight.count / inputChannels
        switch precision {
        case .float:
            product = .float(
                Convolution(weight: weight, bias: nil, inputChannels: inputChannels, outputChannels: outputChannels))
        case .int8: product = .quantized(QuantizedMatrix(weight: weight, inputChannels: inputChannels, bits: 8))
        case .int4: product = .quantized(QuantizedMatrix(weight: weight, inputChannels: inputChannels, bits: 4))
        }
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.activation = activation
    }

    /// Bytes of the weights in the form that the product reads.
    public var weightBytes: Int {
        switch product {
        case .float: return 4 * inputChannels * outputChannels
        case .quantized(let matrix): return matrix.byteCount
        }
    }

    /// The output `[time, outputChannels]` for `input` `[time, inputChannels]`.
    public func apply(_ input: Frames) -> Frames { run(input, residual: nil) }

    /// `activation(W·x + b) + residual`, the sum fused into the kernel.
    func apply(_ input: Frames, adding residual: Frames) -> Frames { run(input, residual: residual) }

    private func run(_ input: Frames, residual: Frames?) -> Frames {
        switch product {
        case .float(let convolution): return convolution(input, activation: activation, residual: residual)
        case .quantized(let matrix): return matrix(input, activation: activation, residual: residual)
        }
    }
}

/// Multiplies row r of row-major `matrix` by `factors[r]`; nil factors leave it as it is.
func scaleRows(_ matrix: [Float], by factors: [Float]?) -> [Float] {
    guard let factors, !factors.isEmpty else { return matrix }
    precondition(matrix.count % factors.count == 0, "\(factors.count) factors for \(matrix.count) weights")
    let columns = matrix.count / factors.count
    return matrix.indices.map { matrix[$0] * factors[$0 / columns] }
}
