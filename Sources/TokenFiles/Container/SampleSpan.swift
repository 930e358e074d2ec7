/// The relation between base frames and samples of the original audio, without overflow.
struct SampleSpan {
    private let hopLength: UInt64
    private let codecRate: UInt64
    private let originalRate: UInt64
    /// Samples at the codec's rate below which what the frames hold beyond the audio must stay, in files without segments.
    private let padding: UInt64
    /// Original samples that are decoded first and dropped.
    private let skipped: Int
    /// Most frames at the end that stand for no audio, where the file says so.
    private let tailFrames: Int?

    /// Frames that an encoder may add beside two superframes: a window of attention in SNAC's models for music.
    private static let paddingFrames = 32

    init(_ header: TokenHeader) {
        hopLength = UInt64(header.layout.hopLength)
        codecRate = UInt64(header.layout.sampleRate)
        originalRate = UInt64(header.original.sampleRate)
        padding = UInt64(2 * min(header.layout.superframe, FormatLimits.framesPerChunk) + Self.paddingFrames) * hopLength
        skipped = header.paging?.skippedSamples ?? 0
        tailFrames = header.paging?.tailFrames
    }

    /// Whether `frames` hold `samples` original samples and those that are skipped: frames · hop ≥ ⌊samples · codec rate / original rate⌋, and some
    /// frame for some sample. `frames` are at most 2⁴⁸.
    func covers(samples: Int, frames: Int) -> Bool {
        guard FormatLimits.sampleCount.contains(samples), let needed = codecSamples(samples) else { return false }
        if samples + skipped > 0 && frames == 0 { return false }
        guard let held = held(frames) else { return true }
        return needed <= held
    }

    /// Whether what `frames` hold beyond `samples`, which they cover, is no more than the file's tail or, where it states none and has no segments, an
    /// encoder's padding: frames · hop − ⌊samples · codec rate / original rate⌋ < (2 · superframe + 32) · hop.
    func isPadded(samples: Int, frames: Int, hasSegments: Bool) -> Bool {
        if let tailFrames { return samples >= self.samples(frames: max(0, frames - tailFrames)) }
        if hasSegments { return true }
        guard let held = held(frames), let needed = codecSamples(samples) else { return false }
        return held < needed || held - needed < padding
    }

    /// Original samples that `frames` span without those that are skipped: ⌊frames · hop · original rate / codec rate⌋ less these, at most 2⁴⁸.
    func samples(frames: Int) -> Int { max(0, originalSamples(held(frames)) - skipped) }

    /// Original samples that the padding spans, or the tail.
    var paddingSamples: Int { originalSamples(tailFrames.map(held) ?? padding) }

    /// Samples at the codec's rate that `frames` hold; nil when they exceed 64 bits.
    private func held(_ frames: Int) -> UInt64? { scale(UInt64(frames), by: hopLength, over: 1) }

    /// The span of original samples and of those that are skipped, at the codec's rate.
    private func codecSamples(_ samples: Int) -> UInt64? { scale(UInt64(samples + skipped), by: codecRate, over: originalRate) }

    private func originalSamples(_ held: UInt64?) -> Int {
        let most = UInt64(FormatLimits.sampleCount.upperBound)
        return Int(min(most, scale(held ?? most, by: originalRate, over: codecRate) ?? most))
    }

    /// ⌊value · numerator / denominator⌋, nil when it exceeds 64 bits.
    private func scale(_ value: UInt64, by numerator: UInt64, over denominator: UInt64) -> UInt64? {
        let product = value.multipliedFullWidth(by: numerator)
        guard product.high < denominator else { return nil }
        return denominator.dividingFullWidth(product).quotient
    }
}

extension SampleSpan {
    /// Checks an end mark's samples against its frames, which must cover them.
    /// - Throws: `TokenStreamError.invalidField`.
    func checkCover(samples: Int, frames: Int, offset: Int) throws(TokenStreamError) {
        guard covers(samples: samples, frames: frames) else {
            throw invalid(samples, "no more than \(frames) frames hold", offset)
        }
    }

    /// Checks that an end mark's frames hold no more than its samples and padding. After `checkCover`.
    /// - Throws: `TokenStreamError.invalidField`.
    func checkPadding(samples: Int, frames: Int, hasSegments: Bool, offset: Int) throws(TokenStreamError) {
        guard isPadded(samples: samples, frames: frames, hasSegments: hasSegments) else {
            throw invalid(samples, "as many as \(frames) frames hold, less padding", offset)
        }
    }

    private func invalid(_ samples: Int, _ expected: String, _ offset: Int) -> TokenStreamError {
        .invalidField(part: "end mark", field: "sample total", found: "\(samples)", expected: expected, offset: offset)
    }
}

extension TokenHeader {
    /// Samples per channel, at the original's rate, that frames without segments may hold beyond the audio, about: the bound of
    /// Docs/container.md, "End mark", or the tail that the header states. Of a valid header.
    public var paddingLimit: Int { SampleSpan(self).paddingSamples }
}
