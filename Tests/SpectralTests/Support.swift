import Foundation
import Spectral
import TestSupport
import Testing

/// The integer noise of Tools/goldens/lcg.py as samples: white, in −1…1, the same floats in Python and Swift.
func noise(_ count: Int, seed: UInt64) -> [Float] { integerNoise(count, seed: seed).map { Float($0) / 32768 } }

/// An array of Fixtures/spectral.json, which Tools/goldens/spectral.py writes.
struct Golden: Decodable {
    let shape: [Int]
    let values: [Float]

    static let all: [String: Golden] = try! Bundle.module.decodeFixture("spectral.json")

    static func named(_ name: String) throws -> Golden { try #require(all[name]) }
}

/// Checks `found` against a golden of the same length, relative to the golden's largest value.
func expectGolden(
    _ found: [Float], _ name: String, tolerance: Float = 1e-5, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let golden = try Golden.named(name)
    try #require(found.count == golden.values.count, sourceLocation: sourceLocation)
    let largest = golden.values.map(abs).max() ?? 0
    let worst = zip(found, golden.values).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= tolerance * largest, "\(name): off by \(worst / largest)", sourceLocation: sourceLocation)
}

/// 10 log₁₀ of signal energy over error energy.
func signalToNoise(_ reference: some Sequence<Float>, _ found: some Sequence<Float>) -> Double {
    var (signal, error) = (0.0, 0.0)
    for (a, b) in zip(reference, found) {
        signal += Double(a) * Double(a)
        error += (Double(a) - Double(b)) * (Double(a) - Double(b))
    }
    return 10 * log10(signal / error)
}

/// `samples` in pieces whose lengths repeat through `sizes`.
func pieces(_ samples: [Float], _ sizes: [Int]) -> [[Float]] {
    var (result, start, i): ([[Float]], Int, Int) = ([], 0, 0)
    while start < samples.count {
        let end = min(samples.count, start + sizes[i % sizes.count])
        result.append(Array(samples[start..<end]))
        (start, i) = (end, i + 1)
    }
    return result
}

/// Cuts that a stream meets: single samples, primes, empty pushes, larger than any frame.
let cuts: [[Int]] = [[1], [7], [0, 13, 1, 0, 40], [31, 32, 33], [1000]]
