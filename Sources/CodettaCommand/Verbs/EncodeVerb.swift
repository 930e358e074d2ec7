import ArgumentParser
import Codetta

/// `codetta encode`
struct EncodeVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Turn audio into a token file.",
        usage: "codetta encode <in> ... [-o <out>] [<options>]",
        discussion: """
            Reads WAV, FLAC, Ogg, MP3, AIFF and other files that libsndfile knows, at any sample rate, and raw PCM. The token file \
            keeps the sample rate and the exact length. A mono model encodes each channel separately, so stereo stays stereo.

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

    @Argument(help: ArgumentHelp("Audio files or folders, or '-' for the standard input.", valueName: "in"), completion: .file())
    var inputs: [String]

    @OptionGroup(title: "Output") var batch: BatchOptions

    @Option(
        help: ArgumentHelp(
            """
            Format of the token file; npy holds the codes alone, without metadata (default: by the output's name, else codetta).
            """,
            valueName: "format"))
    var format: TokenFormat?

    @Flag(help: "Write the encoder's continuous latents instead of codes, as .npy, or as .safetensors if the output is named so.")
    var latents = false

    @Option(
        help: ArgumentHelp(
            """
            Write features instead of codes, in the files of --latents: mel (80 bands) or mfcc (13 coefficients), 100 frames per \
            second. With a vocoder as --model, mel writes the features that it takes.
            """,
            valueName: "kind"))
    var features: FeatureKind?

    @Option(
        help: ArgumentHelp(
            """
            Entropy coding: makes files smaller without changing the codes. adaptive learns from the file itself, lm also uses \
            a network that predicts this model's codes. Both take time and make seeking slower.
            """, valueName: "mode"))
    var entropy = EntropyArgument.none

    @Option(
        help: ArgumentHelp(
            """
            What the token file is for: archive (few bytes) or stream (half a second is the most that must come before it plays, or that damage \
            costs).
            """, valueName: "preset"))
    var preset = PresetArgument.archive

    @Option(help: ArgumentHelp("Write a text about the recording into the token file, such as speaker=Ann. May be repeated.", valueName: "key=value"))
    var tag: [String] = []

    @OptionGroup(title: "Model") var model: ModelOption
    @OptionGroup(title: "Speed") var threads: ThreadOption
    @OptionGroup(title: "Bitrate") var rate: RateOptions
    @OptionGroup(title: "Search") var search: SearchOptions
    @OptionGroup(title: "Input") var audio: AudioInputOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
        _ = try TagArgument.parse(tag)
        if search.weighsRate && entropy == .none { throw ValidationError("\(Hint.message(PipelineError.unpricedSearch(search.search ?? ""))).") }
        let choosesCodes = rate.codebooks != nil || rate.bitrate != nil || search.search != nil
        let isContinuous = latents || features != nil
        if isContinuous && (choosesCodes || format != nil || entropy != .none || batch.resume) {
            let flag = latents ? "--latents" : "--features"
            throw ValidationError("\(flag) cannot be combined with --format, --codebooks, --bitrate, --search, --entropy or --resume.")
        }
        if features != nil && latents { throw ValidationError("--features and --latents cannot be combined.") }
        if features == .mfcc && model.model != nil { throw ValidationError("--features mfcc cannot be combined with --model.") }
    }

    func run() throws {
        options.apply()
        threads.apply()
        if latents || features != nil { return try writeContinuous() }
        let named = batch.output.flatMap { TokenFormat(fileExtension: PathName(argument: $0).fileExtension) }
        let format = format ?? named ?? .codetta
        guard entropy == .none || format == .codetta else {
            throw ValidationError("--entropy \(entropy.rawValue) is for .codetta files, not for \(format.rawValue).")
        }
        let plan = try BatchPlan(
            inputs: inputs, target: batch.target, outputExtension: format.rawValue, content: .tokens, kind: "audio files",
            accepts: { FileContent.isRecording($0, via: audio.via) })
        try options.refuseDataOnStandardOutput(plan)
        let name = model.model ?? ModelStore.defaultName
        let model = try FileFailure.naming(name) { try search.applied(to: ModelStore().load(name)) }
        // A model without what the entropy mode needs is told before any file is read.
        _ = try FileFailure.naming(name) { try model.entropyModel(for: entropy.mode) }
        var encoder = FileEncoder(model: model, choice: rate.choice, downmix: audio.downmix, format: format, entropy: entropy.mode)
        encoder.preset = preset.preset
        encoder.tags = try TagArgument.parse(tag)
        let task = EncodeTask(
            encoder: encoder, audio: audio, search: search.search, outputs: batch.policy(options, plan))
        try BatchRunner<Timed<EncodingReport>>(plan: plan, threads: batch.jobs, options: options) { $0.encodingText }.run(task).exit()
    }

    private func writeContinuous() throws {
        let format = batch.output.flatMap { LatentFormat(rawValue: PathName(argument: $0).fileExtension) } ?? .npy
        let plan = try BatchPlan(
            inputs: inputs, target: batch.target, outputExtension: format.rawValue, content: .latents, kind: "audio files",
            accepts: { FileContent.isRecording($0, via: audio.via) })
        try options.refuseDataOnStandardOutput(plan)
        let task = LatentTask(
            write: try writer(format), audio: audio, outputs: batch.policy(options, plan))
        let noun = features == nil ? "latents" : "features"
        try BatchRunner<Timed<LatentReport>>(plan: plan, threads: batch.jobs, options: options) { $0.latentText(noun) }.run(task).exit()
    }

    private func writer(_ format: LatentFormat) throws -> LatentTask.Writer {
        if let features {
            let vocoder = try model.model.map { name in try FileFailure.naming(name) { try VocosVocoder(ModelStore().locate(name)) } }
            let export = try vocoder.map { FeatureExport(vocoder: $0, format: format) } ?? FeatureExport(features, format: format)
            return { try export.write($0, to: $1, progress: $2) }
        }
        let name = model.model ?? ModelStore.defaultName
        let model = try FileFailure.naming(name) { try ModelStore().load(name) }
        let encoder = FileEncoder(model: model, downmix: audio.downmix)
        let export = LatentExport(encoder, format: format)
        return { try export.write($0, to: $1, progress: $2) }
    }
}

extension TokenFormat: ExpressibleByArgument {
    /// In any letter case, as for all names of formats and kinds.
    public init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}

extension FeatureKind: ExpressibleByArgument {
    /// In any letter case.
    public init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}

/// How `--entropy` names the entropy modes.
enum EntropyArgument: String, CaseIterable, ExpressibleByArgument {
    case none, adaptive, lm

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }

    var mode: EntropyMode {
        switch self {
        case .none: return .none
        case .adaptive: return .adaptive
        case .lm: return .lm
        }
    }
}
