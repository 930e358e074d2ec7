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
    /// The part of the audio to decode, as it comes out of the whole, bit for bit; nil for all of it.
    public var span: TimeSpan?
    /// How many codebooks to decode, from the first on; nil for all that a file has.
    public var codebooks: Int?

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
        private let settings: FileDecoder
        private let reader: TokenFileReader
        private let codes: any CodeSource
        private let writer: AudioWriter
        private let header: TokenHeader
        private var recording: RecordingDecoder
        /// Of the recordings before the present one.
        private var earlier = (samples: 0, frames: 0, lostFrames: 0)

        init(_ settings: FileDecoder, _ reader: TokenFileReader, _ output: OutputFile) throws {
            try reader.adopt(settings.model)
            if let span = settings.span {
                try reader.select(span, context: settings.model.fileContext)
            } else if !settings.model.description.hasSegments {
                try reader.checkLengthAhead()
            }
            let container = settings.container ?? .wav
            let statesLength = FileDecoder.statesLength(container) && !output.isTemporary
            let ahead = try statesLength ? ReadAhead(reader) : nil
            codes = ahead ?? reader
            guard let header = codes.header else { throw PipelineError.unnamedCodec }
            (self.settings, self.reader, self.header) = (settings, reader, header)
            recording = try RecordingDecoder(settings, header)
            writer = try AudioWriter(
                descriptor: output.descriptor, name: output.name,
                settings: AudioWriter.Settings(
                    sampleRate: header.original.sampleRate, channelCount: recording.decoder.channelCount, container: container,
                    sampleFormat: settings.sampleFormat ?? FileDecoder.defaultFormat(container, header.original),
                    totalSamples: ahead?.totalSamples))
        }

        /// Samples per channel done so far.
        var samples: Int { earlier.samples + recording.decoder.samples }

        /// Decodes the next chunk; with threads to keep busy, as many as make a step. False at the end, when all is written.
        mutating func step() throws -> Bool {
            if let audio = try recording.step(codes) {
                for block in audio { try writer.write(block) }
                return true
            }
            try writer.write(try recording.decoder.finish(total: codes.samples ?? 0))
            guard try codes.nextRecording() else {
                try writer.finish()
                return false
            }
            try startRecording()
            return true
        }

        /// The next recording of the file, whose audio goes on where the last one's ended.
        private mutating func startRecording() throws {
            guard let next = codes.header else { throw PipelineError.unnamedCodec }
            earlier.samples += recording.decoder.samples
            earlier.frames += recording.channel?.frames ?? 0
            earlier.lostFrames += recording.channel?.lostFrames ?? 0
            try header.requireAlike(next)
            recording = try RecordingDecoder(settings, next)
        }

        /// Of the whole file, at the end.
        var report: DecodingReport {
            var warnings = writer.warnings.map(\.description)
            if writer.clippedSamples > 0 { warnings.append("\(writer.clippedSamples) sample(s) over full scale were clipped") }
            warnings += reader.warnings
            let lost = earlier.lostFrames + (recording.channel?.lostFrames ?? 0)
            if let channel = recording.channel {
                warnings.append("\(lost) of \(earlier.frames + channel.frames) frame(s) lost on purpose and concealed")
            }
            return DecodingReport(
                header: header, samples: samples, channels: recording.decoder.channelCount, container: writer.container,
                sampleFormat: writer.sampleFormat, clippedSamples: writer.clippedSamples,
                concealedFrames: reader.concealedFrames, lostFrames: lost, predictedCodebooks: recording.predictedCodebooks,
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
