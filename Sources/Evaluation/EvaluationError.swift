/// What an evaluation cannot be made with or read from. Descriptions are one line and do not name the file.
public enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A document of another layout.
    case unknownSchema(String)
    /// A document that is not what its schema says.
    case malformed(String)

    /// The class of a failure, coarse enough to choose an exit code by.
    public enum Kind: Sendable, Equatable { case badData }

    public var kind: Kind { .badData }

    public var description: String {
        switch self {
        case .unknownSchema(let found):
            return "is of schema \"\(found)\", this version reads \"\(EvaluationResults.schemaName)\"; use the version that made it"
        case .malformed(let reason): return "not a sound evaluation: \(reason)"
        }
    }
}
