import Kernels

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }

    mutating func frames(_ count: Int, channels: Int, in range: ClosedRange<Float> = -1...1) -> Frames {
        Frames(count: count, channels: channels, values: floats(count * channels, in: range))
    }

    mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &self)! }
}

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
func allActivations(channels: Int, using generator: inout SeededGenerator) -> [Activation] {
    [
        .identity, .relu, .leakyReLU(slope: 0.1), .elu(alpha: 1), .elu(alpha: 0.7), .gelu, .geluTanh, .tanh, .sigmoid,
        .silu, .snake(alpha: generator.floats(channels, in: 0.1...3)),
        .snakeBeta(alpha: generator.floats(channels, in: 0.1...3), beta: generator.floats(channels, in: 0.3...3)),
    ]
}
