import Kernels
import Tokens

/// Codes coming out of an autoregressive model, a batch of sequences at once; a value, as is its state.
///
///     var generation = try TokenGeneration(model: model, frames: 250, prompts: [prompt], seed: 1)
///     while try generation.advance() { play(try generation.takeComplete(0)) }
///
/// A sequence's codes depend on its prompt, condition, options, the seed and its place in the batch, but not on the sequences beside it.
public struct TokenGeneration: Sendable {
    /// Which code stands in which step.
    public let schedule: PatternSchedule
    /// Steps known in every sequence.
    public private(set) var step = 0
    /// Passes through the model so far.
    public private(set) var passes = 0
    /// Steps that drafts have guessed so far.
    public private(set) var drafted = 0
    /// Drafted steps that were kept whole.
    public private(set) var accepted = 0

    private let model: TokenLanguageModel
    private let options: SamplingOptions
    private let drafting: Drafting?
    private let isGuided: Bool
    private var state: TokenLanguageModel.State
    /// Steps whose inputs have gone through the model.
    private var fed = 0
    private var sequences: [Sequence]

    private struct Sequence: Sendable {
        /// `[steps, codebooks]`: the prompt's codes, `absent` elsewhere.
        let forced: [Int32]
        /// `[step, codebooks]`: what is known.
        var grid: [Int32] = []
        /// The codes of each codebook in the order of their steps.
        var history: [[Int32]]
        var random: CounterGenerator
        /// Hidden state that gave the last step.
        var hidden: Frames?
        var framesTaken = 0
    }

    /// - Parameters:
    ///   - frames: length of each sequence in base frames, prompt included.
    ///   - prompts: known codes from the start, one per sequence, perhaps none (`Codes(codebooks:)`).
    ///   - conditions: one a sequence; nil = none.
    ///   - drafting: for one sequence alone.
    /// - Throws: `TokenLMError` for a masked model, an option, a length, a prompt or a condition that does not fit.
    public init(
        model: TokenLanguageModel, frames: Int, prompts: [Codes], conditions: [Condition]? = nil,
        options: SamplingOptions = SamplingOptions(), drafting: Drafting? = nil, seed: UInt64
    ) throws(TokenLMError) {
        guard model.kind == .autoregressive else { throw .kind(expected: .autoregressive, operation: "generating step by step") }
        try options.validate(vocabulary: model.config.codebookSizes.min() ?? 1)
        try drafting?.validate(for: model)
        if drafting != nil && prompts.count != 1 {
            throw .option(name: "draft", reason: "works on one sequence, not \(prompts.count)")
        }
        let conditions = conditions ?? prompts.map { _ in Condition() }
        if conditions.count != prompts.count {
            throw .condition("\(conditions.count) for \(prompts.count) sequences")
        }
        let schedule = try model.pattern.schedule(frames: frames)
        var sequences: [Sequence] = []
        for (row, prompt) in prompts.enumerated() {
            try model.validate(prompt, lengths: schedule.lengths)
            sequences.append(
                Sequence(
                    forced: try schedule.interleave(prompt), history: prompt.streams.map { _ in [] },
                    random: CounterGenerator(seed: seed, stream: UInt64(row))))
        }
        self.model = model
        self.schedule = schedule
        self.options = options
        self.drafting = drafting
        self.sequences = sequences
        isGuided = options.guidance != 1
        state = try model.start(isGuided ? conditions + conditions.map { _ in Condition() } : conditions)
    }

    /// Whether all frames that were asked for are there.
    public var isFinished: Bool { step == schedule.stepCount || sequences.isEmpty }

    /// Base frames that are complete in every codebook.
    public var completeFrames: Int { schedule.completeFrames(afterSteps: step) }

    /// The codes of sequence `row` that have become complete since the last call.
    public mutating func takeComplete(_ row: Int) -> Codes {
        let range = sequences[row].framesTaken..<completeFrames
        sequences[row].framesTaken = range.upperBound
        return schedule.codes(of: range, in: sequences[row].grid)
    }

    /// One pass through the model: the next step or, with a draft, several; the first takes in the prompts.
    /// - Returns: whether it had anything to do.
    public mutating func advance() throws(TokenLMError) -> Bool {
        guard !isFinished else { return false }
        if step == 0 { takePrompts() }
        guard !isFinished else { return true }
        let draft = drafting.map { guesses($0) } ?? []
        let hidden = try feed(draft)
        passes += 1
        let perSequence = hidden.count / state.positions.count
        drafted += draft.count
        for (index, guess) in draft.enumerated() {
            if !decide(hidden, at: perSequence - 1 - draft.count + index, of: perSequence, draft: guess) {
                return rewind(draft.count - index)
            }
            accepted += 1
        }
        _ = decide(hidden, at: perSequence - 1, of: perSequence, draft: nil)
        return true
    }

    /// Bytes of keys and values that the model keeps: bounded however long the sequences become.
    public var stateBytes: Int { state.byteCount }

    // MARK: Steps

    private var width: Int { schedule.codebookCount }

    /// Takes over the leading steps that the prompts fill in every sequence.
    private mutating func takePrompts() {
        let forced = sequences.map(\.forced)
        func isKnown(_ step: Int) -> Bool {
            (0..<width).allSatisfy { k in
                schedule.time(step: step, codebook: k) == nil
                    || forced.allSatisfy { $0[step * width + k] != PatternSchedule.absent }
            }
        }
        while step < schedule.stepCount, isKnown(step) {
            for row in sequences.indices {
                commit(Array(sequences[row].forced[(step * width)..<((step + 1) * width)]), to: row)
            }
            step += 1
        }
    }

    private mutating func commit(_ codes: [Int32], to row: Int) {
        sequences[row].grid += codes
        for (k, code) in codes.enumerated() where code != PatternSchedule.absent { sequences[row].history[k].append(code) }
    }

    /// Runs the inputs that the model has not seen, up to the step before the next and then the draft; in blocks, of which the
    /// last one's hidden states are returned.
    private mutating func feed(_ draft: [[DraftedCode?]]) throws(TokenLMError) -> Frames {
        let drafted = draft.flatMap { $0.map { $0?.code ?? PatternSchedule.absent } }
        let end = step + 1 + draft.count
        var hidden = Frames(channels: model.config.hiddenSize)
        while fed < end {
            // The last block holds at least the steps that are decided now.
            let rest = end - fed
            let count = rest > TokenLanguageModel.blockSteps + draft.count ? TokenLanguageModel.blockSteps : rest
            let block = sequences.map { inputs(fed..<(fed + count), grid: $0.grid, drafted: drafted) }
            hidden = try model.advance(isGuided ? block + block : block, state: &state)
            fed += count
        }
        return hidden
    }

    /// A step's input is the step before it, known or drafted; the first one's is empty.
    private func inputs(_ steps: Range<Int>, grid: [Int32], drafted: [Int32]) -> [Int32] {
        ((steps.lowerBound - 1) * width..<(steps.upperBound - 1) * width).map { place in
            place < 0 ? PatternSchedule.absent : place < grid.count ? grid[place] : drafted[place - grid.count]
        }
    }

    /// Decides the next step of every sequence from the hidden states at `index` of `count` per sequence.
    /// - Returns: whether every drafted code was kept.
    private mutating func decide(_ hidden: Frames, at index: Int, of count: Int, draft: [DraftedCode?]?) -> Bool {
        var isKept = true
        // One row per sequence, then its unconditional twins, so that a head's weights are read once for all.
        var rows = Frames(channels: hidden.channels)
        for row in state.positions.indices { rows.append(hidden, range: (row * count + index)..<(row * count + index + 1)) }
        var codes = sequences.map { Array($0.forced[(step * width)..<((step + 1) * width)]) }
        for k in 0..<width where schedule.time(step: step, codebook: k) != nil {
            if codes.allSatisfy({ $0[k] != PatternSchedule.absent }) { continue }
            let (size, logits) = (model.config.codebookSizes[k], model.logits(rows, codebook: k).values)
            for row in sequences.indices where codes[row][k] == PatternSchedule.absent {
                let p = distribution(logits, size: size, row: row, history: sequences[row].history[k])
                if let guess = draft?[k] {
                    let result = sequences[row].random.verify(guess, target: p)
                    codes[row][k] = result.code
                    isKept = isKept && result.isKept
                } else {
                    codes[row][k] = sequences[row].random.code(from: p)
                }
            }
        }
        for row in sequences.indices {
            commit(codes[row], to: row)
            sequences[row].hidden = rows.slice(row..<(row + 1))
        }
        step += 1
        return isKept
    }

    /// - Parameter logits: `[sequences, size]`, and as many for the unconditional twins under guidance.
    private func distribution(_ logits: [Float], size: Int, row: Int, history: [Int32]) -> [Double] {
        let own = logits[(row * size)..<((row + 1) * size)]
        guard isGuided else { return options.distribution(own, history: history) }
        let twin = row + sequences.count
        return options.distribution(
            options.guided(own, unconditional: logits[(twin * size)..<((twin + 1) * size)]), history: history)
    }

    /// Lets the model forget the last `count` inputs, which a replaced code has made wrong.
    private mutating func rewind(_ count: Int) -> Bool {
        state.goBack(count)
        fed -= count
        return true
    }

    // MARK: Drafts

    /// Guesses of the next steps, none beyond the last but one: the last needs a decision of its own.
    private mutating func guesses(_ drafting: Drafting) -> [[DraftedCode?]] {
        var random = sequences[0].random
        defer { sequences[0].random = random }
        switch drafting {
        case .repetition(let order, let length):
            let grid = sequences[0].grid
            guard let start = repeatedStep(in: grid, width: width, order: order, reach: model.config.context)
            else { return [] }
            return draftSteps(length, &random) { ahead, k, _ in
                let place = (start + ahead) * width + k
                guard place < grid.count, grid[place] != PatternSchedule.absent else { return nil }
                return DraftedCode(code: grid[place], distribution: nil)
            }
        case .futureHeads(let length):
            guard let hidden = sequences[0].hidden else { return [] }
            let (model, options, history) = (self.model, self.options, sequences[0].history)
            let later = (1...length).map { model.futureHidden(hidden, distance: $0) }
            return draftSteps(length, &random) { ahead, k, random in
                let q = options.distribution(model.logits(later[ahead], codebook: k).values, history: history[k])
                return DraftedCode(code: random.code(from: q), distribution: q)
            }
        }
    }

    /// Up to `length` steps for which `guess` has every code that the prompt leaves open.
    private func draftSteps(
        _ length: Int, _ random: inout CounterGenerator,
        guess: (_ ahead: Int, _ codebook: Int, inout CounterGenerator) -> DraftedCode?
    ) -> [[DraftedCode?]] {
        var steps: [[DraftedCode?]] = []
        for ahead in 0..<min(length, schedule.stepCount - 1 - step) {
            var codes = [DraftedCode?](repeating: nil, count: width)
            for k in 0..<width where schedule.time(step: step + ahead, codebook: k) != nil {
                let forced = sequences[0].forced[(step + ahead) * width + k]
                if forced != PatternSchedule.absent {
                    codes[k] = DraftedCode(code: forced, distribution: nil)
                } else if let drafted = guess(ahead, k, &random) {
                    codes[k] = drafted
                } else {
                    return steps
                }
            }
            steps.append(codes)
        }
        return steps
    }
}

extension TokenLanguageModel {
    /// - Throws: `TokenLMError.codes` for another number of codebooks, more codes than `lengths`, or codes outside their codebook.
    func validate(_ codes: Codes, lengths: [Int]) throws(TokenLMError) {
        guard codes.codebookCount == lengths.count else {
            throw .codes("\(codes.codebookCount) codebooks, expected \(lengths.count)")
        }
        for (k, stream) in codes.streams.enumerated() {
            if stream.count > lengths[k] {
                throw .codes("codebook \(k) of the prompt has \(stream.count) codes, \(lengths[k]) fit the length asked for")
            }
            if let code = stream.first(where: { $0 < 0 || $0 >= config.codebookSizes[k] }) {
                throw .codes("codebook \(k): \(code) is outside 0..<\(config.codebookSizes[k])")
            }
        }
    }
}
