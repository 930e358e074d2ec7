import Checkpoints

/// The `config.json` of a token language model, `model_type` "codetta-lm", with the field names that Tools/train/lm_model.py writes.
public struct TokenLMConfig: Decodable, Sendable, Equatable {
    /// How the model predicts codes.
    public enum Kind: String, Sendable {
        /// Predicts each step from those before it.
        case autoregressive
        /// Predicts all codes at once from those that are known.
        case masked
    }

    /// The `model_type` of such a config.
    public static let modelType = "codetta-lm"

    /// Must be `codetta-lm`.
    public var modelType: String
    /// `autoregressive` or `masked`.
    public var kindName: String
    /// The codec whose codes these are.
    public var codec: String
    /// Base frames per second.
    public var frameRate: Double
    /// Codewords of each codebook.
    public var codebookSizes: [Int]
    /// Base frames that a code of each codebook covers.
    public var codebookStrides: [Int]
    /// `flatten`, `parallel`, `delay`, `stack-and-delay` or `coarse-first`; `parallel` for a masked model.
    public var patternName: String
    /// Of `coarse-first`; otherwise without meaning.
    public var coarseCodebooks: Int
    /// Channels between the layers.
    public var hiddenSize: Int
    /// Layers of the transformer.
    public var numLayers: Int
    /// Heads of queries in each layer.
    public var numHeads: Int
    /// Fewer than `numHeads` for grouped queries.
    public var numKeyValueHeads: Int
    /// Channels inside the feed-forward layers.
    public var intermediateSize: Int
    /// Steps that a step sees, itself and the prefix included.
    public var context: Int
    /// Base of the rotary embedding's wavelengths.
    public var ropeTheta: Float
    /// Added to mean squares before their root is taken.
    public var normEpsilon: Float
    /// Classes (speakers, languages, …) of the condition; 0 = none.
    public var numClasses: Int
    /// Characters or phonemes of the condition's text; empty = no text.
    public var textSymbols: [String]
    /// Heads that draft the steps after the next one.
    public var futureHeads: Int

    enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
        case kindName = "kind"
        case codec
        case frameRate = "frame_rate"
        case codebookSizes = "codebook_sizes"
        case codebookStrides = "codebook_strides"
        case patternName = "pattern"
        case coarseCodebooks = "coarse_codebooks"
        case hiddenSize = "hidden_size"
        case numLayers = "num_layers"
        case numHeads = "num_heads"
        case numKeyValueHeads = "num_key_value_heads"
        case intermediateSize = "intermediate_size"
        case context
        case ropeTheta = "rope_theta"
        case normEpsilon = "norm_epsilon"
        case numClasses = "num_classes"
        case textSymbols = "text_symbols"
        case futureHeads = "future_heads"
    }

    /// What a validated config means.
    struct Meaning {
        let kind: Kind
        let pattern: CodebookPattern
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    func validate(file: String) throws(CheckpointError) -> Meaning {
        func invalid(_ field: CodingKeys, _ reason: String) -> CheckpointError {
            .invalidConfig(field: field.rawValue, reason: reason, file: file)
        }
        if modelType != Self.modelType { throw invalid(.modelType, "is \"\(modelType)\", expected \"\(Self.modelType)\"") }
        guard let kind = Kind(rawValue: kindName) else {
            throw invalid(.kindName, "is \"\(kindName)\", expected \"autoregressive\" or \"masked\"")
        }
        try validateSizes(invalid)
        guard let named = patternKind else {
            throw invalid(
                .patternName, "is \"\(patternName)\", expected flatten, parallel, delay, stack-and-delay or coarse-first")
        }
        let pattern: CodebookPattern
        do {
            pattern = try CodebookPattern(named, strides: codebookStrides)
        } catch {
            throw invalid(.codebookStrides, "and coarse_codebooks make no pattern: \(error)")
        }
        if kind == .masked && pattern.kind != .parallel {
            throw invalid(.patternName, "is \"\(patternName)\", expected \"parallel\" for a masked model")
        }
        return Meaning(kind: kind, pattern: pattern)
    }

    private func validateSizes(_ invalid: (CodingKeys, String) -> CheckpointError) throws(CheckpointError) {
        let ranges: [(CodingKeys, Int, ClosedRange<Int>)] = [
            (.hiddenSize, hiddenSize, 2...16_384),
            (.numLayers, numLayers, 1...256),
            (.numHeads, numHeads, 1...256),
            (.numKeyValueHeads, numKeyValueHeads, 1...256),
            (.intermediateSize, intermediateSize, 1...65_536),
            (.context, context, 2...1_048_576),
            (.numClasses, numClasses, 0...65_536),
            (.futureHeads, futureHeads, 0...16),
            (.codebookSizes, codebookSizes.count, 1...256),
        ]
        for (field, value, range) in ranges where !range.contains(value) {
            throw invalid(field, "is \(value), expected \(range.lowerBound)...\(range.upperBound)")
        }
        if let size = codebookSizes.first(where: { !(2...1_048_576).contains($0) }) {
            throw invalid(.codebookSizes, "holds \(size), expected 2...1048576")
        }
        if codebookStrides.count != codebookSizes.count {
            throw invalid(.codebookStrides, "has \(codebookStrides.count) entries, codebook_sizes \(codebookSizes.count)")
        }
        if hiddenSize % numHeads != 0 || hiddenSize / numHeads % 2 != 0 {
            throw invalid(.numHeads, "is \(numHeads), which does not divide hidden_size \(hiddenSize) into heads of even size")
        }
        if numHeads % numKeyValueHeads != 0 {
            throw invalid(.numKeyValueHeads, "is \(numKeyValueHeads), which does not divide num_heads \(numHeads)")
        }
        if textSymbols.count > 65_536 || Set(textSymbols).count != textSymbols.count {
            throw invalid(.textSymbols, "has \(textSymbols.count) entries, expected at most 65536 different ones")
        }
        let positive: [(CodingKeys, Double)] = [
            (.frameRate, frameRate), (.ropeTheta, Double(ropeTheta)), (.normEpsilon, Double(normEpsilon)),
        ]
        for (field, value) in positive where !(value > 0 && value.isFinite) {
            throw invalid(field, "is \(value), expected a number above 0")
        }
    }

    private var patternKind: CodebookPattern.Kind? {
        switch patternName {
        case "flatten": return .flatten
        case "parallel": return .parallel
        case "delay": return .delay
        case "stack-and-delay": return .stackAndDelay
        case "coarse-first": return .coarseFirst(codebooks: coarseCodebooks)
        default: return nil
        }
    }
}
