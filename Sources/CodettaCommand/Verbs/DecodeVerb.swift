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
            batch: batch, container: container.flatMap(ContainerFormat.init(named:)),
            sampleFormat: subtype.flatMap(SampleFormat.init(named:)), isLenient: lenient, loss: try losses.loss(),
            languageModel: try languageModel(models), showsProgress: batch.jobs == 1 && !options.quiet)
        let runner = BatchRunner<DecodingDetails>(plan: plan, threads: batch.jobs, options: options) { $0.decodingText }
        try runner.run { try task.run($0) }.exit()
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
            batch: batch, showsProgress: batch.jobs == 1 && !options.quiet)
        let runner = BatchRunner<SynthesisDetails>(plan: plan, threads: batch.jobs, options: options) { $0.synthesisText }
        try runner.run { try task.run($0) }.exit()
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

/// Decodes one file after another.
struct DecodeTask: Sendable {
    let models: ModelStore
    let model: String?
    let entropyModels: EntropyModels
    let batch: BatchOptions
    let container: ContainerFormat?
    let sampleFormat: SampleFormat?
    let isLenient: Bool
    let loss: PacketLoss?
    /// Fills in codebooks that files do not have.
    let languageModel: LoadedLanguageModel?
    let showsProgress: Bool

    /// Nil when `--resume` found the work done.
    func run(_ job: Job) throws -> DecodingDetails? {
        let input = try InputFile(job.input)
        if batch.resume, try isDone(job) { return nil }
        let container = try container ?? FileFailure.naming(job.output.description) { try job.output.namedContainer() }
        let output = try openOutput(job, batch: batch, input: input)
        let reader = try openTokens(input)
        let loaded = try loadModel(reader.header)
        var decoder = FileDecoder(
            codec: loaded.codec, weights: loaded.weightsSHA256, ignoresWeights: batch.force, container: container,
            sampleFormat: sampleFormat)
        decoder.loss = loss
        if let languageModel {
            try languageModel.check(loaded.codec.description, ignoringName: batch.force)
            decoder.finePrediction = FinePrediction(model: languageModel.model)
        }
        let progress = Progress(
            input.name, total: reader.header?.original.sampleCount,
            rate: reader.header?.original.sampleRate ?? loaded.codec.description.sampleRate, isShown: showsProgress)
        defer { progress.finish() }
        let (report, seconds) = try FileFailure.completing(output) {
            try decoder.decode(reader, to: output, progress: progress.update)
        }
        if languageModel != nil && report.predictedCodebooks == 0 {
            Log.warning("has all codebooks that the language model knows; none was filled in", file: input.name)
        }
        for warning in report.warnings { Log.warning(warning, file: input.name) }
        return DecodingDetails(report, seconds: seconds)
    }

    private func openTokens(_ input: InputFile) throws -> TokenFileReader {
        try TokenFileReader(
            source: try input.byteSource(), mode: isLenient ? .lenient : .strict, entropyModels: entropyModels)
    }

    private func loadModel(_ header: TokenHeader?) throws -> LoadedModel {
        if let model { return try models.load(model) }
        guard let header else { return try models.load(ModelStore.defaultName) }
        return try models.load(namedBy: header)
    }

    private func isDone(_ job: Job) throws -> Bool {
        guard FileSystem.status(job.output)?.type == .regular else { return false }
        let reader = try openTokens(try InputFile(job.input))
        while reader.header != nil, try reader.next() != nil {}
        guard let header = reader.header, let samples = reader.samples else { return false }
        return Resume.isSoundAudio(job.output, header, samples: samples)
    }
}

/// The result of one decoding, as `--json` prints it.
struct DecodingDetails: Encodable, Sendable {
    var model: String
    var sampleRate: Int
    var channels: Int
    var samples: Int
    /// Seconds of audio.
    var duration: Double
    var container: String
    var subtype: String
    var clippedSamples: Int
    var concealedFrames: Int
    /// Frames that `--lose` took.
    var lostFrames: Int
    /// Codebooks that `--predict-fine` filled in.
    var predictedCodebooks: Int
    /// Seconds of audio a second of work.
    var realTimeFactor: Double?
    var warnings: [String]

    init(_ report: DecodingReport, seconds: Double) {
        model = report.header.codecName
        sampleRate = report.header.original.sampleRate
        channels = report.channels
        samples = report.samples
        duration = report.duration
        container = report.container.rawValue
        subtype = report.sampleFormat.rawValue
        clippedSamples = report.clippedSamples
        concealedFrames = report.concealedFrames
        lostFrames = report.lostFrames
        predictedCodebooks = report.predictedCodebooks
        realTimeFactor = (report.duration / seconds).finite
        warnings = report.warnings
    }
}

extension FileResult where Details == DecodingDetails {
    fileprivate var decodingText: String? {
        guard let details, let output else { return nil }
        return "\(input) → \(output): \(Format.duration(details.duration)), \(details.sampleRate) Hz, "
            + "\(Format.count(details.channels, "channel")), \(details.subtype)"
    }
}

extension PathName {
    /// The container that an output's name asks for; nil leaves the default.
    /// - Throws: `AudioError.unknownContainer`.
    func namedContainer() throws -> ContainerFormat? {
        guard !isStandardStream, FileSystem.status(self)?.type != .other, !fileExtension.isEmpty else { return nil }
        guard let container = ContainerFormat(fileExtension: fileExtension) else {
            throw AudioError.unknownContainer(fileExtension)
        }
        return container
    }
}

extension ContainerFormat {
    static var writableNames: String { writable.map(\.rawValue).joined(separator: ", ") }
}
