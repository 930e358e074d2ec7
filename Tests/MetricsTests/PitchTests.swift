import Audio
import Foundation
import Kernels
import Metrics
import TestSupport
import Testing

struct PitchTests {
    @Test func tracksAreThoseOfLibrosa() throws {
        let golden = try PitchCase.load()
        let (r, d) = try golden.signals()
        let tracker = try PitchTracker()
        for (samples, expected) in [(r, golden.reference), (d, golden.degraded)] {
            let found = tracker.track(samples)
            try #require(found.count == expected.count)
            // A tie of two paths may fall either way in single precision.
            let differing = zip(found, expected).filter { abs(($0 ?? 0) - $1) > 1e-3 }
            #expect(differing.count * 200 <= expected.count, "\(differing)")
        }
    }

    @Test func errorsFollowFromTheTracks() throws {
        let golden = try PitchCase.load()
        let (r, d) = try golden.signals()
        let found = try ReconstructionReport.measure(
            reference: AudioBlock(mono: r), degraded: AudioBlock(mono: d), sampleRate: 16000)
        for (name, expected) in golden.expected {
            let measure = try #require(Measure(rawValue: name))
            let number = try #require(found.overall[measure].number)
            #expect(abs(number - expected) <= 0.01 * expected, "\(name): \(number), expected \(expected)")
        }
    }

    @Test(arguments: [(110.0, 110.0, 0.0), (110, 220, 1200)])
    func steadyTonesHaveTheirPitch(reference: Double, degraded: Double, cents: Double) throws {
        let found = try ReconstructionReport.measure(
            reference: tone(reference), degraded: tone(degraded), sampleRate: 16000)
        #expect(abs(try #require(found.overall[.f0ErrorCents].number) - cents) <= 10)
        #expect(found.overall[.grossPitchError] == .value(cents > 0 ? 100 : 0))
        #expect(found.overall[.voicingDecisionError] == .value(0))
    }

    @Test func noiseHasNoPitch() throws {
        let noise = integerNoise(16000, seed: 3).map { Float($0) / 65536 }
        #expect(try PitchTracker().track(noise).allSatisfy { $0 == nil })
        let found = try ReconstructionReport.measure(
            reference: AudioBlock(mono: noise), degraded: AudioBlock(mono: noise), sampleRate: 16000)
        #expect(found.overall[.f0ErrorCents] == .undefined(.noVoicedFrames))
        #expect(found.overall[.voicingDecisionError] == .value(0))
    }

    /// At 2⁻⁸⁰ the squares of the samples are below the least Float32.
    @Test(arguments: [Float(0x1p-80), 0x1p40]) func theLevelDoesNotMatter(gain: Float) throws {
        let tone = sine(150, rate: 16000, samples: 8000, amplitude: 1)
        let signal = Array(repeating: 0, count: 2000) + tone + Array(repeating: 0, count: 2000)
        let tracker = try PitchTracker()
        #expect(tracker.track(signal.map { $0 * gain }) == tracker.track(signal))
        #expect(tracker.track(signal).contains { $0 != nil })
    }

    @Test func silenceHasNoPitch() throws {
        #expect(try PitchTracker().track([]) == [nil])
        #expect(try PitchTracker().track([Float](repeating: 0, count: 1600)) == Array(repeating: nil, count: 11))
    }

    /// Ten harmonics, one second at 16 kHz.
    private func tone(_ frequency: Double) -> AudioBlock {
        let samples = (0..<16000).map { n -> Float in
            let phase = 2 * Double.pi * frequency * Double(n) / 16000
            return Float((1...10).reduce(0.0) { sum, k in sum + sin(Double(k) * phase) } / 20)
        }
        return AudioBlock(mono: samples)
    }
}

/// Fixtures/pitch.json, which Tools/goldens/pitch.py writes; 0 stands for unvoiced.
private struct PitchCase: Decodable {
    let count: Int
    let expected: [String: Double]
    let reference: [Double]
    let degraded: [Double]

    static func load() throws -> PitchCase {
        try Bundle.module.decodeFixture("pitch.json")
    }

    /// As in the script: speech, and it with integer noise.
    func signals() throws -> (reference: [Float], degraded: [Float]) {
        let speech = try sample("speech-en.wav").prefix(count)
        let noise = integerNoise(count, seed: 3).map { Int((Double($0) / 24).rounded(.down)) }
        return (speech.map { Float($0) / 32768 }, zip(speech, noise).map { Float($0 + $1) / 32768 })
    }
}
