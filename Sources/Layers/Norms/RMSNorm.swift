import Kernels

/// Divides each frame by the root mean square of its channels, then multiplies by `weight` (Zhang and Sennrich 2019).
public struct RMSNorm: FramewiseLayer {
    private let weight: [Float]
    private let epsilon: Float

    /// Channels of the input.
    public var inputChannels: Int { weight.count }
    /// Channels of the output.
    public var outputChannels: Int { weight.count }

    /// - Parameters:
    ///   - weight: one factor per channel.
    ///   - epsilon: added to the mean square.
    public init(weight: [Float], epsilon: Float = 1e-6) {
        self.weight = weight
        self.epsilon = epsilon
    }

    /// The output `[time, outputChannels]` for `input` `[time, inputChannels]`.
    public func apply(_ input: Frames) -> Frames {
        let channels = weight.count
        precondition(input.channels == channels, "\(input.channels) channels given to a norm of \(channels)")
        return Frames(count: input.count, channels: channels) { output in
            input.withUnsafeBufferPointer { input in
                guard var x = input.baseAddress, var y = output.baseAddress else { return }
                for _ in 0..<(input.count / channels) {
                    let scale = 1 / (meanSquare(x, channels) + epsilon).squareRoot()
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

/// Σ x² / count, summed in eight lanes. The order of the sum depends on the count alone.
private func meanSquare(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var lanes = SIMD8<Float>.zero
    let whole = count - count % 8
    for i in stride(from: 0, to: whole, by: 8) {
        let eight = UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Float>.self)
        lanes += eight * eight
    }
    return (whole..<count).reduce(lanes.sum()) { $0 + x[$1] * x[$1] } / Float(count)
}
