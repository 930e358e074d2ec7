/// Whether a number of frames goes with one of samples, in either edition: the frames hold all samples, those that are decoded first and dropped
/// included, and no more beside them than a tail.
struct RecordingLength {
    /// As in the end mark.
    var samples: Int
    var frames: Int

    /// Whether the frames cover the samples. `frames` are at most 2⁴⁸.
    func isCovered(_ header: TokenHeader) -> Bool {
        let (span, first) = (SampleSpan(header), header.paging?.firstFrame ?? 0)
        guard FormatLimits.sampleCount.contains(samples), frames > 0 || samples == 0, let start = start(header) else { return false }
        return span.covers(samples: start + samples, frames: first + frames)
    }

    /// Whether the frames, which cover the samples, hold at most a tail that stands for none. Where the header states none, segments may overlap as
    /// they like, and in edition 2 a length that the header states is enough.
    func isPadded(_ header: TokenHeader, hasSegments: Bool) -> Bool {
        let (span, first) = (SampleSpan(header), header.paging?.firstFrame ?? 0)
        let isFree = hasSegments || (header.paging != nil && header.original.sampleCount != nil)
        guard let tail = header.paging?.tailFrames ?? (isFree ? nil : header.usualTail) else { return true }
        guard let start = start(header) else { return false }
        return span.samples(frames: max(first, first + frames - tail)) <= start + samples
    }

    /// Original samples before the recording's first.
    private func start(_ header: TokenHeader) -> Int? {
        guard let paging = header.paging else { return 0 }
        return SampleSpan(header).samplesBefore(frame: paging.firstFrame).map { $0 + paging.skippedSamples }
    }

    /// - Throws: `TokenStreamError.invalidField`.
    func checkCover(_ header: TokenHeader, offset: Int) throws(TokenStreamError) {
        guard isCovered(header) else { throw invalid("no more than \(frames) frames hold", offset) }
    }

    /// After `checkCover`.
    /// - Throws: `TokenStreamError.invalidField`.
    func checkPadding(_ header: TokenHeader, hasSegments: Bool, offset: Int) throws(TokenStreamError) {
        guard isPadded(header, hasSegments: hasSegments) else { throw invalid("as many as \(frames) frames hold, less padding", offset) }
    }

    private func invalid(_ expected: String, _ offset: Int) -> TokenStreamError {
        .invalidField(part: "end mark", field: "sample total", found: "\(samples)", expected: expected, offset: offset)
    }
}

extension TokenHeader {
    /// Most frames at the end that stand for no audio, where the file does not say: encoders complete a superframe and flush what their networks hold
    /// back, up to a window of attention of 32 frames.
    fileprivate var usualTail: Int { 2 * min(layout.superframe, FormatLimits.framesPerChunk) + 32 }

    /// Samples per channel, at the original's rate, that frames without segments may hold beyond the audio: the tail of Docs/container.md, "End
    /// mark", or that which the header states. Of a valid header.
    public var paddingLimit: Int { SampleSpan(self).samples(frames: paging?.tailFrames ?? usualTail) }
}
