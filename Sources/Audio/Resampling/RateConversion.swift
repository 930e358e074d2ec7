import Kernels
import Platform

/// From which sample rate to which, and how well.
struct RateConversion: Hashable, Sendable {
    /// Hz.
    let inputRate: Int
    /// Hz.
    let outputRate: Int
    let quality: Resampler.Quality

    init(from inputRate: Int, to outputRate: Int, quality: Resampler.Quality) {
        (self.inputRate, self.outputRate, self.quality) = (inputRate, outputRate, quality)
    }

    /// Whether samples pass unchanged.
    var isIdentity: Bool { inputRate == outputRate }

    func outputLength(of samples: Int) -> Int {
        Resampler.outputLength(of: samples, from: inputRate, to: outputRate)
    }

    /// Samples per channel after which an input no longer matters to the output: the longest filter and the block around it,
    /// which is transformed as a whole, with room to spare. The lower rate sets their length.
    var memory: Int {
        let perLowRateSample = max(1, (inputRate + outputRate - 1) / outputRate)
        return (quality == .high ? 4096 : 8192) * perLowRateSample
    }

    /// Samples per channel after an instant by which its output has come; half of `memory`, as blocks and filters reach as far to both
    /// sides. The most found among 1900 pairs of rates is 84 % of that at `Quality.high` and 45 % at `.veryHigh`.
    var lookahead: Int { memory / 2 }

    /// Zeros that cost less to feed than a period costs to find.
    static let cheapReplay = 1 << 16
    /// Zeros that are fed to find a period.
    private static let searchLength = 1 << 19

    private static let periods = Lock<[RateConversion: Int?]>([:])

    /// Samples after which soxr's blocks and filter phases are where they were; nil when that takes longer than a search for it.
    ///
    /// It shows in when output comes out and how much. All output comes in whole blocks of the last stage, at ends of blocks of
    /// the first. So a span after which the pattern repeats holds whole blocks of the first and of the last stage, and with
    /// as many samples in and out of the stage between them as its ratio says, that is at its old phase as well.
    /// - Throws: `AudioError.resampler` when memory runs out.
    func period() throws(AudioError) -> Int? {
        if let known = Self.periods.withLock({ $0[self] }) { return known }
        let found = try findPeriod()
        Self.periods.withLock { $0[self] = found }
        return found
    }

    private struct Burst: Equatable {
        /// Samples in since the burst before.
        var gap: Int
        /// Samples out.
        var count: Int
    }

    private func findPeriod() throws(AudioError) -> Int? {
        let stream = try SoxrStream(self, channelCount: 1)
        let zero = AudioBlock(mono: [0])
        var bursts: [Burst] = []
        var gap = 0
        for _ in 0..<Self.searchLength {
            var count = 0
            gap += 1
            try stream.feed(zero) { count += $0.count }
            guard count > 0 else { continue }
            bursts.append(Burst(gap: gap, count: count))
            gap = 0
        }
        // The first bursts come while the filters fill.
        let pattern = Array(bursts.dropFirst(8))
        let length = Self.shortestPeriod(of: pattern)
        let (taken, given) = pattern.prefix(length).reduce((0, 0)) { ($0.0 + $1.gap, $0.1 + $1.count) }
        // What repeats at another ratio than that of the rates is part of a longer pattern.
        return 2 * length <= pattern.count && taken * outputRate == given * inputRate ? taken : nil
    }

    /// The least n > 0 for which every element equals the one n places on: the length less that of the longest border.
    private static func shortestPeriod(of pattern: [Burst]) -> Int {
        var borders = [Int](repeating: 0, count: pattern.count)
        for i in pattern.indices.dropFirst() {
            var border = borders[i - 1]
            while border > 0 && pattern[i] != pattern[border] { border = borders[border - 1] }
            borders[i] = border + (pattern[i] == pattern[border] ? 1 : 0)
        }
        return pattern.count - (borders.last ?? 0)
    }
}
