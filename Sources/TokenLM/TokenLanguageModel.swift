import Checkpoints
import Layers
import Tensors

/// A transformer over the codes of a neural audio codec, in one of two kinds: autoregressive, after MusicGen (Copet et al. 2023),
/// and masked with bidirectional attention, after SoundStorm (Borsos et al. 2023).
///
/// A step's embeddings, one table a codebook, are summed; then come an optional prefix from the condition, pre-norm layers with
/// RMSNorm, rotary positions and SwiGLU (Touvron et al. 2023), and one head a codebook. The last row of every table stands for a
/// code that is absent or unknown; a step of absent codes alone starts the sequence. The twin of Tools/train/lm_model.py.
public struct TokenLanguageModel: Sendable {
    public let config: TokenLMConfig
    public let kind: TokenLMConfig.Kind
    public let pattern: CodebookPattern
    /// Elements of all tensors.
    public let parameterCount: Int
    let embeddings: [[Float]]
    let heads: [Linear]
    /// Maps of the last hidden state, h + silu(W·h), whose heads draft later steps (Cai et al. 2024, Medusa).
    let future: [Linear]
    private let classes: [Float]
    private let text: [Float]
    private let symbolIndex: [String: Int]
    private let layers: [CachedTransformerLayer]
    private let norm: RMSNorm

    /// The model of a folder.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder) throws {
        let config = try folder.config(TokenLMConfig.self)
        let meaning = try config.validate(file: folder.configPath)
        let checkpoint = try folder.checkpoint()
        self = try checkpoint.build {
            try TokenLanguageModel(config: config, meaning: meaning, weights: $0, parameterCount: checkpoint.elementCount)
        }
    }

    /// - Parameter weights: the root of the checkpoint.
    private init(
        config c: TokenLMConfig, meaning: TokenLMConfig.Meaning, weights: WeightPath, parameterCount: Int
    ) throws {
        let d = c.hiddenSize
        func linear(_ path: WeightPath, outputs: Int, inputs: Int = d, activation: Activation = .identity) throws -> Linear {
            try Linear(
                weight: path.tensor("weight", shape: [outputs, inputs]), inputChannels: inputs, outputChannels: outputs,
                activation: activation)
        }
        func table(_ name: String, rows: Int) throws -> [Float] {
            rows == 0 ? [] : try (weights / name).tensor("weight", shape: [rows + 1, d])
        }
        config = c
        kind = meaning.kind
        pattern = meaning.pattern
        self.parameterCount = parameterCount
        embeddings = try c.codebookSizes.enumerated().map { try table("embeddings.\($0)", rows: $1) }
        heads = try c.codebookSizes.enumerated().map { try linear(weights / "heads" / $0, outputs: $1) }
        future = try (0..<c.futureHeads).map { try linear(weights / "future" / $0, outputs: d, activation: .silu) }
        classes = try table("classes", rows: c.numClasses)
        text = try table("text", rows: c.textSymbols.count)
        symbolIndex = Dictionary(uniqueKeysWithValues: c.textSymbols.enumerated().map { ($1, $0) })
        layers = try (0..<c.numLayers).map { try Self.layer(weights / "layers" / $0, c, isCausal: meaning.kind == .autoregressive) }
        norm = try RMSNorm(weight: (weights / "norm").tensor("weight", shape: [d]), epsilon: c.normEpsilon)
    }

    private static func layer(_ path: WeightPath, _ c: TokenLMConfig, isCausal: Bool) throws -> CachedTransformerLayer {
        let (d, headSize) = (c.hiddenSize, c.hiddenSize / c.numHeads)
        func linear(_ name: String, _ outputs: Int, _ inputs: Int, _ activation: Activation = .identity) throws -> Linear {
            try Linear(
                weight: (path / name).tensor("weight", shape: [outputs, inputs]), inputChannels: inputs,
                outputChannels: outputs, activation: activation)
        }
        func norm(_ name: String) throws -> RMSNorm {
            try RMSNorm(weight: (path / name).tensor("weight", shape: [d]), epsilon: c.normEpsilon)
        }
        let keyWidth = headSize * c.numKeyValueHeads
        return try CachedTransformerLayer(
            attentionNorm: norm("attention_norm"),
            attention: CachedAttention(
                query: linear("attention.query", d, d), key: linear("attention.key", keyWidth, d),
                value: linear("attention.value", keyWidth, d), output: linear("attention.output", d, d),
                heads: c.numHeads, keyHeads: c.numKeyValueHeads, context: c.context, isCausal: isCausal,
                rotary: RotaryEmbedding(headSize: headSize, pairing: .halfSplit, base: c.ropeTheta)),
            feedForwardNorm: norm("feed_forward_norm"),
            feedForward: FeedForward(
                expand: linear("feed_forward.gate", c.intermediateSize, d, .silu),
                gate: linear("feed_forward.up", c.intermediateSize, d),
                contract: linear("feed_forward.down", d, c.intermediateSize)))
    }

    // MARK: Running

    /// What a batch of sequences has left behind in every layer: a value, so that a copy goes its own way.
    public struct State: Sendable {
        /// `[layer][sequence]`.
        fileprivate var caches: [[CachedAttention.Cache]]

        /// Frames seen by each sequence, the prefix included.
        public var positions: [Int] { caches.first?.map(\.position) ?? [] }

        /// Takes every sequence `count` steps back; at most `CachedAttention.rollback`.
        mutating func goBack(_ count: Int) {
            guard count > 0 else { return }
            for layer in caches.indices {
                for row in caches[layer].indices {
                    caches[layer][row].truncate(to: caches[layer][row].position - count)
                }
            }
        }
    }

    /// A new batch of sequences, one a condition, that have seen their prefix alone.
    /// - Throws: `TokenLMError.condition` for a class or symbol that the model does not know; `.kind` for a masked model.
    public func start(_ conditions: [Condition]) throws(TokenLMError) -> State {
        guard kind == .autoregressive else { throw .kind(expected: .autoregressive, operation: "running step by step") }
        var state = emptyState(sequences: conditions.count)
        var prefixes: [Frames] = []
        for condition in conditions { prefixes.append(try prefix(condition)) }
        var input = Frames(channels: config.hiddenSize)
        for prefix in prefixes { input.append(prefix) }
        _ = run(input, counts: prefixes.map(\.count), state: &state)
        return state
    }

    /// Runs steps of all sequences.
    /// - Parameter inputs: `[steps, codebooks]` for each sequence, `PatternSchedule.absent` where no code is.
    /// - Returns: normalised hidden states of all steps, one sequence after the other.
    /// - Throws: `TokenLMError.codes` for another number of sequences and for codes outside their codebook.
    public func advance(_ inputs: [[Int32]], state: inout State) throws(TokenLMError) -> Frames {
        guard inputs.count == state.positions.count else {
            throw .codes("\(inputs.count) sequences, expected \(state.positions.count)")
        }
        var (input, counts) = (Frames(channels: config.hiddenSize), [Int]())
        for grid in inputs {
            let frames = try embed(grid)
            counts.append(frames.count)
            input.append(frames)
        }
        return norm.apply(run(input, counts: counts, state: &state))
    }

    /// Logits of `codebook` from hidden states, `[steps, codebookSize]`.
    public func logits(_ hidden: Frames, codebook: Int) -> Frames { heads[codebook].apply(hidden) }

    /// The hidden state that drafts the step `distance` ≥ 1 after the next one.
    func futureHidden(_ hidden: Frames, distance: Int) -> Frames {
        var result = future[distance - 1].apply(hidden)
        Kernels.add(hidden, to: &result)
        return result
    }

    /// Normalised hidden states of a whole sequence whose steps, and the prefix before them, all see each other.
    /// - Parameter grid: `[steps, codebooks]`.
    func bidirectional(_ grid: [Int32], condition: Condition) throws(TokenLMError) -> Frames {
        var input = try prefix(condition)
        let start = input.count
        input.append(try embed(grid))
        var state = emptyState(sequences: 1)
        let output = run(input, counts: [input.count], state: &state)
        return norm.apply(output.slice(start..<output.count))
    }

    private func emptyState(sequences: Int) -> State {
        State(caches: layers.map { layer in (0..<sequences).map { _ in layer.makeCache() } })
    }

    private func run(_ input: Frames, counts: [Int], state: inout State) -> Frames {
        var x = input
        for (index, layer) in layers.enumerated() { x = layer.apply(x, counts: counts, caches: &state.caches[index]) }
        return x
    }

    private func embed(_ grid: [Int32]) throws(TokenLMError) -> Frames {
        let (d, count) = (config.hiddenSize, pattern.codebookCount)
        guard grid.count % count == 0 else { throw .codes("\(grid.count) places are no whole number of steps") }
        for (place, code) in grid.enumerated() where code < PatternSchedule.absent || code >= config.codebookSizes[place % count] {
            throw .codes("step \(place / count), codebook \(place % count): \(code) is outside 0..<\(config.codebookSizes[place % count])")
        }
        var frames = Frames(zeros: grid.count / count, channels: d)
        frames.withUnsafeMutableBufferPointer { frames in
            for (place, code) in grid.enumerated() {
                let (step, k) = (place / count, place % count)
                let row = code == PatternSchedule.absent ? config.codebookSizes[k] : Int(code)
                embeddings[k].withUnsafeBufferPointer { table in
                    for i in 0..<d { frames[step * d + i] += table[row * d + i] }
                }
            }
        }
        return frames
    }

    /// The class, then the text; the last row of each table stands for none in particular.
    private func prefix(_ condition: Condition) throws(TokenLMError) -> Frames {
        let d = config.hiddenSize
        var values: [Float] = []
        if let index = condition.classIndex, !(0..<config.numClasses).contains(index) {
            throw .condition("class \(index), the model has \(config.numClasses)")
        }
        if !classes.isEmpty {
            let row = condition.classIndex ?? config.numClasses
            values += classes[(row * d)..<((row + 1) * d)]
        }
        if condition.symbols != nil && text.isEmpty { throw .condition("the model knows no text") }
        if !text.isEmpty {
            var rows = [config.textSymbols.count]
            if let symbols = condition.symbols {
                rows = []
                for symbol in symbols {
                    guard let row = symbolIndex[symbol] else { throw .condition("the model does not know the symbol \"\(symbol)\"") }
                    rows.append(row)
                }
            }
            for row in rows { values += text[(row * d)..<((row + 1) * d)] }
        }
        return Frames(count: values.count / d, channels: d, values: values)
    }
}
