import Kernels
import Metrics
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

    @Test func aPolarityFlipIsNotADelay() throws {
        var estimator = try DelayEstimator(channelCount: 1, maximumLag: 0)
        let r = signals(count: 3000).reference
        try estimator.push(reference: AudioBlock(mono: r), degraded: AudioBlock(mono: r.map { -$0 }))
        #expect(try estimator.finish() == DelayEstimate(samples: 0, correlation: .undefined(.uncorrelated)))
    }
}
