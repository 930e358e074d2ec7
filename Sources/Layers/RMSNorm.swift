import Tensors

/// Divides each frame by the root mean square of its channels, then multiplies by `weight` (Zhang and Sennrich 2019).
public struct RMSNorm: FramewiseLayer {
    private let weight: [Float]
    private let epsilon: Float

    public var inputChannels: Int { weight.count }
    public var outputChannels: Int { weight.count }

    /// - Parameters:
    ///   - weight: one factor a channel.
    ///   - epsilon: added to the mean square.
    public init(weight: [Float], epsilon: Float = 1e-6) {
        self.weight = weight
        self.epsilon = epsilon
    }

    public func apply(_ input: Frames) -> Frames {
        let channels = weight.count
        precondition(input.channels == channels, "\(input.channels) channels given to a norm of \(channels)")
        return Frames(count: input.count, channels: channels) { output in
            input.withUnsafeBufferPointer { input in
                guard var x = input.baseAddress, var y = output.baseAddress else { return }
                for _ in 0..<(input.count / channels) {
                    let meanSquare = Rows.dot(x, x, channels) / Float(channels)
                    let scale = 1 / (meanSquare + epsilon).squareRoot()
                    weight.withUnsafeBufferPointer { weight in
                        for c in 0..<channels { y[c] = x[c] * scale * weight[c] }
                    }
                    x += channels
                    y += channels
                }
            }
        }
    }
}
