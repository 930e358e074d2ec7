import Foundation
import Metrics
import TestSupport
import Testing

struct PESQTests {
    @Test(arguments: PESQCase.all)
    func agreesWithTheReferenceProgram(golden: PESQCase) throws {
        let (r, d) = try golden.signals()
        #expect(d.count == golden.count)
        let found = try #require(try PESQ(mode: golden.mode).score(reference: r, degraded: d).number)
        #expect(abs(found - golden.score) < 1e-3, "\(found), expected \(golden.score)")
    }

    @Test(arguments: PESQ.Mode.allCases)
    func levelsAndAConstantDelayDoNotMatter(mode: PESQ.Mode) throws {
        let (r, d) = try PESQCase.all[1].signals()
        let pesq = try PESQ(mode: mode)
        let plain = try #require(try pesq.score(reference: r, degraded: d).number)
        let scaled = try #require(try pesq.score(reference: r.map { $0 / 1024 }, degraded: d.map { $0 * 8 }).number)
        #expect(abs(scaled - plain) < 1e-6)
        let late = [Float](repeating: 0, count: 10 * 256) + d
        let delayed = try #require(try pesq.score(reference: r, degraded: late).number)
        #expect(abs(delayed - plain) < 0.2, "\(delayed), without delay \(plain)")
    }

    @Test(arguments: PESQ.Mode.allCases)
    func moreNoiseScoresLower(mode: PESQ.Mode) throws {
        let r = try PESQCase.all[0].signals().reference
        let noise = integerNoise(r.count, seed: 7)
        let pesq = try PESQ(mode: mode)
        let scores = try [0, 1e-8, 1e-7, 1e-6].map { level in
            let d = r.indices.map { r[$0] + Float(level) * Float(noise[$0]) }
            return try #require(try pesq.score(reference: r, degraded: d).number)
        }
        #expect(scores[0] > 4.5)
        for (less, more) in zip(scores, scores.dropFirst()) { #expect(more < less) }
    }

    @Test(arguments: PESQ.Mode.allCases)
    func signalsOutsideTheAcceptedLengthsAreNamed(mode: PESQ.Mode) throws {
        let pesq = try PESQ(mode: mode)
        let (least, most) = (mode.sampleRate / 4, mode.sampleRate * PESQ.maximumDuration)
        let long = [Float](repeating: 0, count: most + 1)
        func reason(_ r: [Float], _ d: [Float]) throws -> UndefinedReason? { try pesq.score(reference: r, degraded: d).reason }
        #expect(try reason([], []) == .tooShort(samples: 0, needed: least))
        #expect(try reason([1], long) == .tooShort(samples: 1, needed: least))
        #expect(try reason(Array(long.prefix(least)), Array(long.prefix(least - 1))) == .tooShort(samples: least - 1, needed: least))
        #expect(try reason(long, long) == .tooLong(samples: most + 1, allowed: most))
        #expect(try reason(Array(long.prefix(least)), long) == .tooLong(samples: most + 1, allowed: most))
        #expect(try reason(Array(long.prefix(least)), Array(long.prefix(least))) == .silentReference)
    }

    @Test(arguments: PESQ.Mode.allCases)
    func silenceAndSamplesThatAreNotFiniteAreNamed(mode: PESQ.Mode) throws {
        let pesq = try PESQ(mode: mode)
        let (r, d) = signals(count: 30000)
        func with(_ x: Float, in signal: [Float]) -> [Float] { signal.dropLast() + [x] }
        let zeros = [Float](repeating: 0, count: 10 * mode.sampleRate)
        #expect(try pesq.score(reference: with(.nan, in: r), degraded: d).reason == .nonFiniteReference)
        #expect(try pesq.score(reference: r, degraded: with(-.infinity, in: d)).reason == .nonFiniteDegraded)
        #expect(try pesq.score(reference: zeros, degraded: zeros).reason == .silentReference)
        #expect(try pesq.score(reference: r, degraded: zeros).reason == .silentDegraded)
    }

    /// Bursts of 100 ms, too far apart to be one utterance.
    @Test(arguments: PESQ.Mode.allCases)
    func aReferenceWithoutSpeechIsNamed(mode: PESQ.Mode) throws {
        let noise = integerNoise(30000, seed: 9).map { Float($0) / 32768 }
        let (period, burst) = (mode.sampleRate / 2, mode.sampleRate / 10)
        let r = noise.indices.map { $0 % period < burst ? noise[$0] : 0 }
        #expect(try PESQ(mode: mode).score(reference: r, degraded: noise).reason == .noSpeech)
    }

    /// A number in the range of the scale, or a reason: for any pair of lengths, levels and shapes.
    @Test(arguments: PESQ.Mode.allCases)
    func oddSignalsNeverCrash(mode: PESQ.Mode) throws {
        let pesq = try PESQ(mode: mode)
        let odd = oddSignals(rate: mode.sampleRate)
        for r in odd {
            for d in odd {
                let value = try pesq.score(reference: r, degraded: d)
                if let number = value.number { #expect((1...4.7).contains(number)) }
            }
        }
    }

    private func oddSignals(rate: Int) -> [[Float]] {
        let noise = integerNoise(4 * rate, seed: 5).map { Float($0) / 32768 }
        func bursts(_ period: Int, _ count: Int) -> [Float] {
            (0..<count).map { $0 / period % 2 == 0 ? 0 : noise[$0 % noise.count] }
        }
        return [
            [Float](repeating: 0.5, count: rate),
            (0..<rate).map { $0 % 2 == 0 ? 1 : -1 },
            (0..<rate).map { $0 < rate / 2 ? 0 : .greatestFiniteMagnitude },
            noise.prefix(rate).map { $0 * 1e38 },
            bursts(rate / 3, 2 * rate).map { $0 * 1e-42 },
            [Float](repeating: 0, count: rate) + [1] + [Float](repeating: 0, count: rate),
            Array(noise.prefix(rate / 4)),
            bursts(rate / 2, 3 * rate),
            bursts(rate / 5, 8 * rate),
            bursts(2 * rate, 9 * rate),
            [Float](repeating: 0, count: 7 * rate) + noise.prefix(rate),
        ]
    }

    /// The length of the reference's own tables: 50 utterances.
    @Test func moreThanFiftyUtterancesAreMeasured() throws {
        let rate = PESQ.Mode.narrowband.sampleRate
        let noise = integerNoise(60 * rate * 3 / 4, seed: 3).map { Float($0) / 32768 }
        let r = noise.indices.map { $0 / (rate * 3 / 8) % 2 == 0 ? noise[$0] * 1e-4 : noise[$0] }
        let score = try #require(try PESQ(mode: .narrowband).score(reference: r, degraded: r).number)
        #expect(abs(score - 4.5486) < 1e-3)
    }
}

/// A case of Fixtures/pesq.json, which Tools/goldens/pesq_scores.py writes.
struct PESQCase: Decodable, Sendable {
    let mode: PESQ.Mode
    let source: String
    let how: String
    let amount: Int
    let seed: UInt64
    let count: Int
    let score: Double

    static let all: [PESQCase] = try! Bundle.module.decodeFixture("pesq.json")

    func signals() throws -> (reference: [Float], degraded: [Float]) {
        let slow = try sample(source + ".wav")
        let x = mode == .wideband ? slow : (0..<(slow.count / 3)).map { slow[3 * $0] + slow[3 * $0 + 1] + slow[3 * $0 + 2] }
        let (y, noise) = degrade(x)
        let v = integerNoise(y.count, seed: seed)
        return (
            x.map { Float($0) / Float(1 << 17) },
            y.indices.map { Float(8 * y[$0] + (noise * v[$0]) >> 8) / Float(1 << 20) }
        )
    }

    private func degrade(_ x: [Int]) -> (signal: [Int], noise: Int) {
        let (half, zeros) = (x.count / 2, [Int](repeating: 0, count: amount))
        switch how {
        case "clip": return (x.map { min(max($0, -amount), amount) }, 0)
        case "delay": return (zeros + x, 8)
        case "jump": return (Array(x[..<half] + zeros + x[half...]), 4)
        case "loss": return (Array(x[..<half] + x[(half + amount)...]), 4)
        case "gaps": return (x.indices.map { $0 / amount % 6 == 5 ? 0 : x[$0] }, 0)
        case "cut": return (Array(x.prefix(amount)), 30)
        default: return (x, amount)
        }
    }
}
