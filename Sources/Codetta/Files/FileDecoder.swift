import Audio
import Kernels
import TokenFiles
import Tokens

/// What the decoding of one file amounted to.
public struct DecodingReport: Sendable {
    /// What the file says about the codes: codec, layout, original.
    public var header: TokenHeader
    /// Samples per channel, at `header.original.sampleRate`.
    public var samples: Int
    /// Channels of the audio.
    public var channels: Int
    /// The kind of audio file that was written.
    public var container: ContainerFormat
    /// How its samples are stored.
    public var sampleFormat: SampleFormat
    /// Samples that an integer format had to clamp, over all channels.
    public var clippedSamples: Int
    /// Frames that a lenient reading concealed.
    public var concealedFrames: Int
    /// Frames that a simulated loss of packets took, and that were concealed.
    public var lostFrames: Int
    /// Codebooks that a language model filled in.
    public var predictedCodebooks = 0
    /// What a user should know though the work was done, one line each.
    public var warnings: [String]

    /// Seconds of audio.
    public var duration: Double { Double(samples) / Double(header.original.sampleRate) }
}

/// Decodes whole files: token file in, audio file out at the original's rate, channel count and exact length.
public struct FileDecoder: Sendable {
    /// The codec that made the tokens.
    public var model: Model
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

    /// WAV with as detailed samples as the original's, at least 16 bits: unless told otherwise.
    public init(
        model: Model, ignoresWeights: Bool = false, container: ContainerFormat? = nil,
        sampleFormat: SampleFormat? = nil
    ) {
        self.model = model
        self.ignoresWeights = ignoresWeights
        self.container = container
        self.sampleFormat = sampleFormat
    }

    /// Decodes all of `reader` to `output`, which the caller then commits.
    ///
    /// Takes constant memory, but for formats whose header states the length on their way to the standard output or a pipe: there
    /// all codes are read, and so checked, before the first sample goes out (about 9 MB for an hour and track of `codetta-24k`).
    /// - Parameters:
    ///   - reader: the input, from its current position.
    ///   - output: where the result goes.
    ///   - progress: called after each chunk with the samples per channel done so far. What it throws ends the decoding.
    /// - Throws: `TokenStreamError`, `PipelineError`, `AudioError`, `CodecError`, `TokenLMError`, and what `progress` throws. The output
    ///   is then incomplete.
    public func decode(
        _ reader: TokenFileReader, to output: OutputFile, progress: (Int) throws -> Void = { _ in }
    ) throws -> DecodingReport {
        var run = try Run(self, reader, output)
        while try run.step() { try progress(run.samples) }
        return run.report
    }

    /// The decoding of one file, chunk by chunk.
    struct Run {
        private let reader: TokenFileReader
        private let header: TokenHeader
        private let ahead: ReadAhead?
        private let writer: AudioWriter
        /// Base frames that are decoded in one step.
        private let framesPerStep: Int
        private var decoder: AudioDecoder
        private var prediction: FinePrediction.Run?
        private var channel: PacketLossChannel?

        init(_ settings: FileDecoder, _ reader: TokenFileReader, _ output: OutputFile) throws {
            try reader.adopt(settings.model)
            guard let header = reader.header else { throw PipelineError.unnamedCodec }
            (self.reader, self.header) = (reader, header)
            prediction = settings.finePrediction?.start(header, codec: settings.model.description)
            decoder = try AudioDecoder(
                model: settings.model, header: prediction?.header ?? header, ignoringWeights: settings.ignoresWeights)
            if !settings.model.description.hasSegments { try reader.checkLengthAhead() }
            framesPerStep = StepSize.frames(decoder.header.layout)
            let container = settings.container ?? .wav
            ahead = try FileDecoder.statesLength(container) && !output.isTemporary ? ReadAhead(reader) : nil
            writer = try AudioWriter(
                descriptor: output.descriptor, name: output.name,
                settings: AudioWriter.Settings(
                    sampleRate: header.original.sampleRate, channelCount: decoder.channelCount, container: container,
                    sampleFormat: settings.sampleFormat ?? FileDecoder.defaultFormat(container, header.original),
                    totalSamples: ahead?.samples))
            channel = settings.loss.map { PacketLossChannel($0, header: header) }
        }

        /// Samples per channel done so far.
        var samples: Int { decoder.samples }

        /// Decodes the next chunk; with threads to keep busy, as many as make a step. False at the end, when all is written.
        mutating func step() throws -> Bool {
            let layout = decoder.header.layout
            guard var codes = try received() else {
                try writer.write(try decoder.finish(total: reader.samples ?? 0))
                try writer.finish()
                return false
            }
            while Execution.current.threadCount > 1, layout.frames(of: codes) < framesPerStep, let more = try received() {
                codes.append(tracks: more)
            }
            for piece in codes.pieces(frames: framesPerStep, layout: layout) { try writer.write(try decoder.push(piece)) }
            return true
        }

        /// Whole chunks, so that what is lost or predicted does not depend on how much is decoded at once.
        private mutating func received() throws -> [Codes]? {
            guard let sent = try ahead?.next() ?? reader.next() else { return nil }
            let codes = channel?.transmit(sent) ?? sent
            return try prediction?.fill(codes) ?? codes
        }

        /// Of the whole file, at the end.
        var report: DecodingReport {
            var warnings = writer.warnings.map(\.description)
            if writer.clippedSamples > 0 { warnings.append("\(writer.clippedSamples) sample(s) over full scale were clipped") }
            warnings += reader.warnings
            if let channel { warnings.append("\(channel.lostFrames) of \(channel.frames) frame(s) lost on purpose and concealed") }
            let predicted = prediction.map { $0.header.layout.codebooks.count - header.layout.codebooks.count } ?? 0
            return DecodingReport(
                header: header, samples: decoder.samples, channels: decoder.channelCount, container: writer.container,
                sampleFormat: writer.sampleFormat, clippedSamples: writer.clippedSamples,
                concealedFrames: reader.concealedFrames, lostFrames: channel?.lostFrames ?? 0, predictedCodebooks: predicted,
                warnings: warnings)
        }
    }

    /// Whether the header states a length. A pipe cannot go back to fill it in.
    private static func statesLength(_ container: ContainerFormat) -> Bool {
        [.wav, .rf64, .au, .caf, .aiff, .aifc].contains(container)
    }

    private static func defaultFormat(_ container: ContainerFormat, _ original: OriginalAudio) -> SampleFormat? {
        let source: SampleFormat
        switch SampleFormat(named: original.subtype) {
        case .pcm24, .pcm32: source = .pcm24
        case .float, .double: source = .float
        default: source = .pcm16
        }
        return container.sampleFormat(closestTo: source)
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
