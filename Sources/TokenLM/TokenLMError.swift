import Platform

/// Why a token language model refused what it was given.
public enum TokenLMError: CodettaError, Equatable {
    /// Codes that do not fit the model's codebooks.
    case codes(String)
    /// An option of generation that makes no sense.
    case option(name: String, reason: String)
    /// A condition that the model does not know.
    case condition(String)
    /// The operation needs the other kind of model.
    case kind(expected: TokenLMConfig.Kind, operation: String)

    /// The class of the failure.
    public var kind: FailureKind {
        switch self {
        case .codes: return .badData
        case .option, .condition, .kind: return .usage
        }
    }

    /// One line: what is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .codes(let reason): return "codes do not fit the language model: \(reason)"
        case .option(let name, let reason): return "\(name) \(reason)"
        case .condition(let reason): return "condition: \(reason)"
        case .kind(let expected, let operation): return "\(operation) needs a model of kind \"\(expected.rawValue)\""
        }
    }
}
