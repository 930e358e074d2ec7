import Audio
import Codecs
import Kernels
import Platform
import TokenFiles
import Tokens

/// What the decoding of one file amounted to.
public struct DecodingReport: Sendable {
    public var header: TokenHeader
    /// Samples a channel, at `header.original.sampleRate`.
    public var samples: Int
    public var channels: Int
    public var container: ContainerFormat
    public var sampleFormat: SampleFormat
    /// Samples that an integer format had to clamp, over all channels.
    public var clippedSamples: Int
    /// Frames that a lenient reading concealed.
    public var concealedFrames: Int
    /// Frames that a simulated loss of packets took, and that were concealed.
    public var lostFrames: Int
    /// Codebooks that a language model filled in.
    public var predictedCodebooks = 0
    public var warnings: [String]

    /// Seconds of audio.
    public var duration: Double { Double(samples) / Double(header.original.sampleRate) }
}

/// Decodes whole files: token file in, audio file out at the original's rate, channel count and exact length.
public struct FileDecoder: Sendable {
    public var codec: any Codec
    public var weights: ContentDigest
    /// Decode even what other weights of the same codec made.
    public var ignoresWeights: Bool
    /// Nil chooses WAV.
    public var container: ContainerFormat?
    /// Nil chooses 24 bits or float where the original had them, else 16 bits.
    public var sampleFormat: SampleFormat?
    /// Packets to lose on the way, as a simulation; nil for none.
    public var loss: PacketLoss?
    /// How to fill in codebooks that a file does not have; nil leaves them out.
    public var finePrediction: FinePrediction?

    /// - Parameter weights: SHA-256 of the codec's weights file.
    public init(
        codec: any Codec, weights: ContentDigest, ignoresWeights: Bool = false, container: ContainerFormat? = nil,
        sampleFormat: SampleFormat? = nil
    ) {
        self.codec = codec
        self.weights = weights
        self.ignoresWeights = ignoresWeights
        self.container = container
        self.sampleFormat = sampleFormat
    }

    /// Decodes all of `reader` to `output`, which the caller then commits.
    ///
    /// Takes constant memory, but for formats whose header states the length on their way to the standard output or a pipe: there
    /// all codes are read, and so checked, before the first sample goes out (about 9 MB for an hour and track of `codetta-24k`).
    /// - Parameter progress: called after each chunk with the samples a channel done so far.
    /// - Throws: `TokenStreamError`, `PipelineError`, `AudioError`, `CodecError`, `TokenLMError`. The output is then incomplete.
    public func decode(
        _ reader: TokenFileReader, to output: OutputFile, progress: (Int) -> Void = { _ in }
    ) throws -> DecodingReport {
        try reader.adopt(codec.description, weights: weights)
        guard let header = reader.header else { throw PipelineError.unnamedCodec }
        var prediction = finePrediction?.start(header, codec: codec.description)
        var decoder = try makeAudioDecoder(prediction?.header ?? header)
        let container = container ?? .wav
        let ahead = try Self.statesLength(container) && !output.isTemporary ? ReadAhead(reader) : nil
        let writer = try AudioWriter(
            descriptor: output.descriptor, name: output.name,
            settings: AudioWriter.Settings(
                sampleRate: header.original.sampleRate, channelCount: decoder.channelCount, container: container,
                sampleFormat: sampleFormat ?? Self.defaultFormat(container, header.original), totalSamples: ahead?.samples))
        var channel = loss.map { PacketLossChannel($0, header: header) }
        // Whole chunks, so that what is lost or predicted does not depend on how much is decoded at once.
        func received() throws -> [Codes]? {
            guard let sent = try ahead?.next() ?? reader.next() else { return nil }
            let codes = channel?.transmit(sent) ?? sent
            return try prediction?.fill(codes) ?? codes
        }
        let (layout, step) = (decoder.header.layout, StepSize.frames(decoder.header.layout))
        var pieces: ArraySlice<[Codes]> = []
        func next() throws -> [Codes]? {
            while pieces.isEmpty {
                guard let codes = try Self.next(of: received, atLeast: step, layout) else { return nil }
                pieces = codes.pieces(frames: step, layout: layout)[...]
            }
            return pieces.popFirst()
        }
        try decoder.decode(from: next, total: { reader.samples ?? 0 }) {
            try writer.write($0)
            progress(writer.samplesWritten)
        }
        try writer.finish()
        var result = report(header, decoder, reader, writer, channel)
        if let prediction { result.predictedCodebooks = prediction.header.layout.codebooks.count - header.layout.codebooks.count }
        return result
    }

    /// A decoder for the codes that `header` introduces.
    /// - Throws: `PipelineError.codecMismatch`, or `.weightsMismatch` unless `ignoresWeights` or the file names no weights.
    func makeAudioDecoder(_ header: TokenHeader) throws -> AudioDecoder {
        let decoder = try AudioDecoder(codec: codec, header: header)
        guard ignoresWeights || header.weights == weights || header.weights == .zero else {
            throw PipelineError.weightsMismatch(
                file: header.weights.description, model: weights.description, name: header.codecName)
        }
        return decoder
    }

    /// The next chunk; with threads to keep busy, as many as make a step of `frames` base frames.
    private static func next(
        of chunk: () throws -> [Codes]?, atLeast frames: Int, _ layout: CodeLayout
    ) rethrows -> [Codes]? {
        guard var codes = try chunk() else { return nil }
        while Execution.current.threadCount > 1, codes.frames(layout) < frames, let more = try chunk() {
            codes.append(tracks: more)
        }
        return codes
    }

    /// Whether the header states a length. A pipe cannot go back to fill it in.
    private static func statesLength(_ container: ContainerFormat) -> Bool { [.wav, .rf64, .au].contains(container) }

    private static func defaultFormat(_ container: ContainerFormat, _ original: OriginalAudio) -> SampleFormat? {
        let source: SampleFormat
        switch SampleFormat(named: original.subtype) {
        case .pcm24, .pcm32: source = .pcm24
        case .float, .double: source = .float
        default: source = .pcm16
        }
        return container.sampleFormat(closestTo: source)
    }

    private func report(
        _ header: TokenHeader, _ decoder: AudioDecoder, _ reader: TokenFileReader, _ writer: AudioWriter,
        _ channel: PacketLossChannel?
    ) -> DecodingReport {
        var warnings = writer.warnings.map(\.description)
        if writer.clippedSamples > 0 { warnings.append("\(writer.clippedSamples) sample(s) over full scale were clipped") }
        warnings += reader.warnings
        if let channel { warnings.append("\(channel.lostFrames) of \(channel.frames) frame(s) lost on purpose and concealed") }
        return DecodingReport(
            header: header, samples: decoder.samples, channels: decoder.channelCount, container: writer.container,
            sampleFormat: writer.sampleFormat, clippedSamples: writer.clippedSamples,
            concealedFrames: reader.concealedFrames, lostFrames: channel?.lostFrames ?? 0, warnings: warnings)
    }
}

/// All codes of a file, read before the first is used.
private final class ReadAhead {
    /// Samples a channel of the original audio.
    let samples: Int
    private var chunks: ArraySlice<[Codes]>

    init(_ reader: TokenFileReader) throws {
        var chunks: [[Codes]] = []
        while let codes = try reader.next() { chunks.append(codes) }
        self.chunks = chunks[...]
        samples = reader.samples ?? 0
    }

    func next() -> [Codes]? { chunks.popFirst() }
}
