import Platform

/// Codes and configurations that a quantizer refuses.
public enum QuantizerError: CodettaError, Equatable {
    /// A code outside its codebook. `time` counts the codebook's codes from 0.
    case codeOutOfRange(codebook: Int, time: Int, code: Int32, size: Int)
    /// More or fewer codebooks than the quantizer can have.
    case codebookCount(expected: ClosedRange<Int>, found: Int)
    /// Codebooks that should have equally many codes and do not.
    case ragged(lengths: [Int])
    /// No quantizer can have these sizes.
    case invalidSize(String)
    /// A stored config that does not fit its kind.
    case invalidConfig(String)
    /// A quantizer that keeps only packed weights, so that its numbers cannot be stored.
    case notStorable(String)
    /// Data that nothing can be fitted to.
    case unfittable(String)

    /// The class of the failure.
    public var kind: FailureKind { .badData }

    /// One line: what is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .codeOutOfRange(let codebook, let time, let code, let size):
            return "codebook \(codebook), frame \(time): code \(code) is outside 0..<\(size)"
        case .codebookCount(let expected, let found):
            return "expected \(expected.lowerBound)...\(expected.upperBound) codebooks, got \(found)"
        case .ragged(let lengths):
            return "codebooks differ in length: \(lengths)"
        case .invalidSize(let reason):
            return "impossible quantizer: \(reason)"
        case .invalidConfig(let reason):
            return "quantizer config: \(reason)"
        case .notStorable(let reason):
            return "cannot be stored: \(reason)"
        case .unfittable(let reason):
            return "cannot be fitted: \(reason)"
        }
    }
}
