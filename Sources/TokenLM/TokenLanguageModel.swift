import Checkpoints
import Kernels
import Layers

/// A transformer over the codes of a neural audio codec, in one of two kinds: autoregressive, after MusicGen (Copet et al. 2023),
/// and masked with bidirectional attention, after SoundStorm (Borsos et al. 2023).
///
/// A step's embeddings, one table per codebook, are summed; then come an optional prefix from the condition, pre-norm layers with
/// RMSNorm, rotary positions and SwiGLU (Touvron et al. 2023), and one head per codebook. The last row of every table stands for a
/// code that is absent or unknown; a step of absent codes alone starts the sequence. The twin of Tools/train/lm_model.py.
public struct TokenLanguageModel: Sendable {
    /// The sizes that the model was built with.
    public let config: TokenLMConfig
    /// How it predicts codes.
    public let kind: TokenLMConfig.Kind
    /// The order in which it reads and writes codes.
    public let pattern: CodebookPattern
    /// Elements of all tensors.
    public let parameterCount: Int
    /// What the weights take in memory, fewer bytes than in the file or more.
    public let weightBytes: Int
    private let embeddings: [EmbeddingTable]
    let heads: [Linear]
    /// Maps of the last hidden state, h + silu(W·h), whose heads draft later steps (Cai et al. 2024, Medusa).
    let future: [Linear]
    private let classes: EmbeddingTable?
    private let text: EmbeddingTable?
    private let symbolIndex: [String: Int]
    private let layers: [CachedTransformerLayer]
    private let norm: RMSNorm

    /// The model of a folder.
    /// - Parameter precision: to what the weights are rounded as they are read.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, precision: WeightPrecision = .float) throws {
        let config = try folder.config(TokenLMConfig.self)
        let meaning = try config.validate(file: folder.configPath)
        let checkpoint = try folder.checkpoint()
        self = try checkpoint.build {
            try TokenLanguageModel(
                config: config, meaning: meaning, weights: Reader(root: $0, width: config.hiddenSize, precision: precision),
                parameterCount: checkpoint.elementCount)
        }
    }

    /// Reads tensors as the parts of a model, and counts what they take.
    private final class Reader {
        let root: WeightPath
        let width: Int
        let precision: WeightPrecision
        private(set) var byteCount = 0

        init(root: WeightPath, width: Int, precision: WeightPrecision) {
            (self.root, self.width, self.precision) = (root, width, precision)
        }

        func linear(_ path: WeightPath, outputs: Int, inputs: Int, activation: Activation = .identity) throws -> Linear {
            let layer = try Linear(
                weight: path.tensor("weight", shape: [outputs, inputs]), inputChannels: inputs, precision: precision,
                activation: activation)
            byteCount += layer.weightBytes
            return layer
        }

        /// With a row more than `rows`, for none of them.
        func table(_ name: String, rows: Int) throws -> EmbeddingTable {
            let table = EmbeddingTable(
                try (root / name).tensor("weight", shape: [rows + 1, width]), width: width, precision: precision)
            byteCount += table.byteCount
            return table
        }

        func norm(_ path: WeightPath, epsilon: Float) throws -> RMSNorm {
            byteCount += 4 * width
            return RMSNorm(weight: try path.tensor("weight", shape: [width]), epsilon: epsilon)
        }
    }

    private init(config c: TokenLMConfig, meaning: TokenLMConfig.Meaning, weights: Reader, parameterCount: Int) throws {
        let (d, root) = (c.hiddenSize, weights.root)
        config = c
        kind = meaning.kind
        pattern = meaning.pattern
        self.parameterCount = parameterCount
        embeddings = try c.codebookSizes.enumerated().map { try weights.table("embeddings.\($0)", rows: $1) }
        heads = try c.codebookSizes.enumerated().map { try weights.linear(root / "heads" / $0, outputs: $1, inputs: d) }
        future = try (0..<c.futureHeads).map {
            try weights.linear(root / "future" / $0, outputs: d, inputs: d, activation: .silu)
        }
        classes = c.numClasses == 0 ? nil : try weights.table("classes", rows: c.numClasses)
        text = c.textSymbols.isEmpty ? nil : try weights.table("text", rows: c.textSymbols.count)
        symbolIndex = Dictionary(uniqueKeysWithValues: c.textSymbols.enumerated().map { ($1, $0) })
        layers = try (0..<c.numLayers).map {
            try Self.layer(root / "layers" / $0, c, weights, isCausal: meaning.kind == .autoregressive)
        }
        norm = try weights.norm(root / "norm", epsilon: c.normEpsilon)
        weightBytes = weights.byteCount
    }

    private static func layer(
        _ path: WeightPath, _ c: TokenLMConfig, _ weights: Reader, isCausal: Bool
    ) throws -> CachedTransformerLayer {
        let (d, headSize) = (c.hiddenSize, c.hiddenSize / c.numHeads)
        func linear(_ name: String, _ outputs: Int, _ inputs: Int, _ activation: Activation = .identity) throws -> Linear {
            try weights.linear(path / name, outputs: outputs, inputs: inputs, activation: activation)
        }
        let keyWidth = headSize * c.numKeyValueHeads
        return try CachedTransformerLayer(
            attentionNorm: weights.norm(path / "attention_norm", epsilon: c.normEpsilon),
            attention: CachedAttention(
                query: linear("attention.query", d, d), key: linear("attention.key", keyWidth, d),
                value: linear("attention.value", keyWidth, d), output: linear("attention.output", d, d),
                heads: c.numHeads, keyHeads: c.numKeyValueHeads, context: c.context, isCausal: isCausal,
                rotary: RotaryEmbedding(headSize: headSize, pairing: .halfSplit, base: c.ropeTheta)),
            feedForwardNorm: weights.norm(path / "feed_forward_norm", epsilon: c.normEpsilon),
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

        /// Bytes of the keys and values of all sequences: bounded, since steps that no later one sees are dropped.
        public var byteCount: Int { caches.reduce(0) { $0 + $1.reduce(0) { $0 + $1.byteCount } } }

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

    /// A new batch of sequences, one per condition, that have seen their prefix alone.
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
            guard let start = frames.baseAddress else { return }
            for (place, code) in grid.enumerated() {
                let (step, k) = (place / count, place % count)
                let row = code == PatternSchedule.absent ? config.codebookSizes[k] : Int(code)
                embeddings[k].add(row: row, to: start + step * d)
            }
        }
        return frames
    }

    /// The class, then the text; the last row of each table stands for none in particular.
    private func prefix(_ condition: Condition) throws(TokenLMError) -> Frames {
        var prefix = Frames(channels: config.hiddenSize)
        if let index = condition.classIndex, !(0..<config.numClasses).contains(index) {
            throw .condition("class \(index), the model has \(config.numClasses)")
        }
        if let classes { prefix.append(classes.frames([condition.classIndex ?? config.numClasses])) }
        guard let text else {
            if condition.symbols != nil { throw .condition("the model knows no text") }
            return prefix
        }
        var rows = [config.textSymbols.count]
        if let symbols = condition.symbols {
            rows = []
            for symbol in symbols {
                guard let row = symbolIndex[symbol] else { throw .condition("the model does not know the symbol \"\(symbol)\"") }
                rows.append(row)
            }
        }
        prefix.append(text.frames(rows))
        return prefix
    }
}
