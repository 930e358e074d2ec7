import Platform

/// What can go wrong when audio enters or leaves.
///
/// Every case names the file (or stream) it happened in, and reads as one line.
public enum AudioError: CodettaError, Equatable {
    // Nothing to read.
    /// There is no such file.
    case notFound(file: String)
    /// The file is there and cannot be opened.
    case unreadable(file: String, reason: String)
    /// A folder stands where a file is wanted.
    case isDirectory(file: String)

    // Something to read, but not sound audio.
    /// Zero bytes.
    case empty(file: String)
    /// A header without the samples that it introduces.
    case headerOnly(file: String)
    /// Bytes that are no audio, or of no format that can be read.
    case notAudio(file: String, reason: String)
    /// Bytes of a format that is not read here, by its name.
    case foreignFormat(file: String, format: String)
    /// A program that was asked to read the input is not installed.
    case missingProgram(file: String, program: String)
    /// A header field that contradicts the format; `offset` is the byte where it stands.
    case malformed(file: String, offset: Int, reason: String)
    /// The file announces more than it holds, in bytes or in samples as `unit` says.
    case truncated(file: String, expected: Int, found: Int, unit: String)
    /// A sample rate in Hz outside `AudioLimits.sampleRates`.
    case sampleRate(file: String, found: Int)
    /// More or fewer channels than `AudioLimits.channelCounts`.
    case channelCount(file: String, found: Int)
    /// NaN or infinity at `sample` (counted from 0) of `channel` (counted from 0).
    case nonFinite(file: String, sample: Int, channel: Int)

    // Output that cannot be made.
    /// The file cannot be made where it should be.
    case cannotCreate(file: String, reason: String)
    /// There is such a file, which may not be replaced.
    case alreadyExists(file: String)
    /// A file name extension or name that stands for no container.
    case unknownContainer(String)
    /// A container that cannot hold samples of this kind, or that cannot be written.
    case unsupportedOutput(file: String, reason: String)
    /// A layout for headerless input that cannot be.
    case unsupportedRaw(String)

    // Transport.
    /// Reading or writing failed half-way.
    case io(file: String, operation: String, reason: String)
    /// The reader of our output went away.
    case brokenPipe(file: String)

    // Calls that break this module's contract.
    /// The writer was promised `declared` samples per channel and got `written`.
    case lengthMismatch(file: String, declared: Int, written: Int)
    /// A block of another number of channels than announced.
    case blockChannels(file: String, expected: Int, found: Int)
    /// A conversion between sample rates that cannot be.
    case resampler(reason: String)

    /// The class of the failure.
    public var kind: FailureKind {
        switch self {
        case .notFound, .unreadable, .isDirectory: return .noInput
        case .empty, .headerOnly, .notAudio, .foreignFormat, .missingProgram, .malformed, .truncated, .sampleRate,
            .channelCount, .nonFinite:
            return .badData
        case .cannotCreate, .alreadyExists: return .cannotCreate
        case .unknownContainer, .unsupportedOutput, .unsupportedRaw: return .usage
        case .io: return .io
        case .brokenPipe: return .brokenPipe
        case .lengthMismatch, .blockChannels, .resampler: return .internal
        }
    }

    /// One line: the file, and what is wrong with it.
    public var description: String {
        switch self {
        case .notFound(let file): return "\(file): no such file"
        case .unreadable(let file, let reason): return "\(file): cannot be read: \(reason)"
        case .isDirectory(let file): return "\(file): is a directory, not an audio file"
        case .empty(let file): return "\(file): is empty"
        case .headerOnly(let file): return "\(file): has a header but no audio data"
        case .notAudio(let file, let reason): return "\(file): not an audio file that can be read: \(reason)"
        case .foreignFormat(let file, let format): return "\(file): is \(format), which is not read here"
        case .missingProgram(let file, let program): return "\(file): cannot be read: \(program) is not installed"
        case .malformed(let file, let offset, let reason): return "\(file): at byte \(offset): \(reason)"
        case .truncated(let file, let expected, let found, let unit):
            return "\(file): truncated: announces \(expected) \(unit), holds \(found)"
        case .sampleRate(let file, let found):
            let range = AudioLimits.sampleRates
            return "\(file): sample rate \(found) Hz is outside \(range.lowerBound) to \(range.upperBound) Hz"
        case .channelCount(let file, let found):
            let range = AudioLimits.channelCounts
            return "\(file): \(found) channels, not \(range.lowerBound) to \(range.upperBound)"
        case .nonFinite(let file, let sample, let channel):
            return "\(file): sample \(sample) of channel \(channel + 1) is NaN or infinite"
        case .cannotCreate(let file, let reason): return "\(file): cannot be created: \(reason)"
        case .alreadyExists(let file): return "\(file): exists already"
        case .unknownContainer(let name):
            return "no audio container is known for \"\(name)\"; known: \(OutputForm.names.joined(separator: ", "))"
        case .unsupportedOutput(let file, let reason): return "\(file): \(reason)"
        case .unsupportedRaw(let reason): return reason
        case .io(let file, let operation, let reason): return "\(file): \(operation) failed: \(reason)"
        case .brokenPipe(let file): return "\(file): the reader closed the pipe"
        case .lengthMismatch(let file, let declared, let written):
            return "\(file): \(declared) samples were declared, \(written) written"
        case .blockChannels(let file, let expected, let found):
            return "\(file): has \(expected) channel(s), got a block with \(found)"
        case .resampler(let reason): return "resampler: \(reason)"
        }
    }
}

/// Something worth telling the user that did not stop the reading or writing.
public enum AudioWarning: Equatable, Sendable, CustomStringConvertible {
    /// Lenient reading accepted a file that announces more than it holds.
    case truncated(expected: Int, found: Int, unit: String)
    /// Lenient reading went on, or came to an end, after something that cannot be decoded.
    case damaged(reason: String)
    /// The last bytes do not make up a whole sample of every channel and were dropped.
    case incompleteLastSample(bytes: Int)
    /// An Ogg stream without its end mark: a live recording, or one cut between two pages.
    case noEndOfStream
    /// The audio was read by another program.
    case readThrough(program: String)
    /// All samples were multiplied by `gain`.
    case scaled(gain: Float)
    /// A WAV file over 4 GiB whose length was not known in advance: its header says "to the end of the file".
    case unsizedHeader
    /// The audio was converted to a sample rate in Hz that the format has.
    case resampled(from: Int, to: Int, format: SampleFormat)

    /// One line, without the file's name.
    public var description: String {
        switch self {
        case .truncated(let expected, let found, let unit):
            return "truncated: announces \(expected) \(unit), holds \(found)"
        case .damaged(let reason): return "damaged: \(reason)"
        case .incompleteLastSample(let bytes): return "dropped \(bytes) byte(s) of an incomplete last sample"
        case .noEndOfStream: return "the Ogg stream has no end mark; it may have been cut"
        case .readThrough(let program): return "read through \(program)"
        case .scaled(let gain): return "scaled by \(gain), so that the peak is full scale"
        case .resampled(let from, let to, let format):
            return "\(format.title) has no sample rate of \(from) Hz; the audio was resampled to \(to) Hz"
        case .unsizedHeader: return "over 4 GiB: the WAV header leaves the length open"
        }
    }
}
