import Kernels
import Layers
import Platform
import Quantizers
import Tokens

/// A codec of two stacks of streaming layers with a quantizer between them:
///
///     audio [channels, samples] ─ encoder ─ latents [frames, dimension] ─ quantizer ─ decoder ─ audio
///
/// Latents are quantized by whole superframes of the layout.
public protocol NetworkCodec: Codec {
    /// What codes the latents.
    associatedtype CodeQuantizer: Quantizer
    /// Samples `[time, channels]` to latents, one for each `hopLength` samples.
    var encoder: Sequential { get }
    /// Latents to codes and back.
    var quantizer: CodeQuantizer { get }
    /// Latents to samples `[time, channels]`.
    var decoder: Sequential { get }
    /// The decoder of codes of so many codebooks; `decoder` unless the codec has one for each bitrate.
    func decoder(codebooks: Int) -> Sequential
    /// Zeros complete the signal to a multiple of so many frames, itself one of superframes, before the encoder sees it.
    /// Without (nil, the default) the encoder's own padding completes the last frame.
    var filledFrames: Int? { get }
    /// The most samples of a recording that the encoder takes, where it must see all of it at once; nil (the default) is no limit.
    var signalLimit: Int? { get }
}

extension NetworkCodec {
    /// By default the encoder's own padding completes the last frame.
    public var filledFrames: Int? { nil }
    /// By default recordings may be of any length.
    public var signalLimit: Int? { nil }

    /// The decoder of codes of so many codebooks.
    public func decoder(codebooks: Int) -> Sequential { decoder }

    /// A fresh encoder for one track with the first `codebooks` codebooks.
    /// - Throws: `CodecError.codebookCount` when the model cannot code with that many.
    public func makeEncoder(codebooks: Int) throws -> any CodecEncoder {
        try requireCodebooks(codebooks)
        return NetworkEncoder(codec: self, codebooks: codebooks)
    }

    /// A fresh decoder for one track of `codebooks` codebooks.
    /// - Throws: `CodecError.codebookCount` when the model cannot decode that many.
    public func makeDecoder(codebooks: Int) throws -> any CodecDecoder {
        try requireCodebooks(codebooks)
        return NetworkDecoder(codec: self, codebooks: codebooks)
    }
}

extension CodecDescription {
    /// The latency in samples of two networks, one after the other, that give as many samples as they take.
    ///
    /// That is 1 more than the most samples that have come without their decoded counterparts being known. Once the
    /// first is known every layer has its left padding, and the difference repeats with each `period`.
    /// - Parameters:
    ///   - superframe: frames that are coded together.
    ///   - period: frames after which the networks wait alike.
    static func latency(
        encoder: Sequential, decoder: Sequential, hopLength: Int, superframe: Int = 1, period: Int = 1
    ) -> Int {
        var (latency, taken, frames, end) = (0, 0, 0, Int.max)
        while frames <= end {
            let known = decoder.known(after: frames - frames % superframe)
            if known > 0 && end == .max { end = frames + period }
            taken = encoder.leastInput(givingMoreThan: frames, after: taken, guess: hopLength)
            latency = max(latency, taken - known)
            frames = encoder.known(after: taken)
        }
        return latency
    }
}

extension Sequential {
    /// The least number of input frames, more than `start`, after which more than `count` output frames are known.
    fileprivate func leastInput(givingMoreThan count: Int, after start: Int, guess: Int) -> Int {
        var (low, high) = (start, start + guess)
        while known(after: high) <= count { (low, high) = (high, high + 2 * (high - low)) }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if known(after: middle) > count { high = middle } else { low = middle }
        }
        return high
    }
}

/// n samples in, ⌈n/hop⌉ frames out, or as many more as `filledFrames` says.
struct NetworkEncoder<Model: NetworkCodec>: LatentEncoder {
    private let codec: Model
    private let codebooks: Int
    private let superframe: Int
    private var network: Sequential.State
    /// Latents of the superframe that is not yet complete.
    private var held: Frames
    /// Samples since the last multiple of the frames that are filled together.
    private var samplesToFill = 0
    private var received = 0
    private var end = StreamEnd("encoder")

    init(codec: Model, codebooks: Int) {
        self.codec = codec
        self.codebooks = codebooks
        superframe = codec.description.layout.superframe
        network = codec.encoder.makeState()
        held = Frames(channels: codec.encoder.outputChannels)
    }

    private var filledSamples: Int { (codec.filledFrames ?? 1) * codec.description.layout.hopLength }

    mutating func latents(of audio: AudioBlock) throws -> Frames {
        try end.requireOpen()
        try codec.requireChannels(of: audio)
        received += audio.sampleCount
        if let limit = codec.signalLimit, received > limit {
            throw CodecError.signalTooLong(model: codec.description.name, seconds: limit / codec.description.sampleRate)
        }
        samplesToFill = (samplesToFill + audio.sampleCount) % filledSamples
        return whole(try codec.encoder.step(audio.frames, state: &network))
    }

    mutating func finalLatents() throws -> Frames {
        try end.reach()
        var latents = Frames(channels: codec.encoder.outputChannels)
        if codec.filledFrames != nil {
            let zeros = Frames(zeros: (filledSamples - samplesToFill) % filledSamples, channels: codec.description.channels)
            latents.append(try codec.encoder.step(zeros, state: &network))
        }
        latents.append(try codec.encoder.finish(state: &network))
        return whole(latents)
    }

    /// What is held and `latents`, as far as they make whole superframes; holds the rest.
    private mutating func whole(_ latents: Frames) -> Frames {
        if superframe == 1 { return latents }
        held.append(latents)
        let ready = held.slice(0..<(held.count - held.count % superframe))
        held.removeFirst(ready.count)
        return ready
    }

    func quantize(_ latents: Frames) -> Codes {
        Codes(streams: codec.quantizer.quantizeConcurrently(latents, codebooks: codebooks, superframe: superframe))
    }
}

/// T frames in, T·hop samples out; where the network gives fewer, zeros complete them.
struct NetworkDecoder<Model: NetworkCodec>: CodecDecoder {
    private let codec: Model
    private let layout: CodeLayout
    private let decoder: Sequential
    private var network: Sequential.State
    /// Codes of the superframe that is not yet complete.
    private var held: Codes
    /// Samples of the frames so far that are still to come.
    private var owed = 0
    private var end = StreamEnd("decoder")

    init(codec: Model, codebooks: Int) {
        self.codec = codec
        layout = codec.description.layout.prefix(codebooks)
        decoder = codec.decoder(codebooks: codebooks)
        network = decoder.makeState()
        held = Codes(codebooks: codebooks)
    }

    mutating func push(_ codes: Codes) throws -> AudioBlock {
        try end.requireOpen()
        let latents = try codec.quantizer.dequantize(try whole(codes).streams)
        owed += latents.count * layout.hopLength
        let output = try decoder.step(latents, state: &network)
        owed -= output.count
        return AudioBlock(output)
    }

    mutating func finish() throws -> AudioBlock {
        try end.reach()
        guard held.isEmpty else { throw QuantizerError.ragged(lengths: held.streams.map(\.count)) }
        var output = try decoder.finish(state: &network)
        output.append(Frames(zeros: max(0, owed - output.count), channels: output.channels))
        return AudioBlock(output)
    }

    /// What is held and `codes`, as far as they make whole superframes; holds the rest.
    private mutating func whole(_ codes: Codes) throws -> Codes {
        if layout.superframe == 1 { return codes }
        guard codes.codebookCount == held.codebookCount else {
            throw QuantizerError.codebookCount(expected: held.codebookCount...held.codebookCount, found: codes.codebookCount)
        }
        held.append(codes)
        let superframes = layout.frames(of: held) / layout.superframe
        var ready = held
        for (k, codebook) in layout.codebooks.enumerated() {
            let count = superframes * (layout.superframe / codebook.stride)
            ready.streams[k].removeLast(ready.streams[k].count - count)
            held.streams[k].removeFirst(count)
        }
        return ready
    }
}
