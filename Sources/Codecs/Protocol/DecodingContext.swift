import Layers
import Platform
import Tokens

/// What a piece of decoded audio depends on, in base frames.
///
/// The audio of frames a..<b, samples a·hop..<b·hop of what a decoder gives, depends on the codes of frames
/// a − `framesBefore` ..< b + `framesAfter` alone. A fresh decoder that is given those, or more of them, gives the same samples bit for bit.
/// The frame that it starts with must be a multiple of `alignment`, because decoders compute neighbouring frames together.
/// `CodecDescription.framesToDecode(for:of:)` does these sums. It holds for codes without segments.
public struct DecodingContext: Sendable, Hashable, Codable {
    /// Frames before, whole superframes.
    public var framesBefore: Int
    /// Frames after, whole superframes.
    public var framesAfter: Int
    /// A fresh decoder may start with the frames that are multiples of this, itself a multiple of the superframe.
    public var alignment: Int

    /// - Parameters:
    ///   - framesBefore: frames before a piece of audio whose codes matter to it.
    ///   - framesAfter: frames after it whose codes matter to it.
    ///   - alignment: frames by whose multiples a decoder may start later.
    public init(framesBefore: Int, framesAfter: Int, alignment: Int = 1) {
        self.framesBefore = framesBefore
        self.framesAfter = framesAfter
        self.alignment = alignment
    }
}

extension CodecDescription {
    /// The frames whose codes a fresh decoder is to be given for the audio of `frames`, out of a recording of `count` frames.
    ///
    /// Pushed as a whole they give at least that audio. The last frames of a recording give all of theirs when the decoder finishes.
    /// - Parameters:
    ///   - frames: base frames within the recording, not empty.
    ///   - count: base frames of the recording, whole superframes.
    /// - Returns: the frames from the alignment before on, in whole superframes; nil where the codec has no `decodingContext`.
    public func framesToDecode(for frames: Range<Int>, of count: Int) -> Range<Int>? {
        guard let context = decodingContext else { return nil }
        let start = max(0, frames.lowerBound - context.framesBefore)
        let end = dividingUp(frames.upperBound + context.framesAfter, by: layout.superframe) * layout.superframe
        return (start - start % context.alignment)..<min(count, end)
    }
}

extension DecodingContext {
    /// That of a codec with these decoders, of one or several bitrates, from latents of base frames to samples. Nil without any, and
    /// where one of them has no bound.
    init?(of decoders: [Sequential], layout: CodeLayout) {
        let lookbacks = decoders.compactMap(\.lookback)
        guard let before = lookbacks.max(), lookbacks.count == decoders.count else { return nil }
        let after = decoders.map { $0.framesAwaited(hopLength: layout.hopLength) }.max() ?? 0
        let superframe = layout.superframe
        self.init(
            framesBefore: dividingUp(before, by: superframe) * superframe,
            framesAfter: dividingUp(after, by: superframe) * superframe,
            alignment: decoders.reduce(superframe) { leastCommonMultiple($0, $1.alignment) })
    }
}

extension Sequential {
    /// The most frames that have come without all of their samples being known. Once the first is known every layer has its left
    /// padding, and the number repeats with each `alignment`.
    fileprivate func framesAwaited(hopLength: Int) -> Int {
        var (most, frames, end) = (0, 0, Int.max)
        while frames <= end {
            let known = self.known(after: frames)
            if known > 0 && end == .max { end = frames + alignment }
            most = max(most, frames - known / hopLength)
            frames += 1
        }
        return most
    }
}
