import Foundation
import Kernels
import Metrics
import TestSupport
import Testing

struct DelayTests {
    @Test(arguments: [0, 1, 37, 1000, -1, -480, -1000])
    func findsTheDelayAndMeasuresAfterIt(delay: Int) throws {
        let (r, d) = signals(count: 9000)
        let zeros = [Float](repeating: 0, count: abs(delay))
        let shifted = delay >= 0 ? report(r, zeros + d, 1000) : report(zeros + r, d, 1000)
        let aligned = report(r, d, nil)
        let found = try shifted.get()
        #expect(found.delay.samples == delay)
        #expect(try #require(found.delay.correlation.number) > 0.9)
        #expect(found.comparedSamples == 9000)
        #expect(found.overall == (try aligned.get().overall))
    }

    private func report(_ r: [Float], _ d: [Float], _ lag: Int?) -> Result<ReconstructionReport, any Error> {
        Result { try MetricsTests.report(r, d, maximumLag: lag) }
    }

    @Test func comparesTheOverlapOfDifferentLengths() throws {
        let (r, d) = signals(count: 9000)
        let found = try MetricsTests.report(r, Array(d[..<7000]), maximumLag: 50)
        #expect(found.referenceSamples == 9000)
        #expect(found.degradedSamples == 7000)
        #expect(found.comparedSamples == 7000)
        #expect(try found.overall == MetricsTests.report(Array(r[..<7000]), Array(d[..<7000])).overall)
    }

    @Test func aPureDelayCorrelatesFully() throws {
        let r = signals(count: 20000).reference
        var estimator = try DelayEstimator(channelCount: 1, maximumLag: 300)
        try estimator.push(
            reference: AudioBlock(mono: r), degraded: AudioBlock(mono: [Float](repeating: 0, count: 211) + r))
        let found = try estimator.finish()
        #expect(found.samples == 211)
        #expect(abs(try #require(found.correlation.number) - 1) < 1e-5)
    }

    @Test func anyCutGivesTheSameEstimate() throws {
        let (r, d) = signals(count: 20000)
        let shifted = Array(d[123...])
        func estimate(_ sizes: [Int]) throws -> DelayEstimate {
            var estimator = try DelayEstimator(channelCount: 1, maximumLag: 400)
            var (a, b, i) = (r[...], shifted[...], 0)
            while !a.isEmpty || !b.isEmpty {
                let size = sizes[i % sizes.count]
                try estimator.push(
                    reference: AudioBlock(mono: Array(a.prefix(size))), degraded: AudioBlock(mono: Array(b.prefix(size))))
                (a, b, i) = (a.dropFirst(size), b.dropFirst(size), i + 1)
            }
            return try estimator.finish()
        }
        let whole = try estimate([20000])
        #expect(whole.samples == -123)
        #expect(try estimate([777]) == whole)
        #expect(try estimate([1, 5000, 33]) == whole)
    }

    @Test func channelsOfOppositeSignDoNotCancel() throws {
        let r = signals(count: 6000).reference
        let late = [Float](repeating: 0, count: 60) + r
        var estimator = try DelayEstimator(channelCount: 2, maximumLag: 100)
        try estimator.push(
            reference: AudioBlock(channels: [r, r.map { -$0 }]),
            degraded: AudioBlock(channels: [late, late.map { -$0 }]))
        #expect(try estimator.finish().samples == 60)
    }

    @Test func aPeriodicSignalTakesTheSmallestDelay() throws {
        let square = (0..<40000).map { Float($0 / 20 % 2 == 0 ? 0.5 : -0.5) }
        var estimator = try DelayEstimator(channelCount: 1, maximumLag: 100)
        try estimator.push(reference: AudioBlock(mono: square), degraded: AudioBlock(mono: square))
        #expect(try estimator.finish().samples == 0)
    }

    @Test(arguments: [0, 37, -200])
    func aPolarityFlipIsFoundWithItsDelay(delay: Int) throws {
        let (r, d) = signals(count: 40_000)
        let zeros = [Float](repeating: 0, count: abs(delay))
        let inverted = d.map { -$0 }
        let found = try delay >= 0 ? report(r, zeros + inverted, 300).get() : report(zeros + r, inverted, 300).get()
        #expect(found.delay.samples == delay && found.delay.isInverted && !found.delay.isWeak)
        #expect(try #require(found.delay.correlation.number) < -0.9)
        // Measures that do not look at the sign have the values of the signal as it was.
        let upright = try report(r, d, nil).get()
        #expect(found.overall[.siSDR].number.map { abs($0 - (upright.overall[.siSDR].number ?? 0)) < 1e-6 } == true)
        #expect(found.overall[.stoi].number.map { abs($0 - (upright.overall[.stoi].number ?? 0)) < 1e-9 } == true)
    }

    /// A tone is like its inverse half a period later; the least delay counts.
    @Test func anInvertedToneHasNoDelay() throws {
        let tone = (0..<40_000).map { 0.5 * Float(sin(Double($0) * 0.11)) }
        var estimator = try DelayEstimator(channelCount: 1, maximumLag: 1000)
        try estimator.push(reference: AudioBlock(mono: tone), degraded: AudioBlock(mono: tone.map { -$0 }))
        let found = try estimator.finish()
        #expect(found.samples == 0 && found.isInverted)
    }

    @Test func delaysThatLeaveLessThanHalfAreNotLookedAt() throws {
        // A click at the end of one and at the beginning of the other.
        var (r, d) = ([Float](repeating: 0.001, count: 1000), [Float](repeating: 0.001, count: 1000))
        (r[990], d[5]) = (1, 1)
        var estimator = try DelayEstimator(channelCount: 1, maximumLag: 1000)
        try estimator.push(reference: AudioBlock(mono: r), degraded: AudioBlock(mono: d))
        #expect(try abs(estimator.finish().samples) <= 500)
    }

    @Test func signalsWithoutMuchInCommonAreSaidToBe() throws {
        let (r, _) = signals(count: 9000)
        let other = noise(samples: 9000, channels: 1, seed: 77).channel(0)
        let found = try report(r, other, 300).get()
        #expect(found.delay.isWeak)
        let text = String(decoding: try JSONEncoder().encode(found.delay), as: UTF8.self)
        #expect(text.contains("\"weak\":true") && text.contains("\"inverted\":"))
        #expect(try JSONDecoder().decode(DelayEstimate.self, from: Data(text.utf8)) == found.delay)
    }
}
