import Foundation
import Kernels
import Platform

/// Noise in −0.9…0.9 on a grid of 2⁻¹⁵, which every PCM format from 16 bits up holds exactly.
package func noise(samples: Int, channels: Int, seed: UInt64 = 1) -> AudioBlock {
    var random = SplitMix64(seed: seed)
    return AudioBlock(
        channels: (0..<channels).map { _ in
            (0..<samples).map { _ in Float(Int.random(in: -29491...29491, using: &random)) / 32768 }
        })
}

package func sine(_ frequency: Double, rate: Int, samples: Int, amplitude: Double = 0.5) -> [Float] {
    (0..<samples).map { Float(amplitude * sin(2 * .pi * frequency * Double($0) / Double(rate))) }
}

/// The greatest absolute difference; infinite for different lengths.
package func greatestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// The greatest absolute difference; infinite for different shapes.
package func greatestDifference(_ a: Frames, _ b: Frames) -> Float {
    a.channels == b.channels ? greatestDifference(a.values, b.values) : .infinity
}
