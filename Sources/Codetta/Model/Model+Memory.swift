import Kernels
import TokenFiles
import Tokens

extension Model {
    /// Encodes audio in memory. The codes give the same rate and the very number of samples back.
    ///
    /// Runs on the calling thread; `encoding(_:sampleRate:channels:bitrate:downmix:)` does the same in pieces off the caller's actor.
    /// - Parameters:
    ///   - audio: one or more channels of any length, in −1…1.
    ///   - sampleRate: of the audio, in Hz; any rate.
    ///   - bitrate: how many codebooks to use, directly or by the bitrate that they may take.
    ///   - downmix: whether to mix all channels to one.
    /// - Throws: as `AudioEncoder`.
    public func encode(
        _ audio: AudioBlock, sampleRate: Int, bitrate: CodebookChoice = .all, downmix: Bool = false
    ) throws -> EncodedAudio {
        let original = OriginalAudio(
            sampleRate: sampleRate, channels: audio.channelCount, sampleCount: audio.sampleCount)
        var encoder = try AudioEncoder(model: self, original: original, choice: bitrate, downmix: downmix)
        var tracks = [Codes](noneOf: encoder.header)
        try encoder.encode(audio) { tracks.append(tracks: $0) }
        return EncodedAudio(header: encoder.header, tracks: tracks, samples: audio.sampleCount)
    }

    /// Encodes one channel of samples in memory.
    /// - Throws: as `encode(_:sampleRate:bitrate:downmix:)` of an `AudioBlock`.
    public func encode(_ samples: [Float], sampleRate: Int, bitrate: CodebookChoice = .all) throws -> EncodedAudio {
        try encode(AudioBlock(mono: samples), sampleRate: sampleRate, bitrate: bitrate)
    }

    /// Decodes codes in memory, to the rate, the channels and the very number of samples of the original.
    /// - Parameters:
    ///   - encoded: the codes, with what says how they are decoded.
    ///   - ignoringWeights: whether to decode even what other weights of the same codec made.
    /// - Throws: `TokenStreamError` for codes that no file could hold; as `AudioDecoder`.
    public func decode(_ encoded: EncodedAudio, ignoringWeights: Bool = false) throws -> AudioBlock {
        try encoded.validate()
        var decoder = try AudioDecoder(model: self, header: encoded.header, ignoringWeights: ignoringWeights)
        let layout = encoded.header.layout
        return try decoder.decode(
            encoded.tracks.pieces(frames: StepSize.frames(layout), layout: layout), total: encoded.samples)
    }
}
