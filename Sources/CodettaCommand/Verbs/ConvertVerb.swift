import ArgumentParser
import Codetta

/// `codetta convert`
struct ConvertVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert token files to another format.",
        usage: "codetta convert <in> ... [-o <out>] [<options>]",
        discussion: """
            The codes do not change. Docs/formats.md says what else each format keeps. The format of an input is found from its \
            content. Files that do not name their codec (.npy, .dac) need --model; other files do not.

              codetta convert talk.ecdc -o talk.codetta
              codetta convert talk.codetta -o talk.ecdc
              codetta convert talk.dac -o talk.codetta --model dac_44khz
              codetta convert Tokens -o Arrays --format npz    a whole folder
              codetta convert talk.codetta -o small.codetta --entropy adaptive
            """)

    @Argument(help: ArgumentHelp("Token files or folders, or '-' for the standard input.", valueName: "in"), completion: .file())
    var inputs: [String]

    @OptionGroup(title: "Output") var target: OutputTarget

    @Option(name: .shortAndLong, help: ArgumentHelp("Files to work on at once.", valueName: "n"))
    var jobs = 1

    @Option(
        help: ArgumentHelp(
            "Format of the outputs (default: by the output's name, else codetta).",
            valueName: "format"))
    var format: TokenFormat?

    @Option(help: ArgumentHelp("Entropy coding of .codetta files, as in 'encode'; lm needs --model.", valueName: "mode"))
    var entropy = EntropyArgument.none

    @Option(
        help: ArgumentHelp("What .codetta files are for, as in 'encode' (default: as in the input, where that shows, else archive).", valueName: "preset"))
    var preset: PresetArgument?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Name or folder of the model that made the codes; the inputs are checked against it.", valueName: "name|dir"), completion: .models)
    var model: String?

    @Flag(help: "Convert damaged .codetta files: conceal the damage and keep what is sound.")
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
            throw ValidationError("--entropy \(entropy.rawValue) is for .codetta files, not for \(format.rawValue).")
        }
        let plan = try BatchPlan(
            inputs: inputs, target: target, outputExtension: format.rawValue, content: .tokens, kind: "token files",
            accepts: { TokenFormat(fileExtension: $0).map { $0 != format } ?? false })
        try options.refuseDataOnStandardOutput(plan)
        let loaded = try model.map { name in try FileFailure.naming(name) { try ModelStore().load(name) } }
        let entropyModels = loaded.map { EntropyModels($0) } ?? .standard
        var conversion = TokenConversion(to: format, entropy: entropy.mode, model: loaded)
        conversion.preset = preset?.preset
        if let loaded {
            conversion.entropyModel = try FileFailure.naming(loaded.folder?.path ?? loaded.name) {
                try loaded.entropyModel(for: entropy.mode)
            }
        }
        let task = ConvertTask(
            conversion: conversion, entropyModels: entropyModels, mode: lenient ? .lenient : .strict,
            outputs: OutputPolicy(overwrites: target.force, isTimed: false))
        try BatchRunner<Timed<ConversionReport>>(plan: plan, threads: jobs, options: options) { $0.conversionText }.run(task).exit()
    }
}
