import ArgumentParser
import Codetta
import Foundation

/// `codetta lm score`
struct LMScoreVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Measure how well a language model predicts the tokens of recordings.",
        usage: "codetta lm score <in> ... [<options>]",
        discussion: """
            Bits are −log2 of the probability that the model gives to the actual tokens: the size that an ideal entropy coder would \
            reach with this model. Perplexity is 2 to the power of the mean bits per token: so many equally likely tokens would be \
            as hard to predict. Channels that the codec encodes separately are scored separately.

              codetta lm score talk.wav
              codetta lm score Recordings --json
              codetta lm score talk.codetta --weights int4
            """)

    @Argument(help: ArgumentHelp("Audio and token files or folders.", valueName: "in"), completion: .file())
    var inputs: [String]

    @OptionGroup(title: "Model") var model: LanguageModelOptions
    @OptionGroup(title: "Model") var weights: WeightOptions

    @OptionGroup(title: "Model") var identity: IdentityOption

    @OptionGroup(title: "Input") var audio: AudioInputOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
    }

    func run() throws {
        options.apply()
        let plan = try BatchPlan(
            inputs: inputs, kind: "audio or token files",
            accepts: { FileContent.isRecording($0, via: audio.via) || TokenFormat(fileExtension: $0) == .codetta })
        let (codec, lm) = try model.load(ModelStore(), precision: weights.weights, ignoringName: identity.ignoreWeights)
        let reader = CodeReader(
            model: codec, codebooks: lm.model.pattern.codebookCount, ignoresWeights: identity.ignoreWeights,
            downmix: audio.downmix)
        let (scorer, input, total) = (lm.model, self.audio, ScoreTotal(codebooks: lm.model.pattern.codebookCount))
        let runner = BatchRunner<ScoreDetails>(plan: plan, threads: 1, options: options, isReport: true, doneWord: "scored") {
            result in result.details.map { "\(result.input): \($0.line)" }
        }
        let status = runner.run { job in
            var score = TokenScore(codebooks: scorer.pattern.codebookCount)
            for codes in try reader.codes(of: try InputFile(job.input), audio: input) { score.add(try scorer.score(codes)) }
            total.add(score)
            return ScoreDetails(score, scorer.config)
        }
        let details = ScoreDetails(total.score, scorer.config)
        if options.json {
            Terminal.output(try JSON.line(["total": details]))
        } else if details.frames > 0 {
            Terminal.show(Format.table([("Model", "\(lm.name), \(weights.weights.rawValue) weights")] + details.rows))
        }
        try status.exit()
    }
}

/// The sum of scores that come from anywhere.
private final class ScoreTotal: @unchecked Sendable {
    // `sum` is only touched under `lock`.
    private let lock = NSLock()
    private var sum: TokenScore

    init(codebooks: Int) { sum = TokenScore(codebooks: codebooks) }

    func add(_ score: TokenScore) { lock.withLock { sum.add(score) } }
    var score: TokenScore { lock.withLock { sum } }
}

/// How well tokens were predicted, as `--json` prints it.
private struct ScoreDetails: Encodable, Sendable {
    struct Codebook: Encodable, Sendable {
        var bitsPerToken: Double
        var perplexity: Double
    }

    var frames: Int
    var tokens: Int
    /// Seconds of audio, of all tracks.
    var duration: Double
    var bitsPerToken: Double
    var bitsPerFrame: Double
    var bitsPerSecond: Double
    /// bit/s of codebooks without a model, and the share of it that the model needs.
    var nominalBitrate: Double
    var shareOfNominal: Double
    var perplexity: Double
    var codebooks: [Codebook]

    init(_ score: TokenScore, _ config: TokenLMConfig) {
        frames = score.frames
        tokens = score.counts.reduce(0, +)
        duration = Double(score.frames) / config.frameRate
        bitsPerToken = score.bitsPerCode
        bitsPerFrame = score.bitsPerFrame
        bitsPerSecond = score.bitsPerFrame * config.frameRate
        nominalBitrate = zip(config.codebookSizes, config.codebookStrides).reduce(0) {
            $0 + log2(Double($1.0)) / Double($1.1) * config.frameRate
        }
        shareOfNominal = bitsPerSecond / nominalBitrate
        perplexity = exp2(score.bitsPerCode)
        codebooks = zip(score.bits, score.counts).map { bits, count in
            let mean = count == 0 ? 0 : bits / Double(count)
            return Codebook(bitsPerToken: mean, perplexity: exp2(mean))
        }
    }

    var line: String {
        "\(Format.duration(duration)), \(Format.decimal(bitsPerToken, 3)) bits per token, \(Format.bitrate(bitsPerSecond))"
    }

    var rows: [(String, String)] {
        [
            ("Tokens", "\(tokens) in \(Format.count(frames, "frame")), \(Format.duration(duration))"),
            ("Bits per token", Format.decimal(bitsPerToken, 3)), ("Bits per frame", Format.decimal(bitsPerFrame, 2)),
            ("Bitrate", "\(Format.bitrate(bitsPerSecond)), \(Format.decimal(100 * shareOfNominal, 1)) % of \(Format.bitrate(nominalBitrate))"),
            ("Perplexity", Format.decimal(perplexity, 1)),
        ] + codebooks.enumerated().map { k, codebook in
            ("  codebook \(k)", "\(Format.decimal(codebook.perplexity, 1)), \(Format.decimal(codebook.bitsPerToken, 3)) bits per token")
        }
    }
}
