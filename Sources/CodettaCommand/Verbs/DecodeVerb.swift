import ArgumentParser
import Codetta

/// `codetta decode`
struct DecodeVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Turn a token file back into audio.",
        usage: "codetta decode <in> ... [-o <out>] [<options>]",
        discussion: """
            The audio has the sample rate, the channels and the exact length of the original. The file names the model that is \
            needed; --model takes another. A .npy file names no model: its codes are decoded with --model. If --model is a vocoder, \
            the inputs are feature files ('encode --features mel') and the audio has the vocoder's sample rate.

              codetta decode talk.codetta                      writes talk.wav
              codetta decode talk.codetta -o talk.flac --subtype pcm24
              codetta decode - -o - < t.codetta | aplay
              codetta decode Tokens -o Audio --container flac  a whole folder
              codetta decode cut.codetta --lenient             decodes what is sound
              codetta decode t.codetta --from 1:02.5 --to 2:00 decodes a part
              codetta decode https://example.org/t.codetta --from 5 --to 6   fetches little more than that part
              codetta decode t.codetta --lose random:10        loses 10 % of the frames
              codetta decode coarse.codetta --predict-fine     predicts codebooks
              codetta decode mel.npy -m vocos-mel-24khz -o talk.wav
            """)

    @Argument(help: ArgumentHelp("Token files, their addresses on the web, folders, or '-' for the standard input.", valueName: "in"), completion: .file())
    var inputs: [String]

    @OptionGroup(title: "Output") var batch: BatchOptions

    @Option(
        help: ArgumentHelp(
            "Format of the audio file: wav, flac, ogg (Vorbis), opus, mp3, aiff, aifc, au, caf, w64, rf64 or raw (default: by the output's name, else wav).",
            valueName: "format"), completion: .audioForms)
    var container: String?

    @Option(
        help: ArgumentHelp(
            "Format of the samples: pcm16, pcm24, pcm32, float … (default: as precise as the original, at least pcm16).",
            valueName: "format"), completion: .sampleFormats)
    var subtype: String?

    @OptionGroup(title: "Model") var model: ModelOption
    @OptionGroup(title: "Model") var identity: IdentityOption
    @OptionGroup(title: "Speed") var threads: ThreadOption
    @OptionGroup(title: "Part") var part: SpanOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Decode the first codebooks alone, for models that can (default: all that the file has).", valueName: "k"))
    var codebooks: Int?

    @Flag(help: "Decode a damaged file: conceal the damage and keep what is sound.")
    var lenient = false

    @Flag(
        help: """
            Predict codebooks that the file lacks with a token language model, as far as the model knows them.
            """)
    var predictFine = false

    @Option(
        help: ArgumentHelp(
            "Name or folder of that language model (default: the name of the codec with -lm added).", valueName: "name|dir"), completion: .models)
    var lm: String?

    @OptionGroup(title: "Loss") var losses: LossOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
        if let codebooks, codebooks < 1 { throw ValidationError("--codebooks must be at least 1.") }
        if lm != nil && !predictFine { throw ValidationError("--lm needs --predict-fine.") }
        if let container, OutputForm(named: container) == nil {
            throw ValidationError("--container \(container) is unknown; known: \(ContainerFormat.writableNames).")
        }
        if let subtype, SampleFormat(named: subtype) == nil {
            let names = SampleFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--subtype \(subtype) is unknown; known: \(names).")
        }
    }

    private var form: OutputForm? { container.flatMap(OutputForm.init(named:)) }

    func run() throws {
        options.apply()
        threads.apply()
        if let model = model.model, let vocoder = try FileFailure.naming(model, { try ModelStore().vocoder(model) }) {
            return try synthesize(vocoder)
        }
        let plan = try BatchPlan(
            inputs: inputs, target: batch.target, outputExtension: form?.fileExtension ?? "wav", content: .audio, kind: "token files",
            accepts: { TokenFormat(fileExtension: $0) == .codetta })
        try options.refuseDataOnStandardOutput(plan)
        let models = ModelStore()
        let loaded = try model.model.map { name in try FileFailure.naming(name) { try models.load(name) } }
        let task = DecodeTask(
            models: models, model: model.model, entropyModels: loaded.map { EntropyModels($0) } ?? .standard,
            form: form,
            sampleFormat: subtype.flatMap(SampleFormat.init(named:)), isLenient: lenient, ignoresWeights: identity.ignoreWeights,
            loss: try losses.loss(), span: try part.span(), codebooks: codebooks, languageModel: try languageModel(models), outputs: batch.policy(options, plan))
        try BatchRunner<Timed<DecodingReport>>(plan: plan, threads: batch.jobs, options: options) { $0.decodingText }.run(task).exit()
    }

    private func synthesize(_ vocoder: VocosVocoder) throws {
        if try lenient || batch.resume || predictFine || losses.loss() != nil || part.span() != nil || codebooks != nil {
            throw ValidationError("A vocoder cannot be combined with --lenient, --lose, --predict-fine, --from, --to, --codebooks or --resume.")
        }
        let plan = try BatchPlan(
            inputs: inputs, target: batch.target, outputExtension: form?.fileExtension ?? "wav", content: .audio,
            kind: "features (.npy or .safetensors)", accepts: LatentFiles.accepts)
        try options.refuseDataOnStandardOutput(plan)
        let task = SynthesisTask(
            vocoder: vocoder, form: form, sampleFormat: subtype.flatMap(SampleFormat.init(named:)),
            outputs: batch.policy(options, plan))
        try BatchRunner<Timed<SynthesisReport>>(plan: plan, threads: batch.jobs, options: options) { $0.synthesisText }.run(task).exit()
    }
}

extension DecodeVerb {
    /// The model of `--predict-fine`; nil without.
    private func languageModel(_ models: ModelStore) throws -> LoadedLanguageModel? {
        guard predictFine else { return nil }
        var options = LanguageModelOptions()
        (options.lm, options.model) = (lm, model.model)
        return try FileFailure.naming(options.lmName) { try LoadedLanguageModel(try options.locate(models)) }
    }
}

extension ContainerFormat {
    static var writableNames: String {
        OutputForm.names.filter { ContainerFormat(named: $0).map(writable.contains) ?? false }.joined(separator: ", ")
    }
}

extension OutputForm {
    /// The extension of files of this form.
    var fileExtension: String { container == .ogg && sampleFormat == .opus ? "opus" : container.rawValue }
}
