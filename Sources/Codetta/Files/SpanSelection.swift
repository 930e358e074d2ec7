import Audio
import TokenFiles
import Tokens

/// The part of a token file that a span of time covers: recording by recording, the frames that are needed of each.
struct SpanSelection {
    private let span: TimeSpan
    private let context: DecodingContext?
    /// Seconds of the recordings that were left behind.
    private var elapsed = 0.0
    private var cut: RecordingCut?
    /// Of the present recording, counted from its first: of the original audio.
    private var firstSample = 0
    private var endSample: Int?
    private var rate = 1
    /// Frames of the present recording that were read.
    private var frames = 0

    init(_ span: TimeSpan, context: DecodingContext?) { (self.span, self.context) = (span, context) }

    /// Whether no later recording can be part of the span.
    private(set) var isLast = false

    /// Whether all frames of the present recording that are needed were read.
    var isComplete: Bool { cut?.endFrame.map { frames >= $0 } ?? false }

    /// Turns to the next recording.
    /// - Returns: what is needed of it; nil for one before the span.
    mutating func enter(_ header: TokenHeader, ending: TokenEnding?) throws -> RecordingCut? {
        rate = header.original.sampleRate
        frames = 0
        cut = nil
        let total = ending?.samples ?? header.original.sampleCount
        let range = span.range(rate: Double(rate), origin: elapsed)
        firstSample = range.lowerBound
        endSample = span.end == nil ? nil : range.upperBound
        if let endSample, let total { isLast = endSample <= total }
        if let endSample, endSample <= firstSample { isLast = true }
        if let total, firstSample >= total, total > 0 || span.start > 0 {
            elapsed += Double(total) / Double(rate)
            return nil
        }
        let isConverted = rate != header.layout.sampleRate
        let margins = RecordingCut.Margins(
            before: isConverted ? Resampler.memory(from: header.layout.sampleRate, to: rate) : 0,
            after: isConverted ? Resampler.lookahead(from: header.layout.sampleRate, to: rate) : 0)
        let cut = try RecordingCut(
            firstSample..., upTo: endSample, of: header, ending: ending, context: context ?? header.paging?.context, margins: margins)
        self.cut = cut
        return cut
    }

    /// Those of some codes in the file that are needed, nil for none.
    mutating func take(_ codes: [Codes], firstFrame: Int, layout: CodeLayout) -> [Codes]? {
        guard let cut else { return nil }
        let count = layout.frames(of: codes)
        let end = firstFrame + count
        frames = end
        let (first, last) = (max(firstFrame, cut.firstFrame), min(end, cut.endFrame ?? end))
        guard first < last else { return nil }
        if last - first == count { return codes }
        return codes.map { $0.slice(frames: first - firstFrame..<last - firstFrame, layout: layout) }
    }

    /// The end of the present recording, whose length is `total` if it was read to its end.
    /// - Returns: the samples of its part of the span.
    /// - Throws: `TokenStreamError.usage` for a span behind the end.
    mutating func finish(samples total: Int?) throws -> Int {
        let end = min(total ?? .max, endSample ?? .max, cut?.header.original.sampleCount.map { firstSample + $0 } ?? .max)
        guard end < .max, end > firstSample || firstSample == 0 else {
            throw TokenStreamError.usage("\(span.start) s is not before the end")
        }
        if end == endSample { isLast = true }
        elapsed += Double(end) / Double(rate)
        return end - firstSample
    }
}
