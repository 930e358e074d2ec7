import Platform

/// Where a signal is speech: its power in windows of 4 ms, 0 where it is not above a noise level that adapts to the signal.
struct SpeechActivity: Sendable {
    /// Power of each window that belongs to speech, else 0.
    private(set) var power: [Float]
    /// ln(power / threshold) where that is positive, else 0: the envelope that coarse delays are found by.
    private(set) var envelope: [Float] = []

    /// Speech of no more windows is a click.
    private static let shortest = 4
    /// Pauses of no more windows are part of speech.
    private static let longestPause = 50
    /// Powers are raised to so much of the largest.
    private static let floorRatio: Float = 1e-4

    init(_ signal: PaddedSignal) {
        power = Self.powers(signal)
        let largest = power.max() ?? 0
        let floor = largest > 0 ? largest * Self.floorRatio : 1
        let mean = power.reduce(0, +) / Float(power.count)
        for i in power.indices where power[i] < floor { power[i] = floor }

        var threshold = Self.noiseThreshold(power, from: mean)
        let (speech, noise) = Self.levels(power, threshold)
        if speech == 0 { threshold = -1 }
        for i in power.indices where power[i] <= threshold { power[i] = -power[i] }
        silenceEnds(floor)

        // A negative power is kept for windows that turn out to be speech after all.
        removeRuns { $0.count <= Self.shortest }
        if speech >= noise * 1000 { removeFaintRuns(threshold) }
        joinRuns(floor)
        if !power.contains(where: { $0 > 0 }) {
            for i in power.indices { power[i] = abs(power[i]) }
            silenceEnds(floor)
        }
        softenEdges()
        for i in power.indices where power[i] < 0 { power[i] = 0 }

        let unit = threshold > 0 ? threshold : floor
        envelope = power.map { $0 <= unit ? 0 : Float(log(Double($0 / unit))) }
    }

    private static func powers(_ signal: PaddedSignal) -> [Float] {
        let hop = signal.format.activityHop
        return (0..<(signal.paddedCount / hop)).map { window in
            signal.samples[(window * hop)..<((window + 1) * hop)].reduce(0) { $0 + $1 * $1 } / Float(hop)
        }
    }

    /// Two standard deviations above the mean of what is below it, found by iteration.
    private static func noiseThreshold(_ power: [Float], from start: Float) -> Float {
        var threshold = start
        for _ in 0..<12 {
            let below = power.filter { $0 <= threshold }
            var (mean, deviation): (Float, Float) = (0, 0)
            if !below.isEmpty {
                mean = below.reduce(0, +) / Float(below.count)
                let squares = below.reduce(Float(0)) { $0 + ($1 - mean) * ($1 - mean) }
                deviation = (squares / Float(below.count)).squareRoot()
            }
            threshold = 1.001 * (mean + 2 * deviation)
        }
        return threshold
    }

    /// The mean powers above the threshold (0 if none) and not above it (1 if none).
    private static func levels(_ power: [Float], _ threshold: Float) -> (speech: Float, noise: Float) {
        let (above, below) = (power.filter { $0 > threshold }, power.filter { $0 <= threshold })
        return (
            above.isEmpty ? 0 : above.reduce(0, +) / Float(above.count),
            below.isEmpty ? 1 : below.reduce(0, +) / Float(below.count)
        )
    }

    private mutating func silenceEnds(_ floor: Float) {
        power[0] = -floor
        power[power.count - 1] = -floor
    }

    /// Ranges of windows of speech, each followed by one that is not.
    private var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        for i in power.indices.dropFirst() {
            if power[i] > 0, power[i - 1] <= 0 { start = i }
            if power[i] <= 0, power[i - 1] > 0 { runs.append(start..<i) }
        }
        return runs
    }

    private mutating func removeRuns(_ isRemoved: (Range<Int>) -> Bool) {
        for run in runs where isRemoved(run) {
            for i in run { power[i] = -power[i] }
        }
    }

    /// In a signal with little noise, speech is on average at least 3 times the threshold.
    private mutating func removeFaintRuns(_ threshold: Float) {
        let power = power
        removeRuns { run in power[run].reduce(0, +) < 3 * threshold * Float(run.count) }
    }

    private mutating func joinRuns(_ floor: Float) {
        let runs = runs
        for (run, next) in zip(runs, runs.dropFirst()) where next.lowerBound - run.upperBound <= Self.longestPause {
            for i in run.upperBound..<next.lowerBound { power[i] = floor }
        }
    }

    /// Lets speech rise over two windows and fall over two.
    private mutating func softenEdges() {
        var i = 3
        while i < power.count - 2 {
            if power[i] > 0, power[i - 2] <= 0 {
                power[i - 2] = power[i] * 0.1
                power[i - 1] = power[i] * 0.3
                i += 1
            }
            if power[i] <= 0, power[i - 1] > 0 {
                power[i] = power[i - 1] * 0.3
                power[i + 1] = power[i - 1] * 0.1
                i += 3
            }
            i += 1
        }
    }
}
