/// The relation between base frames and samples of the original audio, without overflow.
struct SampleSpan {
    /// Leaves room for sums.
    private static let countable: UInt64 = 1 << 60
    private let hopLength: UInt64
    private let codecRate: UInt64
    private let originalRate: UInt64

    init(_ header: TokenHeader) {
        hopLength = UInt64(header.layout.hopLength)
        codecRate = UInt64(header.layout.sampleRate)
        originalRate = UInt64(header.original.sampleRate)
    }

    /// Whether `frames` hold `samples` original samples: frames · hop ≥ ⌊samples · codec rate / original rate⌋, and some frame
    /// for some sample. Both are at most 2⁵⁰.
    func covers(samples: Int, frames: Int) -> Bool {
        if samples > 0 && frames == 0 { return false }
        guard let resampled = scale(UInt64(samples), by: codecRate, over: originalRate) else { return false }
        guard let held = scale(UInt64(frames), by: hopLength, over: 1) else { return true }
        return resampled <= held
    }

    /// Original samples before base frame `frame`: ⌈frame · hop · original rate / codec rate⌉; nil for more than 2⁴⁸.
    func samplesBefore(frame: Int) -> Int? {
        guard let held = scale(UInt64(frame), by: hopLength, over: 1), held <= Self.countable,
            let floor = scale(held, by: originalRate, over: codecRate)
        else { return nil }
        let product = held.multipliedFullWidth(by: originalRate)
        let remainder = codecRate.dividingFullWidth((product.high % codecRate, product.low)).remainder
        let count = floor + (remainder > 0 ? 1 : 0)
        return count <= UInt64(FormatLimits.sampleCount.upperBound) ? Int(count) : nil
    }

    /// Codec samples up to original sample `sample`, rounded down; nil for more than 2⁶⁰.
    func codecSamples(upTo sample: Int) -> Int? {
        scale(UInt64(sample), by: codecRate, over: originalRate).flatMap { $0 <= Self.countable ? Int($0) : nil }
    }

    /// Original samples that `frames` span: ⌊frames · hop · original rate / codec rate⌋, at most 2⁴⁸.
    func samples(frames: Int) -> Int {
        let most = UInt64(FormatLimits.sampleCount.upperBound)
        let held = scale(UInt64(frames), by: hopLength, over: 1) ?? most
        return Int(min(most, scale(held, by: originalRate, over: codecRate) ?? most))
    }

    /// ⌊value · numerator / denominator⌋, nil when it exceeds 64 bits.
    private func scale(_ value: UInt64, by numerator: UInt64, over denominator: UInt64) -> UInt64? {
        let product = value.multipliedFullWidth(by: numerator)
        guard product.high < denominator else { return nil }
        return denominator.dividingFullWidth(product).quotient
    }
}
