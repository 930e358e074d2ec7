import Layers
import Quantizers
import Tensors
import TokenStream

/// A codec of two stacks of streaming layers with a residual quantizer between them:
///
///     audio [channels, samples] ─ encoder ─ latents [frames, dimension] ─ quantizer ─ decoder ─ audio
public protocol NetworkCodec: SearchableCodec where CodeQuantizer == ResidualVectorQuantizer {
    /// Samples `[time, channels]` to latents, one for each `hopLength` samples.
    var encoder: Sequential { get }
    /// Latents to samples `[time, channels]`.
    var decoder: Sequential { get }
    /// Whether zeros fill the last frame before the encoder sees it. Otherwise the encoder's own padding completes it.
    var fillsLastFrame: Bool { get }
}

extension NetworkCodec {
    public func makeEncoder(codebooks: Int) throws -> any CodecEncoder {
        try requireCodebooks(codebooks)
        return NetworkEncoder(codec: self, codebooks: codebooks)
    }

    public func makeDecoder(codebooks: Int) throws -> any CodecDecoder {
        try requireCodebooks(codebooks)
        return NetworkDecoder(codec: self)
    }
}

extension CodecDescription {
    /// The latency in samples of two networks, one after the other, that give as many samples as they take.
    ///
    /// That is 1 more than the most samples that have come without their decoded counterparts being known. Once the
    /// first is known every layer has its left padding, and the difference repeats with each frame.
    static func latency(encoder: Sequential, decoder: Sequential, hopLength: Int) -> Int {
        var (greatest, taken, known) = (0, 0, 0)
        var end = Int.max
        while taken < end {
            taken += 1
            known = decoder.known(after: encoder.known(after: taken))
            greatest = max(greatest, taken - known)
            if known > 0 && end == Int.max { end = taken + hopLength }
        }
        return greatest + 1
    }
}

/// n samples in, ⌈n/hop⌉ frames out.
struct NetworkEncoder<Model: NetworkCodec>: LatentEncoder {
    private let codec: Model
    private let codebooks: Int
    private var network: Sequential.State
    /// Samples of the frame that is not yet complete.
    private var samplesInFrame = 0

    init(codec: Model, codebooks: Int) {
        self.codec = codec
        self.codebooks = codebooks
        network = codec.encoder.makeState()
    }

    mutating func latents(of audio: AudioBlock) throws -> Frames {
        try codec.requireChannels(of: audio)
        samplesInFrame = (samplesInFrame + audio.sampleCount) % codec.description.layout.hopLength
        return codec.encoder.step(Frames(audio), state: &network)
    }

    mutating func finalLatents() throws -> Frames {
        var latents = Frames(channels: codec.encoder.outputChannels)
        if codec.fillsLastFrame {
            let hop = codec.description.layout.hopLength
            let zeros = Frames(zeros: (hop - samplesInFrame) % hop, channels: codec.description.channels)
            latents.append(codec.encoder.step(zeros, state: &network))
        }
        latents.append(codec.encoder.finish(state: &network))
        return latents
    }

    func quantize(_ latents: Frames) -> Codes {
        Codes(streams: codec.quantizer.quantize(latents, codebooks: codebooks))
    }
}

/// T frames in, T·hop samples out; where the network gives fewer, zeros complete them.
struct NetworkDecoder<Model: NetworkCodec>: CodecDecoder {
    private let codec: Model
    private var network: Sequential.State
    /// Samples of the frames so far that are still to come.
    private var owed = 0

    init(codec: Model) {
        self.codec = codec
        network = codec.decoder.makeState()
    }

    mutating func decode(_ codes: Codes) throws -> AudioBlock {
        let latents = try codec.quantizer.dequantize(codes.streams)
        owed += latents.count * codec.description.layout.hopLength
        let output = codec.decoder.step(latents, state: &network)
        owed -= output.count
        return AudioBlock(output)
    }

    mutating func finish() throws -> AudioBlock {
        var output = codec.decoder.finish(state: &network)
        output.append(Frames(zeros: max(0, owed - output.count), channels: output.channels))
        return AudioBlock(output)
    }
}

extension Frames {
    /// One frame a sample.
    init(_ audio: AudioBlock) {
        let channels = audio.channelCount
        if channels == 1 {
            self.init(count: audio.sampleCount, channels: 1, values: audio.channels[0])
        } else {
            self.init(count: audio.sampleCount, channels: channels) { values in
                for (c, samples) in audio.channels.enumerated() {
                    for (t, sample) in samples.enumerated() { values[t * channels + c] = sample }
                }
            }
        }
    }
}

extension AudioBlock {
    /// One sample a frame.
    init(_ frames: Frames) {
        if frames.channels == 1 {
            self.init(mono: frames.values)
        } else {
            self.init(channels: (0..<frames.channels).map { c in (0..<frames.count).map { frames[$0, c] } })
        }
    }
}
