import Layers
import Platform
import Tokens

extension CodecDescription {
    /// The frames whose codes a fresh decoder is to be given for the audio of `frames`, out of a recording of `count` frames.
    /// - Parameters:
    ///   - frames: base frames within the recording, not empty.
    ///   - count: base frames of the recording, whole superframes.
    /// - Returns: the frames, in whole superframes; nil where the codec has no `decodingContext`.
    public func framesToDecode(for frames: Range<Int>, of count: Int) -> Range<Int>? {
        decodingContext?.framesToDecode(for: frames, of: 0..<count, superframe: layout.superframe)
    }
}

extension DecodingContext {
    /// That of a codec with these decoders, of one or several bitrates, from latents of base frames to samples. Nil without any, and where one
    /// of them gives nothing before the end.
    init?(of decoders: [Sequential], layout: CodeLayout) {
        guard !decoders.isEmpty, decoders.allSatisfy(\.givesSamplesEarly) else { return nil }
        let lookbacks = decoders.compactMap(\.lookback)
        let before = lookbacks.count == decoders.count ? lookbacks.max() : nil
        let after = decoders.map { $0.framesAwaited(hopLength: layout.hopLength) }.max() ?? 0
        let superframe = layout.superframe
        self.init(
            framesBefore: before.map { dividingUp($0, by: superframe) * superframe },
            framesAfter: dividingUp(after, by: superframe) * superframe,
            alignment: decoders.reduce(superframe) { leastCommonMultiple($0, $1.alignment) })
    }
}

extension Sequential {
    /// Whether samples are known before the end of the signal.
    fileprivate var givesSamplesEarly: Bool { known(after: 1 << 40) > 0 }

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
