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
