import Audio
import Codecs
import Platform
import TokenFiles

/// What the encoding of one file amounted to.
public struct EncodingReport: Sendable {
    public var header: TokenHeader
    /// Samples a channel.
    public var samples: Int
    /// Bytes of the token file.
    public var byteCount: Int
    /// Largest magnitude of the input; over 1 is over full scale.
    public var peak: Float
    /// NaN and infinite samples replaced by zeros.
    public var sanitizedSamples: Int
    public var warnings: [String]

    /// Seconds of audio.
    public var duration: Double { Double(samples) / Double(header.original.sampleRate) }
    /// Bits of the file over its duration, in bit/s; nil without samples.
    public var actualBitrate: Double? { samples > 0 ? Double(byteCount) * 8 / duration : nil }
}

/// Encodes whole files: audio of any format in, token file out, in constant memory.
public struct FileEncoder: Sendable {
    public var codec: any Codec
    public var weights: ContentDigest
    public var choice: CodebookChoice
    public var downmix: Bool
    public var format: TokenFormat
    /// How a container codes the codes; the other formats ignore it.
    public var entropy: EntropyMode
    /// For entropy mode `lm`.
    public var entropyModel: EntropyModel?

    /// - Parameters:
    ///   - weights: SHA-256 of the codec's weights file.
    ///   - entropyModel: the codec's, which entropy mode `lm` needs.
    public init(
        codec: any Codec, weights: ContentDigest, choice: CodebookChoice = .all, downmix: Bool = false,
        format: TokenFormat = .codetta, entropy: EntropyMode = .none, entropyModel: EntropyModel? = nil
    ) {
        self.codec = codec
        self.weights = weights
        self.choice = choice
        self.downmix = downmix
        self.format = format
        self.entropy = entropy
        self.entropyModel = entropyModel
    }

    /// Encodes all of `reader` to `sink`. The bytes depend on the audio and the options alone: a pipe gives the same as a file.
    /// - Parameter progress: called after each block with the samples a channel done so far.
    /// - Throws: `AudioError`, `PipelineError`, `CodecError`, `TokenStreamError` for an entropy model that does not fit, and what the sink throws. The output is then incomplete.
    public func encode(
        _ reader: AudioReader, to sink: any ByteSink, progress: (Int) -> Void = { _ in }
    ) throws -> EncodingReport {
        var encoder = try makeAudioEncoder(reader)
        let writer = try TokenFileWriter(format, header: encoder.header, sink: sink, entropyModel: entropyModel)
        try encoder.encode(from: { try reader.read(upTo: StepSize.samples) }) {
            try writer.write($0)
            progress(reader.samplesRead)
        }
        try writer.finish(samples: encoder.samples)
        return EncodingReport(
            header: encoder.header, samples: encoder.samples, byteCount: writer.byteCount, peak: reader.peak,
            sanitizedSamples: reader.sanitizedSamples, warnings: reader.encodingWarnings)
    }

    /// An encoder for the audio that `reader` holds.
    func makeAudioEncoder(_ reader: AudioReader) throws -> AudioEncoder {
        // The length stays out of the header: a pipe cannot always tell it in advance, and must give the same bytes as a file.
        let original = OriginalAudio(
            sampleRate: reader.sampleRate, channels: reader.channelCount,
            subtype: reader.format.sampleFormat?.rawValue ?? "")
        return try AudioEncoder(codec: codec, weights: weights, original: original, choice: choice, downmix: downmix,
            entropy: entropy, entropyModel: entropy == .lm ? entropyModel : nil)
    }
}

extension AudioReader {
    /// What the user should know about the input, once all of it was read.
    var encodingWarnings: [String] {
        var texts = warnings.map(\.description)
        if sanitizedSamples > 0 { texts.append("\(sanitizedSamples) NaN or infinite sample(s) were replaced by zeros") }
        if peak > 1 { texts.append("peak \(peak) is over full scale; integer output formats will clip") }
        return texts
    }
}
