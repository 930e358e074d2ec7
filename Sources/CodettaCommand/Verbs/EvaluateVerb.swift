import ArgumentParser
import Codetta

/// `codetta evaluate`
struct EvaluateVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how well one recording reproduces another.",
        usage: "codetta evaluate <ref> <deg> [<options>]",
        discussion: """
            Converts the second to the sample rate of the first, finds the delay between them, aligns them and measures \
            waveform, spectrum, intelligibility, pitch, loudness, bandwidth and clipping. With the token file, also what it \
            costs. What cannot be measured has a reason instead of a number.

            Measures: \(Measure.allCases.map(\.rawValue).joined(separator: ", ")).

              codetta evaluate talk.wav decoded.wav
              codetta evaluate talk.wav decoded.wav --tokens talk.codetta
              codetta evaluate talk.wav decoded.wav --measures siSDR,stoi --json
            """)

    @Argument(help: ArgumentHelp("The original, or '-' for the standard input.", valueName: "ref"))
    var reference: String

    @Argument(help: ArgumentHelp("What became of it.", valueName: "deg"))
    var degraded: String

    @Option(help: ArgumentHelp("The token file between the two, for its bitrate.", valueName: "file"))
    var tokens: String?

    @Option(help: ArgumentHelp("Largest delay to look for.", valueName: "seconds"))
    var maxDelay = 0.25

    @Option(help: ArgumentHelp("Measure only these, separated by commas.", valueName: "names"))
    var measures: MeasureList?

    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if reference == "-" && degraded == "-" { throw ValidationError("Only one of the recordings can be the standard input.") }
        if !(0...10).contains(maxDelay) { throw ValidationError("--max-delay must be 0 to 10 seconds.") }
    }

    func run() throws {
        options.apply()
        let (reference, degraded) = (PathName(argument: reference), PathName(argument: degraded))
        let original = try FileFailure.naming(reference.description) { try RepeatableAudio(reference) }
        var degradedSampleRate = original.sampleRate
        let report = try FileFailure.naming(degraded.description) {
            let decoded = try RepeatableAudio(degraded)
            degradedSampleRate = decoded.sampleRate
            let progress = Progress(degraded.description, total: nil, rate: original.sampleRate, isShown: !options.quiet)
            defer { progress.finish() }
            return try Comparison.run(
                reference: original, degraded: decoded, maximumLag: maxDelay,
                measures: measures?.measures ?? Set(Measure.allCases), progress: progress.update)
        }
        let cost = try tokens.map { try TokenCost(PathName(argument: $0)) }
        let evaluation = Evaluation(degradedSampleRate: degradedSampleRate, reconstruction: report, tokens: cost)
        Terminal.output(options.json ? try JSON.document(evaluation) : Format.table(evaluation.rows))
    }
}

/// Measures by name, as an option's value.
struct MeasureList: ExpressibleByArgument {
    let measures: Set<Measure>

    /// Nil when a name is unknown or there is none.
    init?(argument: String) {
        let found = argument.split(separator: ",").map { Measure(rawValue: String($0)) }
        if found.isEmpty || found.contains(nil) { return nil }
        measures = Set(found.compactMap { $0 })
    }
}

/// What an evaluation prints. With `--json` the keys of one `schemaVersion` keep their names and meanings; new ones may come.
private struct Evaluation: Encodable {
    var schema = "codetta.evaluation"
    var schemaVersion = 1
    /// Hz, before it was converted to the reference's.
    var degradedSampleRate: Int
    var reconstruction: ReconstructionReport
    var tokens: TokenCost?

    var rows: [(String, String)] {
        var rows = (tokens?.rows ?? []) + reconstruction.rows
        if degradedSampleRate != reconstruction.sampleRate {
            rows.append(("Resampled", "from \(degradedSampleRate) Hz to the reference's \(reconstruction.sampleRate) Hz"))
        }
        return rows
    }
}
