import ArgumentParser
import Codetta

/// `codetta lm benchmark`
struct LMBenchmarkVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measure how fast a language model generates.",
        usage: "codetta lm benchmark [<options>]",
        discussion: """
            Generates and decodes on one thread: with float, int8 and int4 weights, and with drafts by n-grams and by the model's own \
            heads, if it has any. Tokens and frames per second are those of the language model alone; real time and the time to the \
            first audio include decoding.

              codetta lm benchmark
              codetta lm benchmark --prompt talk.wav --seconds 30 --json
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("Audio or token file to continue; only its first track is used.", valueName: "file"), completion: .file())
    var prompt: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Length that each variant generates.", valueName: "s"))
    var seconds = 10.0

    @OptionGroup(title: "Model") var model: LanguageModelOptions

    @OptionGroup(title: "Model") var identity: IdentityOption

    @OptionGroup(title: "Sampling") var sampling: SamplingArguments
    @OptionGroup(title: "Input") var audio: AudioInputOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if !(seconds > 0 && seconds <= AudioGeneration.maximumSeconds) {
            throw ValidationError("--seconds must be above 0 and at most 3600.")
        }
    }

    func run() throws {
        options.apply()
        let store = ModelStore()
        let (codec, lm) = try model.load(store, precision: .float, ignoringName: identity.ignoreWeights)
        let codes = try prompt.flatMap { try readPrompt($0, codec, codebooks: lm.model.pattern.codebookCount) }
        var variants: [VariantSpeed] = []
        func measure(_ name: String, _ lm: LoadedLanguageModel, draft: DraftArgument? = nil) throws {
            let report = try generate(lm.model, codec, codes, draft?.drafting(for: lm.model))
            variants.append(VariantSpeed(name, report, lm.model))
        }
        for precision in WeightPrecision.allCases {
            try measure(
                precision.rawValue,
                precision == .float ? lm : FileFailure.naming(lm.name) { try LoadedLanguageModel(lm.folder, precision: precision) })
        }
        let takesDrafts = lm.model.kind == .autoregressive
        if takesDrafts { try measure("float, ngram", lm, draft: .ngram(order: nil, length: nil)) }
        if takesDrafts && lm.model.config.futureHeads > 0 { try measure("float, heads", lm, draft: .heads(length: nil)) }
        let result = LMBenchmarkResult(
            lm: lm.name, codec: codec.codec.description.name, kernels: Execution.current.instructionSet.rawValue, seconds: seconds,
            variants: variants, peakMemory: ProcessMemory.peakBytes)
        if options.json { Terminal.output(try JSON.document(result)) } else { Terminal.show(result.text) }
    }

    private func readPrompt(_ name: String, _ codec: Model, codebooks: Int) throws -> Codes? {
        try FileFailure.naming(name == "-" ? "stdin" : name) {
            let reader = CodeReader(
                model: codec, codebooks: codebooks, ignoresWeights: identity.ignoreWeights, downmix: audio.downmix)
            return try reader.codes(of: try InputFile(PathName(argument: name)), audio: audio).first
        }
    }

    private func generate(
        _ model: TokenLanguageModel, _ codec: Model, _ prompt: Codes?, _ drafting: Drafting?
    ) throws -> GenerationReport {
        var settings = GenerationSettings()
        settings.options = sampling.options
        settings.condition = sampling.condition
        settings.seed = sampling.seed
        settings.drafting = drafting
        settings.keepsPrompt = false
        var generation = try AudioGeneration(
            model: codec, languageModel: model, prompt: prompt, seconds: seconds, settings: settings)
        let output = try GenerationOutput(generation, model: codec, write: { _ in })
        return try generation.run(to: [output])
    }
}

/// The speed of one kind of weights and drafts.
private struct VariantSpeed: Encodable {
    var name: String
    /// Of the language model alone.
    var tokensPerSecond: Double?
    var framesPerSecond: Double?
    /// Seconds of audio per second of work, decoding included.
    var realTimeFactor: Double?
    /// Seconds.
    var timeToFirstAudio: Double?
    var passes: Int
    var draftedSteps: Int
    var acceptedSteps: Int
    /// Bytes.
    var weightMemory: Int
    var stateMemory: Int

    init(_ name: String, _ report: GenerationReport, _ model: TokenLanguageModel) {
        self.name = name
        tokensPerSecond = (Double(report.codes) / (report.modelTime / .seconds(1))).finite
        framesPerSecond = (Double(report.frames) / (report.modelTime / .seconds(1))).finite
        realTimeFactor = (report.duration / (report.time / .seconds(1))).finite
        timeToFirstAudio = report.timeToFirstAudio.map { $0 / .seconds(1) }
        passes = report.passes
        draftedSteps = report.drafted
        acceptedSteps = report.accepted
        weightMemory = model.weightBytes
        stateMemory = report.stateBytes
    }

    var line: String {
        let kept = draftedSteps > 0 ? ", \(Format.decimal(100 * Double(acceptedSteps) / Double(draftedSteps), 0)) % of drafts kept" : ""
        return "\(Format.decimal(tokensPerSecond ?? 0, 0)) tokens/s, \(Format.decimal(framesPerSecond ?? 0, 0)) frames/s, "
            + "\(Format.decimal(realTimeFactor ?? 0, 1))× real time, "
            + "first audio \(Format.decimal(1000 * (timeToFirstAudio ?? 0), 0)) ms, "
            + "weights \(Format.bytes(weightMemory))\(kept)"
    }
}

/// What a benchmark of a language model prints.
private struct LMBenchmarkResult: Encodable {
    var lm: String
    var codec: String
    var kernels: String
    /// Of audio that each variant generated.
    var seconds: Double
    var variants: [VariantSpeed]
    /// Of all variants together, in bytes.
    var peakMemory: Int

    var text: String {
        Format.table(
            [("Models", "\(lm) on \(codec)"), ("Kernels", kernels), ("Audio", Format.duration(seconds))]
                + variants.map { ($0.name, $0.line) }
                + [("Peak memory", Format.bytes(peakMemory))])
    }
}
