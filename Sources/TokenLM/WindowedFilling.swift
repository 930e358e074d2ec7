import Tokens

/// Sequences of any length out of a masked model, window by window: each is filled in a few passes, with the codes before it in
/// its first half. A value, as is its state.
///
/// A window has as many frames as the model's `context`. A sequence's codes depend on its prompt, condition, options, the seed and its place
/// in the batch, but not on the sequences beside it; a sequence that fits into one window is what `fill` gives.
public struct WindowedFilling: CodeGeneration {
    /// Base frames that are complete in every codebook.
    public private(set) var completeFrames: Int
    /// Passes through the model so far.
    public private(set) var passes = 0
    /// Always 0: a masked model uses no drafts.
    public var drafted: Int { 0 }
    /// Always 0: a masked model uses no drafts.
    public var accepted: Int { 0 }
    /// Always 0: nothing is kept between passes.
    public var stateBytes: Int { 0 }

    private let model: TokenLanguageModel
    private let frames: Int
    private let steps: Int
    private let options: SamplingOptions
    private let seed: UInt64
    private let conditions: [Condition]
    /// Frames that are seen at once, and frames of them that may be known already.
    private let window: Int
    private let overlap: Int
    private var windows: UInt64 = 0
    private var sequences: [Codes]
    private var framesTaken: [Int]

    /// - Parameters:
    ///   - frames: length of each sequence in base frames, prompt included.
    ///   - prompts: known codes of each codebook from the start, one per sequence; codebooks may reach differently far.
    ///   - conditions: one a sequence; nil = none.
    ///   - steps: passes through the model for a window, 1...16.
    /// - Throws: `TokenLMError` for an autoregressive model, an option, a length, a prompt or a condition that does not fit.
    public init(
        model: TokenLanguageModel, frames: Int, prompts: [Codes], conditions: [Condition]? = nil,
        options: SamplingOptions = SamplingOptions(), steps: Int = TokenLanguageModel.maximumFillingSteps, seed: UInt64
    ) throws(TokenLMError) {
        guard model.kind == .masked else { throw .kind(expected: .masked, operation: "filling") }
        try model.validateFilling(options, steps: steps, choiceTemperature: 1)
        let conditions = conditions ?? prompts.map { _ in Condition() }
        if conditions.count != prompts.count { throw .condition("\(conditions.count) for \(prompts.count) sequences") }
        let lengths = try model.pattern.lengths(frames: frames)
        for prompt in prompts { try model.validate(prompt, lengths: lengths) }
        let layout = CodeLayout(codebooks: model.pattern.strides.map { .init(size: 2, stride: $0) }, hopLength: 1, sampleRate: 1)
        let superframe = min(layout.superframe, max(frames, 1))
        overlap = max(1, model.config.context / 2 / superframe) * superframe
        window = max(2, model.config.context / superframe) * superframe
        (self.model, self.frames, self.steps, self.options, self.seed) = (model, frames, steps, options, seed)
        (self.conditions, sequences) = (conditions, prompts)
        framesTaken = prompts.map { _ in 0 }
        let known = prompts.flatMap { zip($0.streams, model.pattern.strides).map { $0.count * $1 } }.min() ?? frames
        completeFrames = known >= frames ? frames : known - known % superframe
    }

    /// Whether all frames that were asked for are there.
    public var isFinished: Bool { completeFrames == frames }

    /// The next window of every sequence.
    public mutating func advance() throws(TokenLMError) -> Bool {
        guard !isFinished else { return false }
        let start = completeFrames - min(completeFrames, overlap)
        let end = min(frames, start + window)
        for row in sequences.indices {
            let filled = try model.fill(
                codes(of: row, start..<end), frames: end - start, steps: steps, condition: conditions[row], options: options,
                choiceTemperature: 1, random: CounterGenerator(seed: seed, stream: UInt64(row) | windows << 32))
            for (k, stride) in model.pattern.strides.enumerated() {
                let missing = start / stride + filled.streams[k].count - sequences[row].streams[k].count
                if missing > 0 { sequences[row].streams[k] += filled.streams[k].suffix(missing) }
            }
            passes += steps
        }
        windows += 1
        completeFrames = end
        return true
    }

    /// Codes of sequence `row` that are complete and were not taken before.
    public mutating func takeComplete(_ row: Int) -> Codes {
        let range = framesTaken[row]..<completeFrames
        framesTaken[row] = range.upperBound
        return codes(of: row, range)
    }

    /// What is known of the base frames `range`; of a ragged codebook the codes that start in the range.
    private func codes(of row: Int, _ range: Range<Int>) -> Codes {
        Codes(
            streams: zip(sequences[row].streams, model.pattern.strides).map { stream, stride in
                let (first, end) = ((range.lowerBound + stride - 1) / stride, (range.upperBound + stride - 1) / stride)
                return Array(stream[min(first, stream.count)..<min(end, stream.count)])
            })
    }
}
