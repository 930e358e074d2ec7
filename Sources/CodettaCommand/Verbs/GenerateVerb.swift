import ArgumentParser
import Codetta

/// `codetta generate`
struct GenerateVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a recording, or generate a new one, with a token language model.",
        usage: "codetta generate -o <out> [--prompt <file>] [--seconds <s>] [<options>]",
        discussion: """
            The prompt is encoded, the language model continues its tokens, and the codec decodes them as they come. A model that \
            knows only the first codebooks of the codec uses only those: the audio has the quality of that lower bitrate. The output \
            may also be a token file.

              codetta generate -o new.wav --seconds 5 --seed 1
              codetta generate --prompt talk.wav -o more.wav --top-p 0.9
              codetta generate --prompt talk.codetta -o more.codetta
              codetta generate --prompt a.wav -n 4 -o take.wav   take-1.wav …
              codetta generate --seconds 600 -o - --format raw | aplay -r 24000 -f S16_LE
              codetta generate -o new.wav --weights int8 --draft heads
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Audio or token file to continue, or '-' for audio on the standard input.", valueName: "file"), completion: .file())
    var prompt: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Length of the continuation in seconds, at most 3600.", valueName: "s"))
    var seconds = 10.0

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Continuations of the same prompt, generated as one batch; the outputs are numbered.", valueName: "n"))
    var count = 1

    @Flag(help: "Leave the prompt out of the output.")
    var continuationOnly = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output file, or '-' for the standard output.", valueName: "out"), completion: .file())
    var output: String

    @Flag(name: .shortAndLong, help: "Replace existing outputs.")
    var force = false

    @Option(
        help: ArgumentHelp(
            "Format of the output: wav, flac, ogg (Vorbis), opus, raw … or codetta, npy, json … (default: by the output's name, else wav).", valueName: "format"), completion: .generatedForms)
    var format: String?

    @Option(help: ArgumentHelp("Format of the samples: pcm16 (default), pcm24, float …", valueName: "format"), completion: .sampleFormats)
    var subtype: String?

    @OptionGroup(title: "Model") var model: LanguageModelOptions
    @OptionGroup(title: "Model") var weights: WeightOptions
    @OptionGroup(title: "Model") var identity: IdentityOption

    @Option(
        help: ArgumentHelp(
            """
            Draft several steps and confirm them at once, which is faster and does not change the distribution. \
            ngram[:order[:length]] drafts what followed the last time, heads[:length] uses the model's own heads.
            """, valueName: "method"))
    var draft: DraftArgument?

    @Option(help: ArgumentHelp("Passes of a masked model per window, 1 to 16 (default: 16).", valueName: "n"))
    var steps: Int?

    @OptionGroup(title: "Sampling") var sampling: SamplingArguments
    @OptionGroup(title: "Prompt") var audio: AudioInputOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if !(seconds > 0 && seconds <= AudioGeneration.maximumSeconds) {
            throw ValidationError("--seconds must be above 0 and at most 3600.")
        }
        if !(1...256).contains(count) { throw ValidationError("--count must be 1 to 256.") }
        if count > 1 && output == "-" { throw ValidationError("Several outputs cannot go to the standard output.") }
        if options.json && output == "-" {
            throw ValidationError("--json and the output cannot both go to the standard output. Name a file with -o.")
        }
        if count > 1 && draft != nil { throw ValidationError("--draft cannot be combined with --count above 1.") }
        if continuationOnly && prompt == nil { throw ValidationError("--continuation-only needs --prompt.") }
        if let format, GenerationFormat(named: format) == nil {
            throw ValidationError("--format \(format) is unknown; known: \(ContainerFormat.writableNames), \(TokenFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        if let subtype, SampleFormat(named: subtype) == nil { throw ValidationError("--subtype \(subtype) is unknown.") }
    }

    func run() throws {
        options.apply()
        let path = PathName(argument: output)
        let kind = try GenerationFormat(named: self.format, sampleFormat: subtype.flatMap(SampleFormat.init(named:)), output: path)
        let (codec, lm) = try model.load(ModelStore(), precision: weights.weights, ignoringName: identity.ignoreWeights)
        let input = try prompt.map { name in
            try FileFailure.naming(name == "-" ? "stdin" : name) { try InputFile(PathName(argument: name)) }
        }
        let codes = try input.map { input in
            try FileFailure.naming(input.name) { try readPrompt(input, codec, codebooks: lm.model.pattern.codebookCount) }
        }
        var generation = try AudioGeneration(
            model: codec, languageModel: lm.model, prompt: codes, seconds: seconds,
            settings: settings(lm.model))
        let files = try outputPaths(path).map { path in
            try FileFailure.naming(path.isStandardStream ? "stdout" : path.description) {
                try OutputFile(path, overwrite: force, input: input)
            }
        }
        let report = try write(&generation, codec, to: files, kind)
        tell(report, lm, files)
        let result = GenerationResult(report: report, lm: lm.name, weightMemory: lm.model.weightBytes, outputs: files.map(\.name))
        if options.json { Terminal.output(try JSON.document(result)) }
    }

    private func settings(_ model: TokenLanguageModel) -> GenerationSettings {
        var settings = GenerationSettings()
        settings.options = sampling.options
        settings.condition = sampling.condition
        settings.seed = sampling.seed
        settings.drafting = draft?.drafting(for: model)
        settings.fillingSteps = steps
        settings.count = count
        settings.keepsPrompt = !continuationOnly
        return settings
    }

    /// - Throws: `PipelineError.languageModel` for a prompt of several tracks or without a whole frame.
    private func readPrompt(_ input: InputFile, _ codec: Model, codebooks: Int) throws -> Codes {
        let reader = CodeReader(
            model: codec, codebooks: codebooks, ignoresWeights: identity.ignoreWeights, downmix: audio.downmix)
        let tracks = try reader.codes(of: input, audio: audio)
        guard tracks.count == 1, let codes = tracks.first else {
            throw PipelineError.languageModel(
                "has \(tracks.count) tracks; the language model continues one (--downmix mixes audio to one)")
        }
        if codes.isEmpty { throw PipelineError.languageModel("is too short for a prompt: it has no whole frame") }
        return codes
    }

    private func outputPaths(_ path: PathName) -> [PathName] {
        count == 1 ? [path] : (1...count).map { path.insertingBeforeExtension("-\($0)") }
    }

    /// Generates into `files` and commits them, the first one last.
    private func write(
        _ generation: inout AudioGeneration, _ codec: Model, to files: [OutputFile], _ format: GenerationFormat
    ) throws -> GenerationReport {
        let progress = Progress(
            files[0].name, total: generation.frames * generation.header.layout.hopLength,
            rate: generation.header.layout.sampleRate, isShown: !options.quiet)
        defer { progress.finish() }
        let hop = generation.header.layout.hopLength
        return try FileFailure.completing(files[0]) {
            var clipped: [() -> Int] = []
            let outputs = try files.map { file in
                switch format {
                case .tokens(let format):
                    return GenerationOutput(
                        generation, writer: try TokenFileWriter(format, header: generation.header, sink: file))
                case .audio(let form):
                    let writer = try audioWriter(file, form, generation.header)
                    clipped.append { writer.clippedSamples }
                    return try GenerationOutput(generation, model: codec, writer: writer)
                }
            }
            let report = try generation.run(to: outputs) { progress.update($0 * hop) }
            for (file, count) in zip(files, clipped) where count() > 0 {
                Log.warning("\(count()) sample(s) over full scale were clipped", file: file.name)
            }
            for file in files.dropFirst() { try FileFailure.naming(file.name) { try file.commit() } }
            return report
        }.result
    }

    private func audioWriter(_ file: OutputFile, _ form: OutputForm, _ header: TokenHeader) throws -> AudioWriter {
        try AudioWriter(
            descriptor: file.descriptor, name: file.name,
            settings: AudioWriter.Settings(
                sampleRate: header.original.sampleRate, channelCount: header.original.channels, container: form.container,
                sampleFormat: form.sampleFormat(closestTo: .pcm16),
                totalSamples: header.original.sampleCount))
    }

    private func tell(_ report: GenerationReport, _ lm: LoadedLanguageModel, _ files: [OutputFile]) {
        let prompt = Double(report.promptFrames) / report.header.layout.frameRate
        let before = report.promptFrames > 0 && !continuationOnly ? "\(Format.duration(prompt)) of prompt, " : ""
        let speed = report.duration * Double(files.count) / (report.time / .seconds(1))
        for file in files {
            Log.logger.notice(
                """
                \(file.name): \(before)\(Format.duration(report.duration)) generated, \(report.header.original.sampleRate) Hz, \
                \(Format.bitrate(report.header.layout.nominalBitrate)), \(Format.decimal(speed, 1))× real time
                """)
        }
        let drafts = report.drafted > 0
            ? ", \(report.accepted) of \(report.drafted) drafted steps kept (\(Format.decimal(100 * Double(report.accepted) / Double(report.drafted), 0)) %)"
            : ""
        let first = report.timeToFirstAudio.map { "; first audio after \(Format.milliseconds($0))" } ?? ""
        Log.logger.info(
            """
            \(report.codes) tokens in \(report.passes == 1 ? "1 pass" : "\(report.passes) passes")\(drafts)\(first); \
            weights \(Format.bytes(lm.model.weightBytes)), keys and values \(Format.bytes(report.stateBytes))
            """)
    }
}

/// What `generate` writes.
private enum GenerationFormat {
    case audio(OutputForm)
    case tokens(TokenFormat)

    init?(named name: String) {
        if let format = TokenFormat(rawValue: name.lowercased()) {
            self = .tokens(format)
        } else if let form = OutputForm(named: name) {
            self = .audio(form)
        } else {
            return nil
        }
    }

    /// What the option or else the output's name asks for.
    /// - Throws: `FileFailure` for a name that stands for no format, or for another kind of file than the option.
    init(named name: String?, sampleFormat: SampleFormat?, output: PathName) throws {
        let asked = name.flatMap(GenerationFormat.init(named:))
        let named = output.isNamedOutput ? GenerationFormat(named: output.fileExtension) : nil
        switch asked ?? named {
        case .tokens(let format)?:
            try output.requireOutput(.tokens)
            if sampleFormat != nil { throw ValidationError("--subtype is for audio, not for tokens.") }
            self = .tokens(format)
        case .audio(let form)?:
            self = .audio(try output.audioForm(asked: asked == nil ? nil : form, sampleFormat: sampleFormat))
        case nil:
            self = .audio(try output.audioForm(asked: nil, sampleFormat: sampleFormat))
        }
    }
}

/// The result of one generation, as `--json` prints it.
private struct GenerationResult: Encodable {
    let report: GenerationReport
    /// Name of the language model, and bytes of its weights.
    let lm: String
    let weightMemory: Int
    let outputs: [String]

    private enum CodingKeys: String, CodingKey { case lm, outputs, weightMemory }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(lm, forKey: .lm)
        try container.encode(outputs, forKey: .outputs)
        try container.encode(weightMemory, forKey: .weightMemory)
    }
}
