import ArgumentParser
import Codetta

/// `codetta convert`
struct ConvertVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Turn token files of one format into another.",
        usage: "codetta convert <in> ... [-o <out>] [<options>]",
        discussion: """
            The codes stay as they are; Docs/formats.md says what each format keeps beside them. Formats are told apart by what \
            is in the files. Files that do not name their codec (.npy, .dac) need --model; those that do need none.

              codetta convert talk.ecdc -o talk.codetta
              codetta convert talk.codetta -o talk.ecdc
              codetta convert talk.dac -o talk.codetta --model dac_44khz
              codetta convert Tokens -o Arrays --format npz    a whole folder
              codetta convert talk.codetta -o small.codetta --entropy adaptive
            """)

    @Argument(help: ArgumentHelp("Token files or folders, or '-' for the standard input.", valueName: "in"))
    var inputs: [String]

    @OptionGroup(title: "Output") var target: OutputTarget

    @Option(name: .shortAndLong, help: ArgumentHelp("Files to work on at once.", valueName: "n"))
    var jobs = 1

    @Option(
        help: ArgumentHelp(
            "codetta, json, npz, safetensors, npy, ecdc or dac (default: by the output's name, else codetta).",
            valueName: "format"))
    var format: TokenFormat?

    @Option(help: ArgumentHelp("none, adaptive or lm, for .codetta files as in 'encode'; lm needs --model.", valueName: "mode"))
    var entropy = EntropyMode.none

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Name or folder of the model that made the codes, which is then checked and named.", valueName: "name|dir"))
    var model: String?

    @Flag(help: "Conceal damage of .codetta files and save what is sound.")
    var lenient = false

    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
        if !(1...256).contains(jobs) { throw ValidationError("--jobs must be 1 to 256.") }
        if entropy == .lm && model == nil { throw ValidationError("--entropy lm needs --model.") }
    }

    func run() throws {
        options.apply()
        let named = target.output.flatMap { TokenFormat(fileExtension: PathName(argument: $0).fileExtension) }
        let format = format ?? named ?? .codetta
        guard entropy == .none || format == .codetta else {
            throw ValidationError("--entropy \(entropy.name) is for .codetta files, not for \(format.rawValue).")
        }
        let plan = try BatchPlan(
            inputs: inputs, output: target.output, outputExtension: format.rawValue, kind: "token files",
            accepts: { TokenFormat(fileExtension: $0).map { $0 != format } ?? false })
        try options.refuseDataOnStandardOutput(plan)
        let loaded = try model.map { name in try FileFailure.naming(name) { try ModelStore().load(name) } }
        let entropyModels = loaded.map { EntropyModels(folder: $0.folder) } ?? .standard
        var conversion = TokenConversion(to: format, entropy: entropy, model: loaded)
        if let folder = loaded?.folder {
            conversion.entropyModel = try FileFailure.naming(folder.path) { try entropyModels.model(for: entropy, in: folder) }
        }
        let task = ConvertTask(
            conversion: conversion, entropyModels: entropyModels, overwrites: target.force,
            mode: lenient ? .lenient : .strict)
        let runner = BatchRunner<ConversionDetails>(plan: plan, threads: jobs, options: options) { $0.conversionText }
        try runner.run { try task.run($0) }.exit()
    }
}

/// Converts one file after another.
private struct ConvertTask: Sendable {
    let conversion: TokenConversion
    let entropyModels: EntropyModels
    let overwrites: Bool
    let mode: ContainerReader.Mode

    func run(_ job: Job) throws -> ConversionDetails {
        let input = try InputFile(job.input)
        let output = try openOutput(job, overwrites: overwrites, input: input)
        let reader = try TokenFileReader(source: try input.byteSource(), mode: mode, entropyModels: entropyModels)
        let (report, _) = try FileFailure.completing(output) { try conversion.convert(reader, to: output) }
        for warning in report.warnings { Log.warning(warning, file: input.name) }
        return ConversionDetails(report)
    }
}

/// The result of one conversion, as `--json` prints it.
private struct ConversionDetails: Encodable, Sendable {
    var model: String
    var from: String
    var to: String
    var codebooks: Int
    var tracks: Int
    var sampleRate: Int
    var channels: Int
    var samples: Int
    /// Seconds of audio.
    var duration: Double
    var bytes: Int
    var warnings: [String]

    init(_ report: ConversionReport) {
        model = report.header.codecName
        from = report.from.rawValue
        to = report.to.rawValue
        codebooks = report.header.layout.codebooks.count
        tracks = report.header.trackCount
        sampleRate = report.header.original.sampleRate
        channels = report.header.original.channels
        samples = report.samples
        duration = report.duration
        bytes = report.byteCount
        warnings = report.warnings
    }
}

extension FileResult where Details == ConversionDetails {
    fileprivate var conversionText: String? {
        guard let details, let output else { return nil }
        return "\(input) → \(output): \(details.from) to \(details.to), \(details.model), \(Format.duration(details.duration)), "
            + Format.bytes(details.bytes)
    }
}
