import Foundation
import Kernels
import Metrics
import TestSupport
import Testing

struct IntelligibilityTests {
    @Test(arguments: SpeechCase.all)
    func agreesWithPystoi(golden: SpeechCase) throws {
        let (r, d) = try golden.signals()
        #expect(r.count == golden.count)
        let found = try measure(r, d, golden.sampleRate)
        let (stoi, estoi) = (try #require(found[.stoi].number), try #require(found[.estoi].number))
        #expect(abs(stoi - golden.stoi) < 1e-5, "STOI \(stoi), expected \(golden.stoi)")
        #expect(abs(estoi - golden.estoi) < 1e-5, "ESTOI \(estoi), expected \(golden.estoi)")
    }

    private func measure(_ r: [Float], _ d: [Float], _ sampleRate: Int) throws -> MeasureValues {
        try ReconstructionReport.measure(
            reference: AudioBlock(mono: r), degraded: AudioBlock(mono: d), sampleRate: sampleRate,
            measures: [.stoi, .estoi]
        ).overall
    }

    @Test func identicalSignalsAreFullyIntelligible() throws {
        let r = syllables(count: 30000, sampleRate: 16000, seed: 1).map { Float($0) / 65536 }
        let found = try measure(r, r, 16000)
        #expect(abs(try #require(found[.stoi].number) - 1) < 1e-9)
        #expect(abs(try #require(found[.estoi].number) - 1) < 1e-9)
    }

    @Test func levelsOfEitherSignalDoNotMatter() throws {
        let (r, d) = try SpeechCase.all[0].signals()
        let plain = try measure(r, d, 10000)
        #expect(try measure(r.map { $0 / 1024 }, d, 10000) == plain)
        #expect(try measure(r, d.map { $0 * 64 }, 10000) == plain)
        #expect(plain[.snr] == .undefined(.notMeasured))
    }

    /// 384 ms: 31 windows at 10 kHz, the last of which the authors' code does not count where it ends the signal.
    @Test(arguments: [(10000, 4097), (8000, 3277), (24000, 9831), (44100, 18064)])
    func theShortestSignalHasOneSegment(sampleRate: Int, needed: Int) throws {
        let (r, d) = signals(count: needed)
        let (before, at) = (
            try measure(Array(r.dropLast()), Array(d.dropLast()), sampleRate), try measure(r, d, sampleRate)
        )
        #expect(before[.stoi] == .undefined(.tooShort(samples: needed - 1, needed: needed)))
        #expect(before[.estoi] == before[.stoi])
        #expect(at[.stoi].number != nil)
        #expect(at[.estoi].number != nil)
    }

    @Test func aClickInSilenceHasTooFewActiveFrames() throws {
        var r = [Float](repeating: 0, count: 40000)
        r[20000] = 1
        let found = try measure(r, r, 16000)
        guard case .undefined(.tooFewActiveFrames(let frames, needed: 31)) = found[.stoi] else {
            Issue.record("\(found[.stoi])")
            return
        }
        #expect((1...3).contains(frames))
        #expect(found[.estoi] == found[.stoi])
    }

    @Test func aSilentDegradedSignalHasNoCorrelation() throws {
        let r = syllables(count: 30000, sampleRate: 16000, seed: 1).map { Float($0) / 65536 }
        let found = try measure(r, [Float](repeating: 0, count: 30000), 16000)
        #expect(found[.stoi] == .undefined(.silentDegraded))
        #expect(found[.estoi] == .undefined(.silentDegraded))
    }

    @Test func aDropOutLowersTheMeasuresInProportion() throws {
        let r = signals(count: 40000).reference
        var d = r
        for i in 20000..<40000 { d[i] = 0 }
        let found = try measure(r, d, 10000)
        #expect((0.4...0.6).contains(try #require(found[.stoi].number)))
        #expect((0.4...0.6).contains(try #require(found[.estoi].number)))
    }

    @Test func aRateInNoSimpleRatioIsNamed() throws {
        let (r, d) = signals(count: 300_000)
        #expect(try measure(r, d, 96001)[.stoi] == .undefined(.inconvertibleRate(96001)))
        #expect(try measure(r, d, 47999)[.stoi].number != nil)
    }

    /// The last minute is 60 dB louder: were there one threshold, only it would count.
    @Test func partsOfTenMinutesHaveTheirOwnThreshold() throws {
        let (r, d) = signals(count: 600_000)
        let (tenMinutes, lastMinute) = ((r: repeated(r, 10), d: repeated(d, 10)), (r: r.map { $0 * 1000 }, d: d))
        let parts = try [measure(tenMinutes.r, tenMinutes.d, 10000), measure(lastMinute.r, lastMinute.d, 10000)]
        let whole = try measure(tenMinutes.r + lastMinute.r, tenMinutes.d + lastMinute.d, 10000)
        // Windows of 256 samples every 128; all are active, and 31 of them make the first segment.
        let segments = [Double((6_000_000 - 256) / 128 - 30), Double((600_000 - 256 + 127) / 128 - 30)]
        let expected = try zip(parts, segments).map { try #require($0[.stoi].number) * $1 }.reduce(0, +)
        #expect(abs(try #require(whole[.stoi].number) - expected / (segments[0] + segments[1])) < 1e-12)
    }

    private func repeated(_ samples: [Float], _ times: Int) -> [Float] { (0..<times).flatMap { _ in samples } }
}

/// A case of Fixtures/stoi.json, which Tools/goldens/stoi.py writes.
struct SpeechCase: Decodable, Sendable {
    let source: String
    let sampleRate: Int
    let count: Int
    let seed: UInt64
    let how: String
    let amount: Int
    let stoi: Double
    let estoi: Double

    static let all: [SpeechCase] = try! Bundle.module.decodeFixture("stoi.json")

    func signals() throws -> (reference: [Float], degraded: [Float]) {
        let x = source == "speech" ? try sample("speech-en.wav") : syllables(count: count, sampleRate: sampleRate, seed: seed)
        let v = integerNoise(x.count, seed: seed + 50)
        let y: [Int]
        switch how {
        case "noise": y = x.indices.map { 8 * x[$0] + (amount * v[$0]) >> 4 }
        case "clip": y = x.map { 8 * min(max($0, -amount), amount) }
        case "lowpass":
            var sum = 0
            y = x.indices.map {
                sum += x[$0] - ($0 >= amount ? x[$0 - amount] : 0)
                return 8 * (sum - ((sum % amount) + amount) % amount) / amount
            }
        default: y = x.indices.map { (abs(x[$0]) < amount ? 0 : x[$0]) + v[$0] >> 12 }
        }
        return (x.map { Float($0) / Float(1 << 16) }, y.map { Float($0) / Float(1 << 19) })
    }
}

/// The speech-like signal of Tools/goldens/stoi.py: low-passed noise in bursts of 240 ms, every fifth left out.
func syllables(count: Int, sampleRate: Int, seed: UInt64) -> [Int] {
    let (u, v) = (integerNoise(count + 15, seed: seed), integerNoise(count, seed: seed + 1))
    let period = sampleRate * 6 / 25
    return (0..<count).map { i in
        let x = (0..<16).reduce(0) { $0 + u[i + $1] } >> 3
        let phase = i % period
        let envelope = i / period % 5 == 4 ? 0 : min(phase, period - phase) * 512 / period
        return (x * envelope) >> 9 + v[i] >> 10
    }
}
