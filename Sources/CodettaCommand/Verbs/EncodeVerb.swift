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
            encoder: AudioEncoder(
                codec: model.codec, weights: model.weightsSHA256, choice: rate.choice, downmix: audio.downmix, format: format,
                entropy: entropy, entropyModel: entropyModel),
            entropyModels: entropyModels, audio: audio, outputs: batch.policy(options))
        try BatchRunner<Timed<EncodingReport>>(plan: plan, threads: batch.jobs, options: options) { $0.encodingText }.run(task).exit()
    }

    private func writeContinuous() throws {
        let format = batch.output.flatMap { LatentFormat(rawValue: PathName(argument: $0).fileExtension) } ?? .npy
        let plan = try BatchPlan(
            inputs: inputs, output: batch.output, outputExtension: format.rawValue, kind: "audio files",
            accepts: AudioExtensions.accepts)
        try options.refuseDataOnStandardOutput(plan)
        let task = LatentTask(
            write: try writer(format), audio: audio, outputs: batch.policy(options))
        let noun = features == nil ? "latents" : "features"
        try BatchRunner<Timed<LatentReport>>(plan: plan, threads: batch.jobs, options: options) { $0.latentText(noun) }.run(task).exit()
    }

    private func writer(_ format: LatentFormat) throws -> LatentTask.Writer {
        if let features {
            let vocoder = try model.model.map { name in try FileFailure.naming(name) { try VocosVocoder(folder: ModelStore().locate(name)) } }
            let export = try vocoder.map { FeatureExport(vocoder: $0, format: format) } ?? FeatureExport(features, format: format)
            return { try export.write($0, to: $1, progress: $2) }
        }
        let name = model.model ?? ModelStore.defaultName
        let model = try FileFailure.naming(name) { try ModelStore().load(name) }
        let encoder = AudioEncoder(codec: model.codec, weights: model.weightsSHA256, downmix: audio.downmix)
        let export = LatentExport(encoder, format: format)
        return { try export.write($0, to: $1, progress: $2) }
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
