import Audio
import Foundation
import Metrics
import TestSupport
import Testing

struct ViSQOLTests {
    @Test(arguments: ViSQOLCase.all)
    func agreesWithTheReferenceImplementation(golden: ViSQOLCase) throws {
        let (r, d) = try golden.signals()
        let score = try ViSQOL(mode: golden.mode).similarity(reference: r, degraded: d)
        let nsim = try #require(score.nsim.number)
        #expect(abs(nsim - golden.nsim) < 0.01, "NSIM \(nsim), expected \(golden.nsim)")
        for (band, (found, expected)) in zip(score.bands, golden.bands).enumerated() {
            #expect(abs(found - expected) < 0.05, "band \(band): \(found), expected \(expected)")
        }
        if let expected = golden.mos {
            let mos = try #require(score.mos.number)
            #expect(abs(mos - expected) < 0.05, "MOS \(mos), expected \(expected)")
        } else {
            #expect(score.mos == .undefined(.trainedMapping))
        }
    }

    @Test(arguments: ViSQOL.Mode.allCases)
    func equalSignalsAreFullySimilarAtAnyLevel(mode: ViSQOL.Mode) throws {
        let r = try sample("speech-en.wav").map { Float($0) / 32768 }
        let measure = try ViSQOL(mode: mode)
        for gain: Float in [1, 0.125, 8] {
            let score = try measure.similarity(reference: r, degraded: r.map { $0 * gain })
            #expect(abs(try #require(score.nsim.number) - 1) < 1e-4)
            #expect(score.bands.count == measure.bandFrequencies.count)
            if mode == .speech { #expect(try #require(score.mos.number) > 4.99) }
        }
    }

    @Test func bandsAscendToTheModesLimit() throws {
        for (mode, limit) in [(ViSQOL.Mode.speech, 8000.0), (.audio, 24000)] {
            let frequencies = try ViSQOL(mode: mode).bandFrequencies
            #expect(abs(frequencies[0] - 50) < 1e-9)
            #expect(zip(frequencies, frequencies.dropFirst()).allSatisfy { $0 < $1 })
            #expect(frequencies.allSatisfy { $0 < limit })
        }
    }

    @Test(arguments: ViSQOL.Mode.allCases)
    func whatCannotBeComparedIsNamed(mode: ViSQOL.Mode) throws {
        let measure = try ViSQOL(mode: mode)
        let r = integerNoise(mode.sampleRate * 2, seed: 1).map { Float($0) / 65536 }
        let silence = [Float](repeating: 0, count: r.count)
        func reason(_ r: [Float], _ d: [Float]) throws -> UndefinedReason? {
            let score = try measure.similarity(reference: r, degraded: d)
            #expect(score.bands.isEmpty)
            #expect(score.mos.reason == score.nsim.reason)
            return score.nsim.reason
        }
        #expect(try reason(silence, r) == .silentReference)
        #expect(try reason(r, silence) == .silentDegraded)
        #expect(try reason(r + [.nan], r) == .nonFiniteReference)
        #expect(try reason(r, r + [.infinity]) == .nonFiniteDegraded)
        #expect(try reason(r.map { $0 * 1e30 }, r) == .overflow)
        // Windows of 80 ms every 20 ms: 29 frames of speech, 45 of audio.
        let needed = mode.sampleRate / 50 * (mode == .speech ? 32 : 48)
        #expect(try reason([], []) == .tooShort(samples: 0, needed: needed))
        #expect(try reason(Array(r.prefix(needed - 1)), r) == .tooShort(samples: needed - 1, needed: needed))
        #expect(try measure.similarity(reference: Array(r.prefix(needed)), degraded: Array(r.prefix(needed))).nsim.number != nil)
    }

    @Test(arguments: ViSQOL.Mode.allCases)
    func lengthsThatDifferAreCompared(mode: ViSQOL.Mode) throws {
        let r = integerNoise(mode.sampleRate * 4, seed: 3).map { Float($0) / 65536 }
        let measure = try ViSQOL(mode: mode)
        for d in [Array(r.prefix(mode.sampleRate)), r + r, Array(r.suffix(mode.sampleRate))] {
            #expect(try measure.similarity(reference: r, degraded: d).nsim.number != nil)
        }
    }

    /// Over a minute, signals are compared in parts: a minute of good copies and half a minute of bad ones.
    @Test func longSignalsAreMeasuredInParts() throws {
        let x = integerNoise(16000 * 5, seed: 4).map { Float($0) / 65536 }
        let noise = integerNoise(x.count, seed: 5).map { Float($0) / 65536 }
        let measure = try ViSQOL(mode: .speech)
        let bad = try #require(try measure.similarity(reference: x, degraded: noise).nsim.number)
        let r = (0..<18).flatMap { _ in x }
        let d = (0..<18).flatMap { $0 < 12 ? x : noise }
        let score = try measure.similarity(reference: r, degraded: d)
        #expect(abs(try #require(score.nsim.number) - (2 + bad) / 3) < 0.03)
    }
}

/// A case of Fixtures/visqol.json, which Tools/goldens/visqol.py writes.
struct ViSQOLCase: Decodable, Sendable {
    let mode: ViSQOL.Mode
    let source: String
    let seed: UInt64
    let how: String
    let amount: Int
    let nsim: Double
    let mos: Double?
    let bands: [Double]

    static let all: [ViSQOLCase] = try! Bundle.module.decodeFixture("visqol.json")

    func signals() throws -> (reference: [Float], degraded: [Float]) {
        let x = try sample(source)
        return (x.map { Float($0) / Float(1 << 16) }, degrade(x).map { Float($0) / Float(1 << 17) })
    }

    private func degrade(_ x: [Int]) -> [Int] {
        switch how {
        case "noise": return zip(x, integerNoise(x.count, seed: seed)).map { $0 + (amount * $1) >> 12 }
        case "clip": return x.map { min(max($0, -amount), amount) }
        case "lowpass":
            return x.indices.map { n in (0..<(1 << amount)).reduce(0) { $0 + (n >= $1 ? x[n - $1] : 0) } >> amount }
        case "quantise": return x.map { ($0 >> amount) << amount }
        case "delay": return [Int](repeating: 0, count: amount) + x
        case "advance": return Array(x.dropFirst(amount))
        default: return x.indices.map { $0 / amount % 4 == 2 ? 0 : x[$0] }
        }
    }
}
