import Platform

/// The percentile bootstrap of a mean (Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 13).
///
/// Every call draws the same items for as many values, so that means of systems that have the same items are paired, and
/// equal values give equal intervals.
public struct Bootstrap: Sendable {
    /// How often items are drawn anew.
    public let resamples: Int
    /// Probability that an interval covers.
    public let confidence: Double
    /// Of the drawing.
    public let seed: UInt64

    /// - Parameter confidence: probability that an interval covers, 0 to 1.
    public init(resamples: Int, confidence: Double, seed: UInt64) {
        self.resamples = resamples
        self.confidence = confidence
        self.seed = seed
    }

    init(_ settings: EvaluationSettings) {
        self.init(resamples: settings.resamples, confidence: settings.confidence, seed: settings.seed)
    }

    /// The interval of the mean of `values`; nil for fewer than two.
    public func interval(_ values: [Double]) -> ConfidenceInterval? {
        guard values.count > 1, resamples > 0 else { return nil }
        var generator = SplitMix64(seed: seed)
        var means = (0..<resamples).map { _ in
            var sum = 0.0
            for _ in values.indices { sum += values[generator.index(below: values.count)] }
            return sum / Double(values.count)
        }
        means.sort()
        let tail = (1 - confidence) / 2
        return ConfidenceInterval(low: Self.quantile(means, tail), high: Self.quantile(means, 1 - tail))
    }

    /// Between the two order statistics around `fraction` of the way through `sorted`, linearly.
    private static func quantile(_ sorted: [Double], _ fraction: Double) -> Double {
        let position = max(0, min(1, fraction)) * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
    }
}
