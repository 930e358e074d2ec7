import Tokens

/// What only files of edition 2 say of themselves.
public struct Paging: Sendable, Hashable, Codable {
    /// How the frames are cut.
    public var layout: PageLayout
    /// Number of the first frame in the recording: it stays when a part is cut out, and resamplers go by it.
    public var firstFrame = 0
    /// Samples per channel of the original audio that are decoded, so that later ones come out as in the whole recording, and then dropped.
    public var skippedSamples = 0
    /// Most base frames at the end that stand for no audio; nil when the writer does not know.
    public var tailFrames: Int?
    /// How far the codec's decoder looks around a frame; nil when the writer does not know.
    public var context: DecodingContext?

    /// A whole recording.
    public init(_ layout: PageLayout) { self.layout = layout }
}

extension SampleSpan {
    /// Most frames at the end that stand for no audio, where the file does not say: encoders complete a superframe and flush what their networks
    /// hold back.
    static func usualTail(superframe: Int) -> Int { 2 * superframe + 32 }

    /// Checks what edition 2 says of the length: the frames hold all samples, those that are skipped included, and where the header does not say how
    /// many samples there are, at most its tail of them stands for none.
    /// - Throws: `TokenStreamError.invalidField`.
    func check(samples: Int, frames: Int, of header: TokenHeader, paging: Paging, offset: Int) throws(TokenStreamError) {
        let end = paging.firstFrame + frames
        let tail = paging.tailFrames ?? (header.original.sampleCount == nil ? Self.usualTail(superframe: header.layout.superframe) : nil)
        guard let start = samplesBefore(frame: paging.firstFrame), frames > 0 || samples == 0,
            covers(samples: start + paging.skippedSamples + samples, frames: end),
            tail.map({ self.samples(frames: max(paging.firstFrame, end - $0)) <= start + paging.skippedSamples + samples }) ?? true
        else {
            throw .invalidField(
                part: "end mark", field: "sample total", found: "\(samples)", expected: "a length that \(frames) frames hold", offset: offset)
        }
    }
}
