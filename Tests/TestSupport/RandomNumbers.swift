import Kernels
import Platform

extension SplitMix64 {
    package mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }

    package mutating func frames(_ count: Int, channels: Int, in range: ClosedRange<Float> = -1...1) -> Frames {
        Frames(count: count, channels: channels, values: floats(count * channels, in: range))
    }

    package mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &self)! }
}

/// The integer noise of Tools/goldens/lcg.py, in −32768…32767.
package func integerNoise(_ count: Int, seed: UInt64) -> [Int] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 48) - 32768
    }
}
