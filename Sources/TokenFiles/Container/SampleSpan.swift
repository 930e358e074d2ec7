/// The relation between base frames and samples of the original audio, without overflow.
struct SampleSpan {
    private let hopLength: UInt64
    private let codecRate: UInt64
    private let originalRate: UInt64
    /// Samples at the codec's rate below which what the frames hold beyond the audio must stay, in files without segments.
    private let padding: UInt64

    /// Frames that an encoder may add beside two superframes: a window of attention in SNAC's models for music.
    private static let paddingFrames = 32

    init(_ header: TokenHeader) {
        hopLength = UInt64(header.layout.hopLength)
        codecRate = UInt64(header.layout.sampleRate)
        originalRate = UInt64(header.original.sampleRate)
        padding = UInt64(2 * min(header.layout.superframe, FormatLimits.framesPerChunk) + Self.paddingFrames) * hopLength
    }

    /// Whether `frames` hold `samples` original samples: frames · hop ≥ ⌊samples · codec rate / original rate⌋, and some frame
    /// for some sample. Both are at most 2⁴⁸.
    func covers(samples: Int, frames: Int) -> Bool {
        if samples > 0 && frames == 0 { return false }
        guard let resampled = scale(UInt64(samples), by: codecRate, over: originalRate) else { return false }
        guard let held = scale(UInt64(frames), by: hopLength, over: 1) else { return true }
        return resampled <= held
    }

    /// Whether what `frames` hold beyond `samples`, which they cover, is no more than an encoder's padding:
    /// frames · hop − ⌊samples · codec rate / original rate⌋ < (2 · superframe + 32) · hop.
    func isPadded(samples: Int, frames: Int) -> Bool {
        guard let held = scale(UInt64(frames), by: hopLength, over: 1),
            let resampled = scale(UInt64(samples), by: codecRate, over: originalRate)
        else { return false }
        return held < resampled || held - resampled < padding
    }

    /// Original samples that `frames` span: ⌊frames · hop · original rate / codec rate⌋, at most 2⁴⁸.
    func samples(frames: Int) -> Int {
        original(scale(UInt64(frames), by: hopLength, over: 1))
    }

    /// Original samples that the padding spans.
    var paddingSamples: Int { original(padding) }

    private func original(_ samples: UInt64?) -> Int {
        let most = UInt64(FormatLimits.sampleCount.upperBound)
        return Int(min(most, scale(samples ?? most, by: originalRate, over: codecRate) ?? most))
    }

    /// ⌊value · numerator / denominator⌋, nil when it exceeds 64 bits.
    private func scale(_ value: UInt64, by numerator: UInt64, over denominator: UInt64) -> UInt64? {
        let product = value.multipliedFullWidth(by: numerator)
        guard product.high < denominator else { return nil }
        return denominator.dividingFullWidth(product).quotient
    }
}

extension TokenHeader {
    /// Samples per channel, at the original's rate, that frames without segments may hold beyond the audio, about: the bound of
    /// Docs/container.md, "End mark". Of a valid header.
    public var paddingLimit: Int { SampleSpan(self).paddingSamples }
}
