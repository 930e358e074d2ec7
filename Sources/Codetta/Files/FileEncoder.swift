import Audio
import TokenFiles

/// What the encoding of one file amounted to.
public struct EncodingReport: Sendable {
    /// What the file says about the codes: codec, layout, original.
    public var header: TokenHeader
    /// Samples per channel.
    public var samples: Int
    /// Bytes of the token file.
    public var byteCount: Int
    /// Largest magnitude of the input; over 1 is over full scale.
    public var peak: Float
    /// NaN and infinite samples replaced by zeros.
    public var sanitizedSamples: Int
    /// What a user should know though the work was done, one line each.
    public var warnings: [String]

    /// Seconds of audio.
    public var duration: Double { Double(samples) / Double(header.original.sampleRate) }
    /// Bits of the file over its duration, in bit/s; nil without samples.
    public var actualBitrate: Double? { samples > 0 ? Double(byteCount) * 8 / duration : nil }
}

/// Encodes whole files: audio of any format in, token file out, in constant memory.
public struct FileEncoder: Sendable {
    /// The codec, and for entropy mode `lm` its entropy model.
    public var model: Model
    /// How many codebooks are used.
    public var choice: CodebookChoice
    /// Whether all channels are mixed to one first.
    public var downmix: Bool
    /// The file's format.
    public var format: TokenFormat
    /// How a container codes the codes; the other formats ignore it.
    public var entropy: EntropyMode
    /// How a container cuts the codes into pages; the other formats ignore it.
    public var preset = PageLayout.Preset.archive
    /// Texts for the file, by key.
    public var tags: [String: String] = [:]

    /// All codebooks, no mixing, a container without entropy coding: unless told otherwise.
    public init(
        model: Model, choice: CodebookChoice = .all, downmix: Bool = false, format: TokenFormat = .codetta,
        entropy: EntropyMode = .none
    ) {
        self.model = model
        self.choice = choice
        self.downmix = downmix
        self.format = format
        self.entropy = entropy
    }

    /// Encodes all of `reader` to `sink`. The bytes depend on the audio and the options alone, and on whether the input says at its beginning how
    /// long it is: then the header says so as well.
    /// - Parameters:
    ///   - reader: the input, from its current position.
    ///   - sink: where the bytes go.
    ///   - progress: called after each block with the samples per channel done so far. What it throws ends the encoding.
    /// - Throws: `AudioError`, `PipelineError`, `CodecError`, `TokenStreamError` for an entropy model that does not fit, and what the
    ///   sink and `progress` throw. The output is then incomplete.
    public func encode(
        _ reader: AudioReader, to sink: any ByteSink, progress: (Int) throws -> Void = { _ in }
    ) throws -> EncodingReport {
        var run = try Run(self, reader, sink)
        while try run.step() { try progress(run.samples) }
        return run.report
    }

    /// The encoding of one file, block by block.
    struct Run {
        private let reader: AudioReader
        private let writer: TokenFileWriter
        private var encoder: AudioEncoder

        init(_ settings: FileEncoder, _ reader: AudioReader, _ sink: any ByteSink) throws {
            self.reader = reader
            encoder = try settings.makeAudioEncoder(reader)
            var header = encoder.header
            if !settings.tags.isEmpty { header.tags = settings.tags }
            writer = try TokenFileWriter(
                settings.format, header: header, sink: sink,
                entropyModel: try settings.model.entropyModel(for: settings.entropy))
        }

        /// Samples per channel done so far.
        var samples: Int { encoder.samples }

        /// Encodes the next block. False at the end, when all is written.
        mutating func step() throws -> Bool {
            let block = try reader.read(upTo: StepSize.samples)
            guard block.isEmpty else {
                try writer.write(try encoder.push(block))
                return true
            }
            try writer.write(try encoder.finish())
            try writer.finish(samples: encoder.samples)
            return false
        }

        /// Of the whole file, at the end.
        var report: EncodingReport {
            EncodingReport(
                header: encoder.header, samples: encoder.samples, byteCount: writer.byteCount, peak: reader.peak,
                sanitizedSamples: reader.sanitizedSamples, warnings: reader.encodingWarnings)
        }
    }

    /// An encoder for the audio that `reader` holds.
    func makeAudioEncoder(_ reader: AudioReader) throws -> AudioEncoder {
        let original = OriginalAudio(
            sampleRate: reader.sampleRate, channels: reader.channelCount,
            subtype: reader.format.sampleFormat?.rawValue ?? "", sampleCount: reader.promisedSamples)
        return try AudioEncoder(model: model, original: original, choice: choice, downmix: downmix, entropy: entropy, preset: preset)
    }
}

extension AudioReader {
    /// What the user should know about the input, once all of it was read.
    var encodingWarnings: [String] {
        var texts = warnings.map(\.description)
        if sanitizedSamples > 0 { texts.append("\(sanitizedSamples) NaN or infinite sample(s) were replaced by zeros") }
        if peak > 1 { texts.append("peak \(peak) is over full scale: the codec saturates there, and integer output formats clip") }
        return texts
    }
}
