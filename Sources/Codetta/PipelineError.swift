import Platform

/// What can go wrong between a file and a codec. Descriptions are one line and do not name the file unless it is not the one
/// being worked on.
public enum PipelineError: CodettaError, Equatable {
    // Nothing to read.
    /// There is no such file.
    case notFound
    /// The system does not let it be read.
    case unreadable(reason: String)
    /// It is a folder where a file is needed.
    case isDirectory
    /// A folder without files of this kind.
    case noFiles(kind: String)
    /// The model that a file names is nowhere; the places searched.
    case modelNotInstalled(name: String, searched: [String])
    /// The model has no entropy model, which entropy mode `lm` needs.
    case noEntropyModel(model: String)

    // Readable, but not for this codec.
    /// Audio with more channels than the model codes.
    case channels(found: Int, model: String, supported: String)
    /// Codes of another codec than the model; both are described.
    case codecMismatch(file: String, model: String)
    /// Codes of other weights than the model has; both identities.
    case weightsMismatch(file: String, model: String, name: String)
    /// Codes that do not decode to the number of samples that the file states.
    case lengthDisagreement(samples: Int, decoded: Int)
    /// A file that does not say which codec made its codes.
    case unnamedCodec
    /// A recording that does not go on as the one before it began.
    case otherRecording(found: String, expected: String)
    /// Two signals that cannot be compared, and why.
    case incomparable(String)
    /// Codes that a language model does not know, or a prompt that it cannot continue.
    case languageModel(String)
    /// A language model of codes that fit, but of a codec with another name.
    case otherCodec(languageModel: String, codec: String, found: String)

    // Requests that the model cannot serve.
    /// A bitrate in bit/s that the model does not reach.
    case bitrate(requested: Double, lowest: Double, highest: Double)
    /// A number of codebooks that the model does not have.
    case codebooks(requested: Int, available: ClosedRange<Int>)
    /// More codebooks than a file has.
    case fewerCodebooks(requested: Int, found: Int)
    /// A search that weighs what codes cost, for codes that all cost the same.
    case unpricedSearch(String)

    // Output that cannot be made.
    /// The output cannot be created.
    case cannotCreate(reason: String)
    /// The output exists and may not be replaced.
    case exists
    /// The output is the input.
    case isInput
    /// Two inputs would have the same output.
    case sameOutput(first: String, second: String)
    /// A name whose extension means another kind of file than is to be written.
    case misnamed(fileExtension: String, means: String, content: String)

    // Transport.
    /// A read or write failed.
    case io(operation: String, reason: String)
    /// The reader of our output went away.
    case brokenPipe

    /// The class of the failure.
    public var kind: FailureKind {
        switch self {
        case .notFound, .unreadable, .isDirectory, .noFiles, .modelNotInstalled, .noEntropyModel: return .noInput
        case .channels, .codecMismatch, .weightsMismatch, .lengthDisagreement, .unnamedCodec,
            .otherRecording, .incomparable, .languageModel, .otherCodec:
            return .badData
        case .bitrate, .codebooks, .fewerCodebooks, .unpricedSearch, .misnamed: return .usage
        case .cannotCreate, .exists, .isInput, .sameOutput: return .cannotCreate
        case .io: return .io
        case .brokenPipe: return .brokenPipe
        }
    }

    /// One line: what is wrong, where, and what was expected.
    public var description: String { text.escapingControls }

    private var text: String {
        switch self {
        case .notFound: return "no such file"
        case .unreadable(let reason): return "cannot be read: \(reason)"
        case .isDirectory: return "is a directory, expected a file"
        case .noEntropyModel(let model): return "has no entropy model (\(model))"
        case .noFiles(let kind): return "holds no \(kind)"
        case .modelNotInstalled(let name, let searched):
            return "was made by the model \(name), which is not in \(searched.joined(separator: ", "))"
        case .channels(let found, let model, let supported):
            return "has \(found) channels, \(model) codes \(supported)"
        case .codecMismatch(let file, let model):
            return "was made by \(file), the model is \(model)"
        case .weightsMismatch(let file, let model, let name):
            return "was made by other weights of \(name) (SHA-256 \(file.prefix(12))…, the model has \(model.prefix(12))…)"
        case .lengthDisagreement(let samples, let decoded):
            return "declares \(samples) samples, but its frames hold at least \(decoded)"
        case .unnamedCodec: return "does not name the codec of its codes"
        case .languageModel(let reason): return reason
        case .otherCodec(let lm, let codec, let found):
            return "\(lm) models codes of \(codec), which \(found) does not make: another name"
        case .otherRecording(let found, let expected):
            return "goes on with a recording of \(found), after one of \(expected)"
        case .incomparable(let reason): return reason
        case .bitrate(let requested, let lowest, let highest):
            return "\(kilobits(requested)) kb/s asked for, the model offers \(kilobits(lowest)) to \(kilobits(highest)) kb/s here"
        case .codebooks(let requested, let available):
            return "\(requested) codebooks asked for, the model has \(available.lowerBound) to \(available.upperBound)"
        case .fewerCodebooks(let requested, let found):
            return "\(requested) codebooks asked for, the file has \(found)"
        case .unpricedSearch(let search):
            return "the search \(search) weighs what codes cost, but without entropy coding all codes cost the same"
        case .cannotCreate(let reason): return "cannot be created: \(reason)"
        case .exists: return "exists already"
        case .isInput: return "is both input and output"
        case .sameOutput(let first, let second): return "would be written for \(first) as well as for \(second)"
        case .misnamed(let fileExtension, let means, let content):
            return "names that end in .\(fileExtension) are for \(means), not for \(content)"
        case .io(let operation, let reason): return "\(operation) failed: \(reason)"
        case .brokenPipe: return "the reader closed the pipe"
        }
    }
}

/// bit/s as kb/s with at most three decimals.
func kilobits(_ bitsPerSecond: Double) -> String {
    let thousandths = (bitsPerSecond).rounded()
    guard thousandths.isFinite, abs(thousandths) < 1e15 else { return "\(bitsPerSecond / 1000)" }
    let whole = Int(thousandths)
    return whole % 1000 == 0 ? "\(whole / 1000)" : "\(Double(whole) / 1000)"
}
