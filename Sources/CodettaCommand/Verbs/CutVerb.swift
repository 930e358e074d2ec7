import ArgumentParser
import Codetta

/// `codetta cut`
struct CutVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cut",
        abstract: "Cut a part out of a token file, without decoding it.",
        usage: "codetta cut <in> -o <out> [--from <time>] [--to <time>] [<options>]",
        discussion: """
            The part decodes to exactly the samples that the whole gives there: the file keeps the frames around it that the codec \
            looks at, and says what to drop. Needs no codec. Files made with --entropy lm need their entropy model.

              codetta cut talk.codetta -o middle.codetta --from 1:02.5 --to 2:00
              codetta cut talk.codetta -o rest.codetta --from 90
            """)

    @Argument(help: ArgumentHelp("A token file, its address on the web, or '-' for the standard input.", valueName: "in"), completion: .file())
    var input: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Output file, or '-' for the standard output.", valueName: "out"), completion: .file())
    var output: String

    @OptionGroup(title: "Part") var part: SpanOptions

    @Flag(name: .shortAndLong, help: "Replace an existing output.")
    var force = false

    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if part.from == nil && part.to == nil { throw ValidationError("Nothing to cut off. Give --from, --to or both.") }
    }

    func run() throws {
        options.apply()
        var target = OutputTarget()
        (target.output, target.force, target.keepExtension) = (output, force, false)
        let format = TokenFormat(fileExtension: PathName(argument: output).fileExtension) ?? .codetta
        let plan = try BatchPlan(
            inputs: [input], target: target, outputExtension: format.rawValue, content: .tokens, kind: "token files",
            accepts: { TokenFormat(fileExtension: $0) != nil })
        guard !plan.isBatch else { throw FileFailure(file: input, cause: PipelineError.isDirectory) }
        try options.refuseDataOnStandardOutput(plan)
        var conversion = TokenConversion(to: format, entropy: nil)
        conversion.span = try part.span()
        let task = ConvertTask(
            conversion: conversion, entropyModels: .standard, mode: .strict, outputs: OutputPolicy(overwrites: force, isTimed: false))
        try BatchRunner<Timed<ConversionReport>>(plan: plan, threads: 1, options: options) { $0.cutText }.run(task).exit()
    }
}

extension FileResult<Timed<ConversionReport>> {
    fileprivate var cutText: String? {
        guard let report = details?.report, let output else { return nil }
        return "\(input) → \(output): \(report.header.codecName), \(Format.duration(report.duration)), \(Format.bytes(report.byteCount))"
    }
}
