import Tokens

/// Which frames of a recording give a part of its audio, bit for bit as the whole recording gives it, and what a file of these frames says of itself.
package struct RecordingCut {
    /// Introduces the part as a recording of edition 2.
    package var header: TokenHeader
    /// Counted from the recording's first frame; without an end where nobody knows it yet.
    package var firstFrame: Int
    package var endFrame: Int?

    /// Samples around an instant that conversion to the original's rate takes into account, at the codec's rate.
    package struct Margins {
        package var before, after: Int

        package init(before: Int, after: Int) { (self.before, self.after) = (before, after) }
    }

    /// - Parameters:
    ///   - samples: of the original audio, counted from the recording's first; the end may lie beyond the recording's.
    ///   - header: the recording's.
    ///   - ending: how long the recording is; nil where its end was not read.
    ///   - context: how far the codec looks around a frame; nil for all that there is.
    ///   - margins: those of the conversion to the original's rate.
    /// - Throws: `TokenStreamError.usage` for a part that begins at or behind the recording's end, or beyond what can be counted.
    package init(
        _ samples: PartialRangeFrom<Int>, upTo end: Int?, of header: TokenHeader, ending: TokenEnding?, context: DecodingContext?, margins: Margins
    ) throws(TokenStreamError) {
        let span = SampleSpan(header)
        let superframe = header.layout.superframe
        let hop = header.layout.hopLength
        var paging = header.paging ?? Paging(PageLayout(.archive, layout: header.layout, trackCount: header.trackCount, entropy: header.entropy))
        let base = paging.firstFrame
        let limit = FormatLimits.sampleCount.upperBound
        let last = min(end ?? .max, ending?.samples ?? header.original.sampleCount ?? .max)
        guard samples.lowerBound <= limit, samples.lowerBound < last || (samples.lowerBound == 0 && last == 0) else {
            throw .usage("sample \(samples.lowerBound) is not before the end")
        }
        guard let origin = span.samplesBefore(frame: base), let start = span.codecSamples(upTo: origin + paging.skippedSamples + samples.lowerBound)
        else { throw .usage("sample \(samples.lowerBound) is too far away") }
        let first = origin + paging.skippedSamples + samples.lowerBound
        var frame = base
        if let before = context?.framesBefore {
            let needed = (start - margins.before).quotient(by: hop) - before
            frame = base + max(0, needed - base) / superframe * superframe
        }
        firstFrame = frame - base
        // A part that reaches the recording's end keeps what the recording has there.
        let reachesEnd = end.map { $0 >= ending?.samples ?? header.original.sampleCount ?? .max } ?? true
        endFrame = ending?.frames
        if !reachesEnd, let end, let context, let stop = span.codecSamples(upTo: origin + paging.skippedSamples + min(end, limit)) {
            let needed = (stop + 1 + margins.after + hop - 1) / hop + context.framesAfter - base
            endFrame = min(endFrame ?? .max, (needed + superframe - 1) / superframe * superframe)
        }
        guard let skippedBefore = span.samplesBefore(frame: frame) else { throw .usage("sample \(samples.lowerBound) is too far away") }
        paging.firstFrame = frame
        paging.skippedSamples = first - skippedBefore
        paging.context = context
        if last < .max, let endFrame, let audible = span.codecSamples(upTo: first - samples.lowerBound + last) {
            paging.tailFrames = max(0, base + endFrame - audible / hop)
        }
        self.header = header
        self.header.paging = paging
        // Of a stream whose end is still to come, only the end tells.
        self.header.original.sampleCount = ending != nil || header.original.sampleCount != nil ? last - samples.lowerBound : nil
    }
}

extension Int {
    /// The quotient rounded down.
    fileprivate func quotient(by divisor: Int) -> Int { self >= 0 ? self / divisor : -((divisor - 1 - self) / divisor) }
}
