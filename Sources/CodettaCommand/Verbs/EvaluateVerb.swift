import ArgumentParser
import Codetta

/// `codetta evaluate`
struct EvaluateVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how well one recording reproduces another.",
        usage: "codetta evaluate <ref> <deg> [<options>]",
        discussion: """
            Finds the delay between the two, aligns them and reports signal-to-noise ratio, scale-invariant SDR, spectral \
            distances and the intelligibility of speech (STOI, ESTOI). With the token file, also what it costs.

              codetta evaluate talk.wav decoded.wav
              codetta evaluate talk.wav decoded.wav --tokens talk.codetta
              codetta evaluate talk.wav decoded.wav --json
            """)

    @Argument(help: ArgumentHelp("The original, or '-' for the standard input.", valueName: "ref"))
    var reference: String

    @Argument(help: ArgumentHelp("What became of it.", valueName: "deg"))
    var degraded: String

    @Option(help: ArgumentHelp("The token file between the two, for its bitrate.", valueName: "file"))
    var tokens: String?

    @Option(help: ArgumentHelp("Largest delay to look for.", valueName: "seconds"))
    var maxDelay = 0.25

    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if reference == "-" && degraded == "-" { throw ValidationError("Only one of the recordings can be the standard input.") }
        if !(0...10).contains(maxDelay) { throw ValidationError("--max-delay must be 0 to 10 seconds.") }
    }

    func run() throws {
        options.apply()
        let (reference, degraded) = (PathName(argument: reference), PathName(argument: degraded))
        let original = try FileFailure.naming(reference.description) { try RepeatableAudio(reference) }
        let report = try FileFailure.naming(degraded.description) {
            let decoded = try RepeatableAudio(degraded)
            let progress = Progress(degraded.description, total: nil, rate: original.sampleRate, isShown: !options.quiet)
            defer { progress.finish() }
            return try Comparison.run(
                reference: original, degraded: decoded, maximumLag: maxDelay, progress: progress.update)
        }
        let cost = try tokens.map { try TokenCost(PathName(argument: $0)) }
        let evaluation = Evaluation(reconstruction: report, tokens: cost)
        Terminal.output(options.json ? try JSON.document(evaluation) : Format.table(evaluation.rows))
    }
}

/// What an evaluation prints.
private struct Evaluation: Encodable {
    var reconstruction: ReconstructionReport
    var tokens: TokenCost?

    var rows: [(String, String)] { (tokens?.rows ?? []) + reconstruction.rows }
}

/// What a token file costs.
private struct TokenCost: Encodable {
    var bytes: Int
    /// bit/s.
    var nominalBitrate: Double
    var actualBitrate: Double?

    init(_ path: PathName) throws {
        let report = try FileFailure.naming(path.description) {
            try TokenFileReport(reading: try InputFile(path).byteSource())
        }
        bytes = report.totals.byteCount
        nominalBitrate = report.nominalBitrate
        actualBitrate = report.actualBitrate
    }

    var rows: [(String, String)] {
        [("Tokens", "\(Format.bytes(bytes)), \(Format.bitrate(nominalBitrate)) nominal, \(Format.bitrate(actualBitrate)) with container")]
    }
}
