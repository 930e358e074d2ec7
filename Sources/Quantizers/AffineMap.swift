import Kernels
import Platform

/// A map of single frames, y = W·x + b, whose numbers can be stored again.
public struct AffineMap: Sendable, Equatable {
    /// Channels of a frame that goes in.
    public let inputs: Int
    /// Channels of a frame that comes out.
    public let outputs: Int
    /// Row-major `[outputs, inputs]`.
    public let weight: [Float]
    /// One value per output, or none.
    public let bias: [Float]?

    /// - Throws: `QuantizerError.invalidSize` for sizes that the numbers do not fill.
    public init(weight: [Float], bias: [Float]? = nil, inputs: Int, outputs: Int) throws {
        guard inputs >= 1, outputs >= 1, let count = try? CheckedSize.elements([inputs, outputs]), weight.count == count,
            bias.map({ $0.count == outputs }) ?? true
        else {
            throw QuantizerError.invalidSize("a map from \(inputs) to \(outputs) channels with \(weight.count) weights")
        }
        self.weight = weight
        self.bias = bias
        self.inputs = inputs
        self.outputs = outputs
    }

    /// Packed for the kernels.
    var convolution: Convolution {
        Convolution(weight: weight, bias: bias, inputChannels: inputs, outputChannels: outputs)
    }
}
