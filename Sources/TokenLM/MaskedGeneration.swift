import Kernels
import Platform
import Tokens

extension TokenLanguageModel {
    /// Most passes that filling takes.
    public static let maximumFillingSteps = 16

    /// Fills in the codes that are not known, all codebooks of the whole sequence in a few passes.
    ///
    /// Codebook by codebook, as in SoundStorm (Borsos et al. 2023): the first takes all passes that the others leave, each of them one;
    /// with fewer passes than codebooks, neighbouring codebooks share one. Within a codebook, passes keep the codes drawn with
    /// the highest probability and leave a share of cos(π/2 · done) to later ones, as in MaskGIT (Chang et al. 2022).
    /// - Parameters:
    ///   - known: the codes of each codebook from the start; what is missing up to `frames` is filled in.
    ///   - steps: passes through the model, 1...16.
    ///   - choiceTemperature: how far chance counts in which codes are kept; falls to 0 over a codebook's passes.
    /// - Throws: `TokenLMError` for an autoregressive model and for options, a length, codes or a condition that do not fit.
    public func fill(
        _ known: Codes, frames: Int, steps: Int = 16, condition: Condition = Condition(),
        options: SamplingOptions = SamplingOptions(), choiceTemperature: Double = 1, seed: UInt64
    ) throws(TokenLMError) -> Codes {
        try validateFilling(options, steps: steps, choiceTemperature: choiceTemperature)
        return try fill(
            known, frames: frames, steps: steps, condition: condition, options: options, choiceTemperature: choiceTemperature,
            random: CounterGenerator(seed: seed))
    }

    /// - Throws: `TokenLMError` for an autoregressive model and for options out of range.
    func validateFilling(_ options: SamplingOptions, steps: Int, choiceTemperature: Double) throws(TokenLMError) {
        guard kind == .masked else { throw .kind(expected: .masked, operation: "filling") }
        try options.validate(vocabulary: config.codebookSizes.min() ?? 1)
        guard (1...Self.maximumFillingSteps).contains(steps) else {
            throw .option(name: "steps", reason: "is \(steps), expected 1...\(Self.maximumFillingSteps)")
        }
        guard choiceTemperature >= 0, choiceTemperature.isFinite else {
            throw .option(name: "choice temperature", reason: "is \(choiceTemperature), expected 0 or more")
        }
    }

    /// As the public `fill`, of options that are checked, with the random numbers of `random`.
    func fill(
        _ known: Codes, frames: Int, steps: Int, condition: Condition, options: SamplingOptions, choiceTemperature: Double,
        random: CounterGenerator
    ) throws(TokenLMError) -> Codes {
        let lengths = try pattern.lengths(frames: frames)
        try validate(known, lengths: lengths)
        var filling = Filling(
            model: self, frames: frames, lengths: lengths, known: known, condition: condition, options: options, random: random)
        for group in fillingPlan(codebooks: pattern.codebookCount, steps: steps) {
            for pass in 0..<group.passes {
                let done = Double(pass + 1) / Double(group.passes)
                try filling.pass(
                    group.codebooks, remaining: pass + 1 == group.passes ? 0 : cos(.pi / 2 * done),
                    choiceTemperature: choiceTemperature * (1 - done))
            }
        }
        return Codes(streams: filling.streams)
    }

    /// Logits of every codebook at every base frame, `[frames, codebookSize]` each.
    /// - Parameter streams: codes, `PatternSchedule.absent` where unknown.
    /// - Throws: `TokenLMError`.
    public func maskedLogits(
        _ streams: [[Int32]], frames: Int, condition: Condition = Condition(), codebooks: Range<Int>? = nil
    ) throws(TokenLMError) -> [Frames] {
        guard kind == .masked else { throw .kind(expected: .masked, operation: "filling") }
        guard streams.count == pattern.codebookCount,
            zip(streams, try pattern.lengths(frames: frames)).allSatisfy({ $0.count == $1 })
        else { throw .codes("streams of \(streams.map(\.count)) codes do not fill \(frames) frames") }
        var grid: [Int32] = []
        // A code of stride n is seen at each of its n frames.
        for frame in 0..<frames { for (k, stride) in pattern.strides.enumerated() { grid.append(streams[k][frame / stride]) } }
        let hidden = try bidirectional(grid, condition: condition)
        return (codebooks ?? 0..<pattern.codebookCount).map { logits(hidden, codebook: $0) }
    }
}

/// Which codebooks are filled together, in how many passes.
private func fillingPlan(codebooks: Int, steps: Int) -> [(codebooks: Range<Int>, passes: Int)] {
    let groups = min(codebooks, steps)
    return (0..<groups).map { group in
        (group * codebooks / groups..<(group + 1) * codebooks / groups, group == 0 ? steps - groups + 1 : 1)
    }
}

/// A sequence being filled.
private struct Filling {
    let model: TokenLanguageModel
    let frames: Int
    let condition: Condition
    let options: SamplingOptions
    var random: CounterGenerator
    var streams: [[Int32]]
    /// Codes open at the start, by codebook.
    private let openAtStart: [Int]

    init(
        model: TokenLanguageModel, frames: Int, lengths: [Int], known: Codes, condition: Condition, options: SamplingOptions,
        random: CounterGenerator
    ) {
        (self.model, self.frames, self.condition, self.options, self.random) = (model, frames, condition, options, random)
        streams = zip(known.streams, lengths).map {
            $0 + [Int32](repeating: PatternSchedule.absent, count: $1 - $0.count)
        }
        openAtStart = zip(known.streams, lengths).map { $1 - $0.count }
    }

    /// Draws all open codes of `codebooks` and keeps those of the highest confidence.
    mutating func pass(_ codebooks: Range<Int>, remaining: Double, choiceTemperature: Double) throws(TokenLMError) {
        guard codebooks.contains(where: { streams[$0].contains(PatternSchedule.absent) }) else { return }
        let logits = try model.maskedLogits(streams, frames: frames, condition: condition, codebooks: codebooks)
        let free = options.guidance == 1
            ? nil : try model.maskedLogits(streams, frames: frames, codebooks: codebooks)
        for (place, k) in codebooks.enumerated() {
            fill(k, logits[place], unconditional: free?[place], remaining: remaining, choiceTemperature: choiceTemperature)
        }
    }

    private mutating func fill(
        _ k: Int, _ logits: Frames, unconditional: Frames?, remaining: Double, choiceTemperature: Double
    ) {
        let (size, stride) = (logits.channels, model.pattern.strides[k])
        var drawn: [(time: Int, code: Int32, confidence: Double)] = []
        let values = logits.values
        let others = unconditional?.values
        for time in streams[k].indices where streams[k][time] == PatternSchedule.absent {
            let row = (time * stride * size)..<((time * stride + 1) * size)
            let p = others.map { options.distribution(options.guided(values[row], unconditional: $0[row])) }
                ?? options.distribution(values[row])
            let code = random.code(from: p)
            let gumbel = -log(-log(max(random.uniform(), 0x1p-53)))
            drawn.append((time, code, log(p[Int(code)]) + choiceTemperature * gumbel))
        }
        // At least one a pass, so that every pass is of use.
        let open = min(Int(remaining * Double(openAtStart[k])), drawn.count - 1)
        drawn.sort { ($0.confidence, $1.time) > ($1.confidence, $0.time) }
        for choice in drawn.prefix(drawn.count - open) { streams[k][choice.time] = choice.code }
    }
}
