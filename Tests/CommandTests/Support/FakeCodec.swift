import Codetta

/// A codec without a network: each code is the mean of a part of a frame, quantised to 1024 levels in −1…1.
///
/// Four codebooks, hop 480 at 24 kHz. The codebooks share the channels and then the frame between them, so that a decoder
/// that mixes up channels, tracks or codebooks is found out. One extra frame at the end stands for a decoder's latency.
struct FakeCodec: Codec {
    var channels = 1
    var name = "fake"
    static let levels = 1024
    static let hop = 480

    var description: CodecDescription {
        CodecDescription(
            name: name, modelType: "fake", sampleRate: 24000, channels: channels,
            layout: CodeLayout(uniform: 4, size: Self.levels, hopLength: Self.hop, sampleRate: 24000),
            isTruncatable: true, latency: Self.hop, parameterCount: 0, license: "none")
    }

    func makeEncoder(codebooks: Int) throws -> any CodecEncoder { Encoder(codec: self, codebooks: codebooks) }
    func makeDecoder(codebooks: Int) throws -> any CodecDecoder { Decoder(codec: self, codebooks: codebooks) }

    /// Channel and samples of the frame that codebook `k` stands for.
    func part(_ k: Int) -> (channel: Int, range: Range<Int>) {
        let perChannel = 4 / channels
        let length = Self.hop / perChannel
        let start = k % perChannel * length
        return (k / perChannel, start..<start + length)
    }

    private struct Encoder: CodecEncoder {
        let codec: FakeCodec
        let codebooks: Int
        var pending: AudioBlock

        init(codec: FakeCodec, codebooks: Int) {
            self.codec = codec
            self.codebooks = codebooks
            pending = AudioBlock(channelCount: codec.channels)
        }

        mutating func push(_ audio: AudioBlock) throws -> Codes {
            guard audio.channelCount == codec.channels else {
                throw CodecError.channelCount(expected: codec.channels, found: audio.channelCount)
            }
            pending.append(audio)
            let frames = pending.sampleCount / FakeCodec.hop
            var codes = Codes(codebooks: codebooks)
            for frame in 0..<frames {
                for k in 0..<codebooks {
                    let (channel, range) = codec.part(k)
                    var sum: Float = 0
                    for i in range { sum += pending.frames[frame * FakeCodec.hop + i, channel] }
                    let mean = sum / Float(range.count)
                    codes.streams[k].append(Int32(max(0, min(1023, ((mean + 1) * 511.5).rounded()))))
                }
            }
            pending = pending.slice(frames * FakeCodec.hop..<pending.sampleCount)
            return codes
        }

        mutating func finish() throws -> Codes {
            let filler = (FakeCodec.hop - pending.sampleCount % FakeCodec.hop) % FakeCodec.hop + FakeCodec.hop
            return try push(AudioBlock(silence: filler, channelCount: codec.channels))
        }
    }

    private struct Decoder: CodecDecoder {
        let codec: FakeCodec
        let codebooks: Int

        mutating func push(_ codes: Codes) throws -> AudioBlock {
            let frames = codes.streams[0].count
            var channels = Array(repeating: [Float](repeating: 0, count: frames * FakeCodec.hop), count: codec.channels)
            for frame in 0..<frames {
                for k in 0..<codebooks {
                    let (channel, range) = codec.part(k)
                    let value = Float(codes.streams[k][frame]) / 511.5 - 1
                    for i in range { channels[channel][frame * FakeCodec.hop + i] = value }
                }
            }
            return AudioBlock(channels: channels)
        }

        mutating func finish() throws -> AudioBlock { AudioBlock(channelCount: codec.channels) }
    }
}

/// A slow sine for each channel, at frequencies that tell channels apart.
func tones(_ samples: Int, channels: Int, rate: Int) -> AudioBlock {
    AudioBlock(
        channels: (0..<channels).map { c in
            let step = Float(2 * Double.pi * (1 + 0.6 * Double(c)) / Double(rate))
            return (0..<samples).map { i in
                let turns = Float(Int(Float(i) * step / (2 * Float.pi)))
                let phase = Float(i) * step - turns * 2 * Float.pi
                // Bhaskara's approximation: no libm needed, and smooth enough to resample.
                let x = phase < Float.pi ? phase : phase - Float.pi
                let p = x * (Float.pi - x)
                let sine = 16 * p / (5 * Float.pi * Float.pi - 4 * p)
                return 0.5 * (phase < Float.pi ? sine : -sine)
            }
        })
}
