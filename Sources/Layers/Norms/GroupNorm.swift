import Kernels

/// Normalises groups of neighbouring channels over the whole signal to mean 0 and variance 1, then applies `weight` and `bias`
/// channel by channel (Wu and He 2018).
public struct GroupNorm: WholeSignalLayer {
    private let groups: Int
    private let weight: [Float]
    private let bias: [Float]
    private let epsilon: Double

    /// Channels of the input.
    public var inputChannels: Int { weight.count }
    /// Channels of the output.
    public var outputChannels: Int { weight.count }

    /// - Parameters:
    ///   - groups: the number of groups, a divisor of the channels.
    ///   - weight: one factor per channel.
    ///   - bias: one offset per channel.
    ///   - epsilon: added to the variance.
    public init(groups: Int, weight: [Float], bias: [Float], epsilon: Double = 1e-5) {
        precondition(groups >= 1 && weight.count % groups == 0, "\(weight.count) channels in \(groups) groups")
        precondition(weight.count == bias.count, "one weight and one bias per channel")
        self.groups = groups
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }

    /// The output `[time, outputChannels]` for the whole signal `[time, inputChannels]`.
    public func apply(_ signal: Frames) -> Frames {
        let channels = weight.count
        let width = channels / groups
        var output = signal
        output.withUnsafeMutableBufferPointer { x in
            for group in 0..<groups {
                let (mean, scale) = statistics(UnsafeBufferPointer(x), first: group * width, width: width)
                for start in stride(from: group * width, to: x.count, by: channels) {
                    for c in 0..<width {
                        let channel = group * width + c
                        x[start + c] = Float((Double(x[start + c]) - mean) * scale) * weight[channel] + bias[channel]
                    }
                }
            }
        }
        return output
    }

    /// The mean of the group of `width` channels from `first` on, and the factor that scales its variance to 1.
    private func statistics(_ x: UnsafeBufferPointer<Float>, first: Int, width: Int) -> (mean: Double, scale: Double) {
        let count = Double(x.count / weight.count * width)
        func sum(_ value: (Double) -> Double) -> Double {
            var total = 0.0
            for start in stride(from: first, to: x.count, by: weight.count) {
                for i in start..<(start + width) { total += value(Double(x[i])) }
            }
            return total
        }
        let mean = sum { $0 } / count
        let variance = sum { ($0 - mean) * ($0 - mean) } / count
        return (mean, 1 / (variance + epsilon).squareRoot())
    }
}
