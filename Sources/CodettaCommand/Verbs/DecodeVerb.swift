import ArgumentParser
import Codetta

/// `codetta decode`
struct DecodeVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Turn a token file back into audio.",
        usage: "codetta decode <in> ... [-o <out>] [<options>]",
        discussion: """
            The audio has the sample rate, the channels and the exact length of the original. The model is the one that the \
            file names, unless another is given. Codes in .npy files are taken for the given model's. Where that is a vocoder, the \
            inputs are files of its features (encode --features mel), and the audio has its rate.

              codetta decode talk.codetta                      writes talk.wav
              codetta decode talk.codetta -o talk.flac --subtype pcm24
              codetta decode - -o - < t.codetta | aplay
              codetta decode Tokens -o Audio --container flac  a whole folder
              codetta decode cut.codetta --lenient             saves what is sound
              codetta decode t.codetta --lose random:10        as over a bad line
              codetta decode coarse.codetta --predict-fine     guesses codebooks
              codetta decode mel.npy -m vocos-mel-24khz -o talk.wav
            """)

    @Argument(help: ArgumentHelp("Token files or folders, or '-' for the standard input.", valueName: "in"))
    var inputs: [String]

    @OptionGroup(title: "Output") var batch: BatchOptions

    @Option(
        help: ArgumentHelp(
            "wav, flac, ogg, mp3, aiff, au, caf, w64, rf64 or raw (default: by the output's name, else wav).",
            valueName: "format"))
    var container: String?

    @Option(
        help: ArgumentHelp(
            "Samples of the output: pcm16, pcm24, pcm32, float … (default: as detailed as the original, at least pcm16).",
            valueName: "format"))
    var subtype: String?

    @OptionGroup(title: "Model") var model: ModelOption
    @OptionGroup(title: "Speed") var threads: ThreadOption

    @Flag(help: "Conceal damage and save what is sound.")
    var lenient = false

    @Flag(
        help: """
            Fill in codebooks that a file does not have, by a token language model: those that it knows beyond the file's.
            """)
    var predictFine = false

    @Option(
        help: ArgumentHelp(
            "Name or folder of that language model (default: the codec's with -lm).", valueName: "name|dir"))
    var lm: String?

    @OptionGroup(title: "Loss") var losses: LossOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
        if lm != nil && !predictFine { throw ValidationError("--lm is for --predict-fine.") }
        if let container, ContainerFormat(named: container) == nil {
            throw ValidationError("--container \(container) is unknown; known: \(ContainerFormat.writableNames).")
        }
        if let subtype, SampleFormat(named: subtype) == nil {
            let names = SampleFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--subtype \(subtype) is unknown; known: \(names).")
        }
    }

    func run() throws {
        options.apply()
        threads.apply()
        if let model = model.model, let vocoder = try FileFailure.naming(model, { try ModelStore().vocoder(model) }) {
            return try synthesize(vocoder)
        }
        let plan = try BatchPlan(
            inputs: inputs, output: batch.output, outputExtension: container?.lowercased() ?? "wav", kind: "token files",
            accepts: { TokenFormat(fileExtension: $0) == .codetta })
        try options.refuseDataOnStandardOutput(plan)
        let models = ModelStore()
        let loaded = try model.model.map { name in try FileFailure.naming(name) { try models.load(name) } }
        let task = DecodeTask(
            models: models, model: model.model, entropyModels: loaded.map { EntropyModels(folder: $0.folder) } ?? .standard,
            container: container.flatMap(ContainerFormat.init(named:)),
            sampleFormat: subtype.flatMap(SampleFormat.init(named:)), isLenient: lenient, ignoresNames: batch.force,
            loss: try losses.loss(), languageModel: try languageModel(models), outputs: batch.policy(options))
        try BatchRunner<Timed<DecodingReport>>(plan: plan, threads: batch.jobs, options: options) { $0.decodingText }.run(task).exit()
    }

    private func synthesize(_ vocoder: VocosVocoder) throws {
        if try lenient || batch.resume || predictFine || losses.loss() != nil {
            throw ValidationError("A vocoder goes without --lenient, --lose, --predict-fine and --resume.")
        }
        let plan = try BatchPlan(
            inputs: inputs, output: batch.output, outputExtension: container?.lowercased() ?? "wav",
            kind: "features (.npy or .safetensors)", accepts: LatentFiles.accepts)
        try options.refuseDataOnStandardOutput(plan)
        let task = SynthesisTask(
            decoder: FeatureDecoder(
                vocoder: vocoder, container: container.flatMap(ContainerFormat.init(named:)),
                sampleFormat: subtype.flatMap(SampleFormat.init(named:))),
            outputs: batch.policy(options))
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
    static var writableNames: String { writable.map(\.rawValue).joined(separator: ", ") }
}
