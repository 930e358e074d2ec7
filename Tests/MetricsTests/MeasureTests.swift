import Foundation
import Kernels
import Metrics
import Testing

struct MeasureTests {
    private static let loudness: Set<Measure> = [.loudnessReference, .loudnessDegraded, .loudnessDifference]

    @Test(arguments: GoldenCase.all)
    func matchesTheDefinitionsInDouble(golden: GoldenCase) throws {
        let (r, d) = signals(
            count: golden.count, seed: golden.seed, clip: golden.clip, gain: golden.gain, hiss: golden.hiss)
        let report = try ReconstructionReport.measure(
            reference: AudioBlock(mono: r), degraded: AudioBlock(mono: d), sampleRate: golden.sampleRate)
        #expect(report.comparedSamples == golden.count)
        // Pitch and PESQ have goldens of their own.
        let measures = Measure.allCases.filter { ![.pitch, .quality].contains($0.definition.kind) }
        #expect(golden.expected.count == measures.count)
        for measure in measures {
            let expected = try #require(golden.expected[measure.rawValue])
            let found = try #require(report.overall[measure].number)
            // A gating block may be a sample longer or shorter.
            let tolerance = Self.loudness.contains(measure) ? 1e-3 : 3e-5 * abs(expected)
            #expect(abs(found - expected) <= tolerance, "\(measure): \(found), expected \(expected)")
        }
    }

    @Test(arguments: [[1], [997], [8192, 3, 0, 20000]])
    func anyCutGivesTheSameBits(sizes: [Int]) throws {
        let (r, d) = signals(count: 12000)
        let whole = try report(r, d)
        var meter = try ReconstructionMeter(sampleRate: 24000, channelCount: 1)
        var (start, i) = (0, 0)
        while start < r.count {
            let end = min(r.count, start + sizes[i % sizes.count])
            try meter.push(reference: AudioBlock(mono: Array(r[start..<end])), degraded: AudioBlock(mono: Array(d[start..<end])))
            (start, i) = (end, i + 1)
        }
        #expect(try meter.finish() == whole)
    }

    @Test func signalsMayArriveOutOfStep() throws {
        let (r, d) = signals(count: 12000)
        var meter = try ReconstructionMeter(sampleRate: 24000, channelCount: 1)
        try meter.push(reference: AudioBlock(mono: r), degraded: AudioBlock(channelCount: 1))
        try meter.push(reference: AudioBlock(channelCount: 1), degraded: AudioBlock(mono: Array(d[..<17])))
        try meter.push(reference: AudioBlock(channelCount: 1), degraded: AudioBlock(mono: Array(d[17...])))
        #expect(try meter.finish() == report(r, d))
    }

    @Test func aGainCostsSNRButNotScaleInvariantSDR() throws {
        let (r, d) = signals(count: 12000)
        let (plain, halved) = (try report(r, d), try report(r, d.map { $0 / 2 }))
        let (a, b) = (try #require(plain.overall[.siSDR].number), try #require(halved.overall[.siSDR].number))
        #expect(abs(a - b) < 1e-9)
        #expect(try #require(halved.overall[.snr].number) < 7)
    }

    @Test func aKnownNoiseLevelGivesItsSNR() throws {
        let r = [Float](repeating: 0.5, count: 4000)
        let d = (0..<4000).map { Float(0.5) + ($0 % 2 == 0 ? 0.0625 : -0.0625) }
        let found = try report(r, d).overall
        #expect(abs(try #require(found[.snr].number) - 20 * log10(8)) < 1e-12)
        #expect(abs(try #require(found[.siSDR].number) - 20 * log10(8)) < 1e-12)
    }

    @Test func channelsAreMeasuredAloneAndAveraged() throws {
        let (r, d) = signals(count: 12000)
        let (r2, d2) = signals(count: 12000, seed: 40, hiss: 30)
        let stereo = try ReconstructionReport.measure(
            reference: AudioBlock(channels: [r, r2]), degraded: AudioBlock(channels: [d, d2]), sampleRate: 24000)
        let (left, right) = (try report(r, d).overall, try report(r2, d2).overall)
        for measure in Measure.allCases where !Self.loudness.contains(measure) {
            #expect(stereo.channels[0][measure] == left[measure])
            #expect(stereo.channels[1][measure] == right[measure])
        }
        for measure in Measure.allCases where left[measure].number != nil && !Self.loudness.contains(measure) {
            let mean = try (#require(left[measure].number) + #require(right[measure].number)) / 2
            #expect(stereo.overall[measure] == .value(mean))
        }
    }

    @Test func onlyWhatIsAskedForIsMeasured() throws {
        let (r, d) = signals(count: 12000)
        let some = try ReconstructionReport.measure(
            reference: AudioBlock(mono: r), degraded: AudioBlock(mono: d), sampleRate: 24000, measures: [.snr])
        #expect(some.overall[.snr].number != nil)
        #expect(some.overall[.melDistance] == .undefined(.notMeasured))
        #expect(some.delay == DelayEstimate(samples: 0, correlation: .undefined(.notMeasured)))
    }

    @Test func similarityIsThatOfViSQOL() throws {
        let (r, d) = signals(count: 24000)
        let report = try ReconstructionReport.measure(
            reference: AudioBlock(mono: r), degraded: AudioBlock(mono: d), sampleRate: 16000,
            measures: [.visqolSpeech, .visqolSpeechMOS])
        let score = try ViSQOL(mode: .speech).similarity(reference: r, degraded: d)
        #expect(report.overall[.visqolSpeech] == score.nsim)
        #expect(report.overall[.visqolSpeechMOS] == score.mos)
        #expect(score.nsim.number != nil)
    }

    @Test func audioModeIsAskedForOrMeasuredFromCDRateOn() throws {
        #expect(Measure.standard(sampleRate: 44100) == Set(Measure.allCases))
        #expect(Measure.standard(sampleRate: 24000) == Set(Measure.allCases).subtracting([.visqolAudio]))
        let (r, d) = signals(count: 24000)
        #expect(try report(r, d).overall[.visqolAudio].number != nil)
    }
}
