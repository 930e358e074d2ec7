import Audio
import Foundation
import Kernels
import Metrics
import TestSupport
import Testing

/// The signals of Tools/goldens/metrics.py: low-passed noise whose level changes every 2400 samples, and it clipped,
/// scaled and with noise added; integers until the last step, so exactly those of the script.
func signals(
    count: Int, seed: UInt64 = 1, clip: Int = 1 << 20, gain: Int = 15, hiss: Int = 4
) -> (reference: [Float], degraded: [Float]) {
    let (u, v) = (integerNoise(count + 7, seed: seed), integerNoise(count, seed: seed + 1))
    let x = (0..<count).map { i in (0..<8).reduce(0) { $0 + u[i + $1] } >> (i / 2400 % 5) }
    let y = (0..<count).map { gain * min(max(x[$0], -clip), clip) + hiss * v[$0] }
    return (x.map { Float($0) / Float(1 << 18) }, y.map { Float($0) / Float(1 << 22) })
}

/// A case of Fixtures/metrics.json, which Tools/goldens/metrics.py writes.
struct GoldenCase: Decodable, Sendable {
    let sampleRate: Int
    let count: Int
    let seed: UInt64
    let clip: Int
    let gain: Int
    let hiss: Int
    let expected: [String: Double]

    static let all: [GoldenCase] = try! Bundle.module.decodeFixture("metrics.json")
}

/// The 16-bit values of the first channel of a file in Samples.
func sample(_ name: String) throws -> [Int] {
    try AudioReader(path: PackageFolder.path("Samples/\(name)")).readAll().channels[0].map { Int($0 * 32768) }
}

/// All measures of a mono pair at 24 kHz.
func report(_ reference: [Float], _ degraded: [Float], maximumLag: Int? = nil) throws -> ReconstructionReport {
    try ReconstructionReport.measure(
        reference: AudioBlock(mono: reference), degraded: AudioBlock(mono: degraded), sampleRate: 24000,
        maximumLag: maximumLag)
}
