import Platform

/// How far around a frame a decoder looks: what must be decoded with a part of a recording so that the part comes out as in the whole.
///
/// The audio of frames a..<b, samples a·hop..<b·hop of what a decoder gives, depends on the codes of frames
/// a − `framesBefore` ..< b + `framesAfter` alone. A fresh decoder that is given those, or more of them, gives the same samples bit for bit.
/// The frame that it starts with must be a multiple of `alignment`, because decoders compute neighbouring frames together. It holds for codes
/// without segments.
public struct DecodingContext: Sendable, Hashable, Codable {
    /// Base frames before, whole superframes; nil where all that came before matters, as with an LSTM.
    public var framesBefore: Int?
    /// Base frames after, whole superframes.
    public var framesAfter: Int
    /// A fresh decoder may start with the frames that are multiples of this, itself a multiple of the superframe.
    public var alignment: Int

    /// - Parameters:
    ///   - framesBefore: frames before a piece of audio whose codes matter to it; nil for all.
    ///   - framesAfter: frames after it whose codes matter to it.
    ///   - alignment: frames by whose multiples a decoder may start later.
    public init(framesBefore: Int?, framesAfter: Int, alignment: Int = 1) {
        self.framesBefore = framesBefore
        self.framesAfter = framesAfter
        self.alignment = alignment
    }

    /// The frames whose codes a fresh decoder is to be given for the audio of `frames`, out of a recording of the frames `all`.
    ///
    /// Pushed as a whole they give at least that audio. The last frames of a recording give all of theirs when the decoder finishes.
    /// - Parameters:
    ///   - frames: base frames within the recording.
    ///   - all: whole superframes; counted from the same frame as `frames`, of which `alignment` is to be counted.
    ///   - superframe: frames that are coded together.
    public func framesToDecode(for frames: Range<Int>, of all: Range<Int>, superframe: Int) -> Range<Int> {
        let first = all.lowerBound
        var start = first
        // A recording that begins inside a superframe has no place where another decoder could start.
        if let framesBefore, first % superframe == 0 {
            let needed = max(first, frames.lowerBound - framesBefore)
            start = max(first, needed - needed % alignment)
        }
        let end = first + dividingUp(frames.upperBound + framesAfter - first, by: superframe) * superframe
        return start..<max(start, min(all.upperBound, end))
    }
}
