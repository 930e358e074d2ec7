import Kernels
import Platform
import TestSupport

extension Frames {
    /// The values' bits: equal only if every sign, NaN and last place is.
    var bits: [UInt32] { values.map(\.bitPattern) }
}

/// The greatest |a − b| / max(1, |b|).
func deviation(_ a: Frames, from b: Frames) -> Double {
    guard a.count == b.count, a.channels == b.channels else { return .infinity }
    return zip(a.values, b.values).reduce(0) { worst, pair in
        let difference = abs(Double(pair.0) - Double(pair.1)) / max(1, abs(Double(pair.1)))
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}

/// Every activation, Snake with `channels` alphas.
func allActivations(channels: Int, using generator: inout SplitMix64) -> [Activation] {
    [
        .identity, .relu, .leakyReLU(slope: 0.1), .elu(alpha: 1), .elu(alpha: 0.7), .gelu, .geluTanh, .tanh, .sigmoid,
        .silu, .snake(alpha: generator.floats(channels, in: 0.1...3)),
        .snakeBeta(alpha: generator.floats(channels, in: 0.1...3), beta: generator.floats(channels, in: 0.3...3)),
    ]
}
