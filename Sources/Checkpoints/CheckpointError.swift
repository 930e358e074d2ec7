import Platform

/// Why a checkpoint, a model folder or a config was refused.
public enum CheckpointError: CodettaError, Equatable {
    /// The file is missing, unreadable or not a regular file.
    case unreadable(file: String, reason: String)
    /// The system refused a read of an open file.
    case readFailed(file: String, offset: Int, reason: String)
    /// The file ends before the data that it announces.
    case truncated(file: String, expected: Int, found: Int)
    /// The file is longer than its limit.
    case tooLarge(file: String, limit: Int, found: Int)
    /// A safetensors header, JSON or not, that breaks the format's rules.
    case invalidHeader(file: String, reason: String)
    /// A tensor's entry in a safetensors header breaks the format's rules.
    case invalidTensor(file: String, tensor: String, reason: String)
    /// A tensor is stored in a type that this reader does not know.
    case unknownType(file: String, tensor: String, type: String)
    /// A weight is NaN or infinite.
    case notFinite(file: String, tensor: String, index: Int)
    /// No such tensor in the checkpoint.
    case noTensor(file: String, tensor: String)
    /// Tensors and model do not fit; the whole list.
    case mismatch(CheckpointMismatch)
    /// A file that only an unpickler could read.
    case pickle(file: String)
    /// An index of shards names something that it may not, or disagrees with the shards.
    case invalidIndex(file: String, reason: String)
    /// A config field is missing, of the wrong type or out of range.
    case invalidConfig(field: String, reason: String, file: String)
    /// No model of that name.
    case modelNotFound(name: String, searched: [String])

    /// The class of the error; the command maps it to an exit code.
    public var kind: FailureKind {
        switch self {
        case .unreadable, .modelNotFound: return .noInput
        case .readFailed: return .io
        case .invalidConfig: return .badConfig
        case .truncated, .tooLarge, .invalidHeader, .invalidTensor, .unknownType, .notFinite, .noTensor, .mismatch,
            .pickle, .invalidIndex:
            return .badData
        }
    }

    /// One line: what is wrong, where, and what was expected.
    public var description: String { text.escapingControls }

    private var text: String {
        switch self {
        case .unreadable(let file, let reason):
            return "\(file): cannot be read: \(reason)"
        case .readFailed(let file, let offset, let reason):
            return "\(file): reading at byte \(offset) failed: \(reason)"
        case .truncated(let file, let expected, let found):
            return "\(file): truncated: \(expected) bytes expected, \(found) found; fetch or convert it again"
        case .tooLarge(let file, let limit, let found):
            return "\(file): \(found) bytes, at most \(limit) are read"
        case .invalidHeader(let file, let reason):
            return "\(file): not a valid safetensors file: \(reason)"
        case .invalidTensor(let file, let tensor, let reason):
            return "\(file): tensor \(tensor): \(reason)"
        case .unknownType(let file, let tensor, let type):
            return "\(file): tensor \(tensor): unknown dtype \(type); known: "
                + DataType.allCases.map(\.rawValue).joined(separator: ", ")
        case .notFinite(let file, let tensor, let index):
            return "\(file): tensor \(tensor): element \(index) is NaN or infinite"
        case .noTensor(let file, let tensor):
            return "\(file): no tensor \(tensor)"
        case .mismatch(let mismatch):
            return mismatch.description
        case .pickle(let file):
            return "\(file): a pickle can run any code and is never opened; "
                + "convert it to model.safetensors with the script in Tools/convert"
        case .invalidIndex(let file, let reason):
            return "\(file): \(reason)"
        case .invalidConfig(let field, let reason, let file):
            return field.isEmpty ? "\(file): \(reason)" : "\(file): \(field) \(reason)"
        case .modelNotFound(let name, let searched):
            return "no model \"\(name)\"; searched "
                + (searched.isEmpty ? "nowhere" : searched.joined(separator: ", "))
        }
    }
}

/// Everything in which a checkpoint and the model built from it disagree.
public struct CheckpointMismatch: Equatable, Sendable, CustomStringConvertible {
    /// One disagreement. Shapes are lists of sizes, the slowest dimension first.
    public enum Problem: Equatable, Sendable, CustomStringConvertible {
        /// The model needs a tensor that the checkpoint does not have.
        case missing(tensor: String, expected: [Int])
        /// A tensor has another shape than the model needs.
        case misshapen(tensor: String, expected: [Int], found: [Int])
        /// The checkpoint has a tensor that the model does not use.
        case unused(tensor: String, shape: [Int])
        /// Right name and shape, but values that no model can use.
        case invalid(tensor: String, reason: String)

        /// One line: what is wrong, where, and what was expected.
        public var description: String {
            switch self {
            case .missing(let tensor, let expected): return "missing \(tensor) \(expected)"
            case .misshapen(let tensor, let expected, let found):
                return "\(tensor) is \(found), not \(expected)"
            case .unused(let tensor, let shape): return "unused \(tensor) \(shape)"
            case .invalid(let tensor, let reason): return "\(tensor) \(reason)"
            }
        }
    }

    /// The checkpoint.
    public var file: String
    /// In the order in which the model asked, the unused tensors last.
    public var problems: [Problem]

    /// Takes over the file's name and the problems.
    public init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    /// One line: what is wrong, where, and what was expected.
    public var description: String {
        let list = problems.map(\.description).joined(separator: "; ")
        return "\(file): \(problems.count) tensor(s) do not fit the model: \(list)".escapingControls
    }
}
