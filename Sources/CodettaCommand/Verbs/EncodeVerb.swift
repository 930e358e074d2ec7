import ArgumentParser
import Codetta

/// `codetta encode`
struct EncodeVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Turn audio into a token file.",
        usage: "codetta encode <in> ... [-o <out>] [<options>]",
        discussion: """
            Reads what libsndfile reads (WAV, FLAC, Ogg, MP3, AIFF …) at any sample rate, or raw PCM. The token file remembers \
            the rate and the exact length. A mono model codes each channel by itself, so stereo stays stereo.

              codetta encode talk.wav                          writes talk.codetta
              codetta encode talk.flac -o t.codetta -b 3       at 3 kb/s
              cat talk.wav | codetta encode - -o - > t.codetta
              codetta encode talk.wav --bitrate 3 --search beam:8
              codetta encode talk.wav --latents -o talk.npy
              codetta encode talk.wav --features mfcc -o talk.npy
              codetta encode Recordings -o Tokens --resume     a whole folder
              codetta encode talk.wav --entropy lm --search rate:8
              codetta encode call.pcm --rate 8000 --sample-format mulaw
            """)

    @Argument(help: ArgumentHelp("Audio files or folders, or '-' for the standard input.", valueName: "in"))
    var inputs: [String]

    @OptionGroup(title: "Output") var batch: BatchOptions

    @Option(
        help: ArgumentHelp(
            """
            codetta, json, npz, safetensors, npy (integer array, no metadata), ecdc or dac (default: by the output's name, \
            else codetta).
            """,
            valueName: "format"))
    var format: TokenFormat?

    @Flag(help: "Write the encoder's continuous latents in place of codes: .npy, or .safetensors by the output's name.")
    var latents = false

    @Option(
        help: ArgumentHelp(
            """
            Write features in place of codes, as --latents does: mel (80 bands) or mfcc (13 coefficients), 100 frames a second; mel \
            with a vocoder as --model are that one's.
            """,
            valueName: "kind"))
    var features: FeatureKind?

    @Option(
        help: ArgumentHelp(
            """
            none, or for smaller files of the same codes adaptive, which learns from the file, or lm, which also knows the \
            model's codes beforehand; both take time and slow seeking.
            """, valueName: "mode"))
    var entropy = EntropyMode.none

    @OptionGroup(title: "Model") var model: ModelOption
    @OptionGroup(title: "Speed") var threads: ThreadOption
    @OptionGroup(title: "Bitrate") var rate: RateOptions
    @OptionGroup(title: "Search") var search: SearchOptions
    @OptionGroup(title: "Input") var audio: AudioInputOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
        if search.weighsRate && entropy == .none { throw ValidationError("\(PipelineError.unpricedSearch(search.search ?? "")).") }
        let choosesCodes = rate.codebooks != nil || rate.bitrate != nil || search.search != nil
        let isContinuous = latents || features != nil
        if isContinuous && (choosesCodes || format != nil || entropy != .none || batch.resume) {
            let flag = latents ? "--latents" : "--features"
            throw ValidationError("\(flag) goes without --format, --codebooks, --bitrate, --search, --entropy and --resume.")
        }
        if features != nil && latents { throw ValidationError("--features goes without --latents.") }
        if features == .mfcc && model.model != nil { throw ValidationError("--features mfcc goes without --model.") }
    }

    func run() throws {
        options.apply()
        threads.apply()
        if latents || features != nil { return try writeContinuous() }
        let named = batch.output.flatMap { TokenFormat(fileExtension: PathName(argument: $0).fileExtension) }
        let format = format ?? named ?? .codetta
        guard entropy == .none || format == .codetta else {
            throw ValidationError("--entropy \(entropy.name) is for .codetta files, not for \(format.rawValue).")
        }
        let plan = try BatchPlan(
            inputs: inputs, output: batch.output, outputExtension: format.rawValue, kind: "audio files",
            accepts: AudioExtensions.accepts)
        try options.refuseDataOnStandardOutput(plan)
        let name = model.model ?? ModelStore.defaultName
        let model = try FileFailure.naming(name) { try search.applied(to: ModelStore().load(name)) }
        let entropyModels = EntropyModels(folder: model.folder)
        let entropyModel = try FileFailure.naming(name) { try entropyModels.model(for: entropy, in: model.folder) }
        let task = EncodeTask(
            encoder: FileEncoder(
                codec: model.codec, weights: model.weightsSHA256, choice: rate.choice, downmix: audio.downmix, format: format,
                entropy: entropy, entropyModel: entropyModel),
            entropyModels: entropyModels,
            audio: audio, batch: batch, showsProgress: batch.jobs == 1 && !options.quiet)
        let runner = BatchRunner<EncodingDetails>(plan: plan, threads: batch.jobs, options: options) { $0.encodingText }
        try runner.run { try task.run($0) }.exit()
    }

    private func writeContinuous() throws {
        let format = batch.output.flatMap { LatentFormat(rawValue: PathName(argument: $0).fileExtension) } ?? .npy
        let plan = try BatchPlan(
            inputs: inputs, output: batch.output, outputExtension: format.rawValue, kind: "audio files",
            accepts: AudioExtensions.accepts)
        try options.refuseDataOnStandardOutput(plan)
        let task = LatentTask(
            write: try writer(format), audio: audio, batch: batch, noun: features == nil ? "latents" : "features",
            showsProgress: batch.jobs == 1 && !options.quiet)
        let runner = BatchRunner<LatentDetails>(plan: plan, threads: batch.jobs, options: options) { $0.latentText(task.noun) }
        try runner.run { try task.run($0) }.exit()
    }

    private func writer(_ format: LatentFormat) throws -> LatentTask.Writer {
        if let features {
            let vocoder = try model.model.map { name in try FileFailure.naming(name) { try VocosVocoder(ModelStore().locate(name)) } }
            let export = try vocoder.map { FeatureExport(vocoder: $0, format: format) } ?? FeatureExport(features, format: format)
            return { try export.write($0, to: $1, progress: $2) }
        }
        let name = model.model ?? ModelStore.defaultName
        let model = try FileFailure.naming(name) { try ModelStore().load(name) }
        let encoder = FileEncoder(codec: model.codec, weights: model.weightsSHA256, downmix: audio.downmix)
        let export = LatentExport(encoder, format: format)
        return { try export.write($0, to: $1, progress: $2) }
    }
}

/// Encodes one file after another.
struct EncodeTask: Sendable {
    let encoder: FileEncoder
    let entropyModels: EntropyModels
    let audio: AudioInputOptions
    let batch: BatchOptions
    let showsProgress: Bool

    /// Nil when `--resume` found the work done.
    func run(_ job: Job) throws -> EncodingDetails? {
        let input = try InputFile(job.input)
        if batch.resume, let check = try existing(job) {
            if check { return nil }
        }
        let output = try openOutput(job, batch: batch, input: input)
        let reader = try audio.open(input)
        let progress = Progress(input.name, total: reader.totalSamples, rate: reader.sampleRate, isShown: showsProgress)
        defer { progress.finish() }
        let (report, seconds) = try FileFailure.completing(output) {
            try encoder.encode(reader, to: output, progress: progress.update)
        }
        for warning in report.warnings { Log.warning(warning, file: input.name) }
        return EncodingDetails(report, seconds: seconds)
    }

    /// Whether the output is there and sound; nil when there is none.
    /// - Throws: `PipelineError.otherSettings` for a sound file of another model or bitrate.
    private func existing(_ job: Job) throws -> Bool? {
        guard FileSystem.status(job.output)?.type == .regular else { return nil }
        guard encoder.format != .npy && encoder.format != .dac else { return try Resume.isSoundArray(job.output) }
        guard let header = try Resume.soundHeader(job.output, entropyModels: entropyModels) else { return false }
        if let difference = try Resume.difference(header, encoder) {
            throw FileFailure(file: job.output.description, cause: PipelineError.otherSettings(difference: difference))
        }
        return true
    }
}

/// The result of one encoding, as `--json` prints it.
struct EncodingDetails: Encodable, Sendable {
    var model: String
    var codebooks: Int
    var tracks: Int
    var sampleRate: Int
    var channels: Int
    var samples: Int
    /// Seconds of audio.
    var duration: Double
    var bytes: Int
    /// bit/s.
    var nominalBitrate: Double
    var actualBitrate: Double?
    /// Seconds of audio a second of work.
    var realTimeFactor: Double?
    var peak: Float
    var sanitizedSamples: Int
    var warnings: [String]

    init(_ report: EncodingReport, seconds: Double) {
        model = report.header.codecName
        codebooks = report.header.layout.codebooks.count
        tracks = report.header.trackCount
        sampleRate = report.header.original.sampleRate
        channels = report.header.original.channels
        samples = report.samples
        duration = report.duration
        bytes = report.byteCount
        nominalBitrate = report.header.nominalBitrate
        actualBitrate = report.actualBitrate
        realTimeFactor = (report.duration / seconds).finite
        peak = report.peak
        sanitizedSamples = report.sanitizedSamples
        warnings = report.warnings
    }
}

extension FileResult where Details == EncodingDetails {
    fileprivate var encodingText: String? {
        guard let details, let output else { return nil }
        return "\(input) → \(output): \(Format.duration(details.duration)), \(Format.bitrate(details.nominalBitrate)) nominal, "
            + "\(Format.bitrate(details.actualBitrate)) actual, \(Format.bytes(details.bytes))"
    }
}

extension TokenFormat: ExpressibleByArgument {}
extension FeatureKind: ExpressibleByArgument {}

extension EntropyMode: ExpressibleByArgument {
    public init?(argument: String) {
        guard let mode = Self.allCases.first(where: { $0.name == argument }) else { return nil }
        self = mode
    }

    public var defaultValueDescription: String { name }
    public static var allValueStrings: [String] { allCases.map(\.name) }
}
