/// How far around a frame a decoder looks: what must be decoded with a part of a recording so that the part comes out as in the whole.
///
/// The audio of base frames a..<b depends on the codes of frames a − `framesBefore` ..< b + `framesAfter` alone, so that a fresh decoder that is given
/// these gives the same samples, bit for bit.
public struct DecodingContext: Sendable, Hashable, Codable {
    /// Base frames before the first; nil where all that came before matters, as with an LSTM.
    public var framesBefore: Int?
    /// Base frames after the last.
    public var framesAfter: Int

    /// Nothing is checked.
    public init(framesBefore: Int?, framesAfter: Int) {
        (self.framesBefore, self.framesAfter) = (framesBefore, framesAfter)
    }
}
