import ArgumentParser
import Codetta

/// Which language model, and how it is loaded.
struct LanguageModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Name or folder of the token language model (default: the name of the codec with -lm added, such as \(ModelStore.defaultName)-lm).",
            valueName: "name|dir"), completion: .models)
    var lm: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Name or folder of the codec (default: the one that --lm names).", valueName: "name|dir"), completion: .models)
    var model: String?

    /// The language model's name or folder.
    var lmName: String {
        if let lm { return lm }
        var codec = model ?? ModelStore.defaultName
        while codec.count > 1, codec.hasSuffix("/") { codec.removeLast() }
        return codec + "-lm"
    }

    /// The language model's folder.
    /// - Throws: `FileFailure`.
    func locate(_ store: ModelStore) throws -> ModelFolder {
        try FileFailure.naming(lmName) { try store.locate(lmName) }
    }

    /// Language model and codec.
    /// - Parameter ignoringName: see `LoadedLanguageModel.check`.
    /// - Throws: `FileFailure` when one is missing or broken, or when they do not fit.
    func load(
        _ store: ModelStore, precision: WeightPrecision, ignoringName: Bool = false
    ) throws -> (codec: Model, lm: LoadedLanguageModel) {
        let folder = try locate(store)
        let lm = try FileFailure.naming(lmName) { try LoadedLanguageModel(folder, precision: precision) }
        let codec = try FileFailure.naming(model ?? lm.model.config.codec) {
            try model.map { try store.load($0) } ?? store.load(label: lm.model.config.codec)
        }
        try FileFailure.naming(lmName) { try lm.check(codec.codec.description, ignoringName: ignoringName) }
        return (codec, lm)
    }
}

/// The bits that a language model's weights are rounded to.
struct WeightOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Round the language model's weights to int8 or int4 as they are read.", valueName: "type"))
    var weights = WeightPrecision.float
}

extension WeightPrecision: ExpressibleByArgument {
    /// In any letter case.
    public init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}

/// How codes are drawn.
struct SamplingArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The same seed gives the same bytes.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Above 1 gives more variety, below 1 less; 0 takes the likeliest codes.", valueName: "t"))
    var temperature = 1.0

    @Flag(help: "Always take the likeliest code, as --temperature 0 does.")
    var greedy = false

    @Option(help: ArgumentHelp("Draw from the k likeliest codes.", valueName: "k"))
    var topK: Int?

    @Option(help: ArgumentHelp("Draw from the smallest set of likeliest codes that together have this probability.", valueName: "p"))
    var topP: Double?

    @Option(help: ArgumentHelp("Draw from codes that are at least this likely, relative to the likeliest.", valueName: "p"))
    var minP: Double?

    @Option(help: ArgumentHelp("Draw from the codes of most typical information that together have this probability.", valueName: "p"))
    var typical: Double?

    @Option(
        help: ArgumentHelp(
            "Draw again, without the limits above, if a code makes up more than this share of the last codes of its codebook.",
            valueName: "share"))
    var repetitionThreshold: Double?

    @Option(help: ArgumentHelp("How many of the last codes --repetition-threshold looks at (default: 10).", valueName: "n"))
    var repetitionWindow: Int?

    @Option(name: .customLong("class"), help: ArgumentHelp("Class to generate, for models trained with classes.", valueName: "n"))
    var classIndex: Int?

    @Option(help: ArgumentHelp("Text to speak, for models trained with text: one symbol per character.", valueName: "text"))
    var text: String?

    @Option(help: ArgumentHelp("Classifier-free guidance towards --class and --text; 1 is none (default: 1).", valueName: "g"))
    var guidance: Double?

    func validate() throws {
        if greedy && temperature != 1 && temperature != 0 { throw ValidationError("--greedy and --temperature cannot be combined.") }
        if repetitionWindow != nil && repetitionThreshold == nil {
            throw ValidationError("--repetition-window needs --repetition-threshold.")
        }
        if guidance != nil && classIndex == nil && text == nil { throw ValidationError("--guidance needs --class or --text.") }
    }

    var options: SamplingOptions {
        var options = SamplingOptions()
        options.temperature = greedy ? 0 : temperature
        options.topK = topK
        if let topP { options.topP = topP }
        if let minP { options.minP = minP }
        if let typical { options.typical = typical }
        if let guidance { options.guidance = guidance }
        options.repetition = repetitionThreshold.map { .init(window: repetitionWindow ?? 10, threshold: $0) }
        return options
    }

    var condition: Condition {
        text.map { Condition(classIndex: classIndex, text: $0) } ?? Condition(classIndex: classIndex)
    }
}

/// Which guesses a language model confirms, as `--draft` names them.
enum DraftArgument: ExpressibleByArgument, Equatable {
    case ngram(order: Int?, length: Int?)
    case heads(length: Int?)

    /// `ngram`, `ngram:ORDER`, `ngram:ORDER:LENGTH`, `heads` or `heads:LENGTH`.
    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { Int($0) }
        guard numbers.count == parts.count - 1 else { return nil }
        switch parts[0] {
        case "ngram" where numbers.count <= 2: self = .ngram(order: numbers.first, length: numbers.count == 2 ? numbers[1] : nil)
        case "heads" where numbers.count <= 1: self = .heads(length: numbers.first)
        default: return nil
        }
    }

    /// What it means for `model`: unless told otherwise a whole frame must have come before, and four steps are guessed, or as many as
    /// there are heads.
    func drafting(for model: TokenLanguageModel) -> Drafting {
        switch self {
        case .ngram(let order, let length):
            let isOneCodeAStep: Bool
            switch model.pattern.kind {
            case .flatten, .coarseFirst: isOneCodeAStep = true
            case .parallel, .delay, .stackAndDelay: isOneCodeAStep = false
            }
            return .repetition(order: order ?? (isOneCodeAStep ? model.pattern.codebookCount : 1), length: length ?? 4)
        case .heads(let length): return .futureHeads(length: length ?? model.config.futureHeads)
        }
    }
}
