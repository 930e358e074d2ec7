import Tokens

/// Codes coming out of a language model, a batch of sequences at once: step by step (`TokenGeneration`) or window by window
/// (`WindowedFilling`).
public protocol CodeGeneration: Sendable {
    /// Whether all frames that were asked for are there.
    var isFinished: Bool { get }
    /// Base frames that are complete in every codebook.
    var completeFrames: Int { get }
    /// Passes through the model so far.
    var passes: Int { get }
    /// Steps that drafts have guessed so far.
    var drafted: Int { get }
    /// Drafted steps that were kept whole.
    var accepted: Int { get }
    /// Bytes of keys and values that the model keeps between passes.
    var stateBytes: Int { get }

    /// Goes on by as little as there is.
    /// - Returns: whether it had anything to do.
    mutating func advance() throws(TokenLMError) -> Bool

    /// The codes of sequence `row` that have become complete since the last call.
    mutating func takeComplete(_ row: Int) -> Codes
}

extension TokenGeneration: CodeGeneration {}
