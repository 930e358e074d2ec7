import Codetta
import Platform
import Testing

/// That a copy of a stream is a checkpoint, at every sample rate.
@Suite struct StreamCopyTests {
    private static let rates = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000]
    private static let length = 40_000

    /// The codes of `audio` from sample `start` on, in blocks of random sizes, calling `pause` before each.
    private func codes(
        _ encoder: inout AudioEncoder, _ audio: AudioBlock, from start: Int, _ random: inout SplitMix64,
        pause: (AudioEncoder, [Codes]) -> Void = { _, _ in }
    ) throws -> [Codes] {
        var codes = Array(repeating: Codes(codebooks: 4), count: encoder.plan.trackCount)
        func collect(_ more: [Codes]) { for track in codes.indices { codes[track].append(more[track]) } }
        var start = start
        while start < audio.sampleCount {
            pause(encoder, codes)
            let end = min(audio.sampleCount, start + Int.random(in: 1...6_000, using: &random))
            collect(try encoder.push(audio.slice(start..<end)))
            start = end
        }
        pause(encoder, codes)
        collect(try encoder.finish())
        return codes
    }

    @Test(arguments: rates, [(1, 1), (2, 1), (2, 2), (1, 2)])
    func aCopiedEncoderGoesOnToTheSameCodes(rate: Int, channels: (Int, Int)) throws {
        var random = SplitMix64(seed: UInt64(rate + channels.0))
        let audio = tones(Self.length, channels: channels.0, rate: rate)
        var original = try AudioEncoder(
            model: Model(codec: FakeCodec(channels: channels.1)),
            original: OriginalAudio(sampleRate: rate, channels: channels.0))
        let untouched = original
        var checkpoints: [(encoder: AudioEncoder, codes: [Codes])] = []
        let whole = try codes(&original, audio, from: 0, &random) { checkpoints.append(($0, $1)) }
        var alone = untouched
        #expect(try codes(&alone, audio, from: 0, &random) == whole, "copies disturbed the original")
        for var (encoder, known) in checkpoints.shuffled(using: &random).prefix(4) {
            let rest = try codes(&encoder, audio, from: encoder.samples, &random)
            for track in known.indices { known[track].append(rest[track]) }
            #expect(known == whole)
        }
    }

    @Test(arguments: rates, [(1, 1), (2, 1), (2, 2), (1, 2)])
    func aCopiedDecoderGoesOnToTheSameAudio(rate: Int, channels: (Int, Int)) throws {
        var random = SplitMix64(seed: UInt64(rate + channels.1))
        let codec = FakeCodec(channels: channels.1)
        var encoder = try AudioEncoder(
            model: Model(codec: codec), original: OriginalAudio(sampleRate: rate, channels: channels.0))
        let tracks = try codes(&encoder, tones(Self.length, channels: channels.0, rate: rate), from: 0, &random)
        let frames = tracks[0].streams[0].count

        func audio(_ decoder: inout AudioDecoder, from start: Int, pause: (AudioDecoder, Int) -> Void = { _, _ in }) throws -> AudioBlock {
            var audio = AudioBlock(channelCount: decoder.channelCount)
            var start = start
            while start < frames {
                pause(decoder, start)
                let end = min(frames, start + Int.random(in: 1...12, using: &random))
                audio.append(try decoder.push(tracks.map { Codes(streams: $0.streams.map { Array($0[start..<end]) }) }))
                start = end
            }
            pause(decoder, start)
            audio.append(try decoder.finish(total: Self.length))
            return audio
        }
        var original = try AudioDecoder(model: Model(codec: codec), header: encoder.header)
        let untouched = original
        var checkpoints: [(decoder: AudioDecoder, frame: Int)] = []
        let whole = try audio(&original, from: 0) { checkpoints.append(($0, $1)) }
        #expect(whole.sampleCount == Self.length)
        var alone = untouched
        #expect(try audio(&alone, from: 0) == whole, "copies disturbed the original")
        for (checkpoint, frame) in checkpoints.shuffled(using: &random).prefix(4) {
            var decoder = checkpoint
            let known = decoder.samples
            #expect(try audio(&decoder, from: frame) == whole.slice(known..<Self.length))
        }
    }

    /// Compiles only while both are `Sendable`.
    @Test func streamsMayGoToOtherTasks() async throws {
        func requireSendable(_ type: (some Sendable).Type) {}
        requireSendable(AudioEncoder.self)
        requireSendable(AudioDecoder.self)
        requireSendable(Resampler.self)
        let audio = tones(9_000, channels: 2, rate: 44_100)
        var encoder = try AudioEncoder(
            model: Model(codec: FakeCodec()), original: OriginalAudio(sampleRate: 44_100, channels: 2))
        let known = try encoder.push(audio.slice(0..<5_000))
        let checkpoint = encoder
        let elsewhere = try await Task.detached {
            var encoder = checkpoint
            return [try encoder.push(audio.slice(5_000..<9_000)), try encoder.finish()]
        }.value
        #expect(elsewhere == [try encoder.push(audio.slice(5_000..<9_000)), try encoder.finish()])
        #expect(known.count == 2)
    }
}
