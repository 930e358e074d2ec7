import Audio
import Foundation
import Kernels
import Metrics
import Testing

/// The integer noise of Tools/goldens/lcg.py, in −32768…32767.
func integers(_ count: Int, seed: UInt64) -> [Int] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 48) - 32768
    }
}

/// The signals of Tools/goldens/metrics.py: low-passed noise whose level changes every 2400 samples, and it clipped,
/// scaled and with noise added; integers until the last step, so exactly those of the script.
func signals(
    count: Int, seed: UInt64 = 1, clip: Int = 1 << 20, gain: Int = 15, hiss: Int = 4
) -> (reference: [Float], degraded: [Float]) {
    let (u, v) = (integers(count + 7, seed: seed), integers(count, seed: seed + 1))
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

    static let all: [GoldenCase] = {
        let url = Bundle.module.url(forResource: "Fixtures/metrics.json", withExtension: nil)!
        return try! JSONDecoder().decode([GoldenCase].self, from: Data(contentsOf: url))
    }()
}

/// 16-bit samples of a mono file in Samples, at 24 kHz.
func speech(_ name: String) throws -> [Int] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let reader = try AudioReader(path: root.appendingPathComponent("Samples/\(name).wav").path)
    return try reader.readAll().channels[0].map { Int($0 * 32768) }
}

/// All measures of a mono pair at 24 kHz.
func report(_ reference: [Float], _ degraded: [Float], maximumLag: Int? = nil) throws -> ReconstructionReport {
    try ReconstructionReport.measure(
        reference: AudioBlock(mono: reference), degraded: AudioBlock(mono: degraded), sampleRate: 24000,
        maximumLag: maximumLag)
}
