import Evaluation
import Testing

@Suite struct BootstrapTests {
    /// Made by Tools/goldens/bootstrap.py.
    @Test(arguments: [(0.95, -0.0008928571428563308, 2.7517857142857127), (0.8, 0.35714285714285715, 2.2142857142857144)])
    func intervalsEqualNumPysPercentilesOfTheSameDraws(confidence: Double, low: Double, high: Double) throws {
        let interval = try #require(
            Bootstrap(resamples: 1000, confidence: confidence, seed: 7).interval([0.5, 1.25, -2.0, 3.0, 0.75, 4.5, 1.0]))
        #expect(abs(interval.low - low) < 1e-12 && abs(interval.high - high) < 1e-12)
    }

    @Test func theIntervalOfManyValuesIsThatOfTheNormalDistribution() throws {
        // 0…399 has the standard deviation √((400² − 1) / 12), the mean of 400 draws a twentieth of that.
        let interval = try #require(Bootstrap(resamples: 4000, confidence: 0.95, seed: 3).interval((0..<400).map(Double.init)))
        let half = 1.96 * (159_999.0 / 12).squareRoot() / 20
        #expect(abs(interval.low - (199.5 - half)) < 0.05 * half)
        #expect(abs(interval.high - (199.5 + half)) < 0.05 * half)
    }

    @Test func aConstantHasNoWidthAndOneValueNoInterval() {
        let bootstrap = Bootstrap(resamples: 100, confidence: 0.95, seed: 1)
        #expect(bootstrap.interval([0.5, 0.5, 0.5]) == ConfidenceInterval(low: 0.5, high: 0.5))
        #expect(bootstrap.interval([0.5]) == nil)
        #expect(bootstrap.interval([]) == nil)
    }

    @Test func theSeedDecides() {
        let values = (0..<20).map { Double($0 * $0 % 17) }
        let a = Bootstrap(resamples: 200, confidence: 0.9, seed: 1)
        #expect(a.interval(values) == a.interval(values))
        #expect(a.interval(values) != Bootstrap(resamples: 200, confidence: 0.9, seed: 2).interval(values))
    }
}
