import ArgumentParser
import Codetta
import Foundation

/// `codetta evaluate`
struct EvaluateVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how well recordings are reproduced.",
        usage: """
            codetta evaluate <ref> <deg> [<options>]
            codetta evaluate --dataset <dir> [<options>]
            """,
        discussion: """
            Compares two recordings: converts the second to the sample rate of the first, finds the delay between them, aligns \
            them and measures waveform, spectrum, intelligibility, quality, pitch, loudness, bandwidth and clipping. --tokens adds \
            what the token file costs. A measure that has no value has a reason instead.

            With --dataset, codes every recording of a folder with models and other codecs at several bitrates, and prints the \
            means with their 95 % confidence intervals.

            Measures: \(Measure.allCases.map(\.rawValue).joined(separator: ", ")). \
            By default all of them, visqolAudio only from 44.1 kHz on.

              codetta evaluate talk.wav decoded.wav
              codetta evaluate talk.wav decoded.wav --tokens talk.codetta --json
              codetta evaluate talk.wav decoded.wav --measures siSDR,stoi
              codetta evaluate --dataset Clips --bitrate 1.5,3,6 --peer opus:6,12
              codetta evaluate --dataset Clips --model A --model B --csv f.csv

            Other codecs must be installed: opus (opus-tools), codec2, speex, mp3 (lame), vorbis (vorbis-tools), and lyra \
            (the model lyra-v2, or the folder that CODETTA_LYRA_MODEL names).
            """)

    @Argument(help: ArgumentHelp("The original, or '-' for the standard input.", valueName: "ref"), completion: .file())
    var reference: String?

    @Argument(help: ArgumentHelp("The recording to compare with it.", valueName: "deg"), completion: .file())
    var degraded: String?

    @Option(help: ArgumentHelp("The token file that the second was decoded from.", valueName: "file"), completion: .file())
    var tokens: String?

    @Option(help: ArgumentHelp("Largest delay to search.", valueName: "seconds"))
    var maxDelay = 0.25

    @Option(
        help: ArgumentHelp(
            "Take only these measures, in any letter case and separated by commas; or all (default: all that suit the sample rate).",
            valueName: "names"), completion: .measures)
    var measures: String?

    @Option(
        defaultAsFlag: "-", parsing: .next,
        help: ArgumentHelp("Write all results as JSON; without a file, to the standard output.", valueName: "file"), completion: .file())
    var json: String?

    @OptionGroup(title: "Data sets") var dataset: DatasetOptions
    @OptionGroup(title: "Report on a data set") var report: ReportOptions
    @OptionGroup(title: "Messages") var messages: MessageOptions

    func validate() throws {
        if !(0...10).contains(maxDelay) { throw ValidationError("--max-delay must be 0 to 10 seconds.") }
        _ = try measures.map(MeasureList.init)
        try requireTextNames()
        if dataset.dataset != nil {
            if reference != nil || tokens != nil {
                throw ValidationError("--dataset cannot be combined with <ref>, <deg> or --tokens.")
            }
            if [json, dataset.csv, report.html, report.markdown, report.latex].count(where: { $0 == "-" }) > 1 {
                throw ValidationError("Only one of --json, --csv, --html, --markdown and --latex can be the standard output.")
            }
            if dataset.resume && (json ?? "-") == "-" {
                throw ValidationError("--resume needs the --json FILE of the run that it continues.")
            }
            return
        }
        if reference == nil || degraded == nil { throw ValidationError("Give <ref> and <deg>, or --dataset.") }
        if reference == "-" && degraded == "-" { throw ValidationError("Only one of the recordings can be the standard input.") }
        if dataset.isUsed || !report.isEmpty { throw ValidationError("Options for models, peers, scorers and reports need --dataset.") }
    }

    func run() throws {
        messages.apply()
        if dataset.dataset != nil {
            try DatasetEvaluation(
                options: dataset, report: report, json: json, maximumDelay: maxDelay, measures: try measures.map(MeasureList.init)?.measures,
                quiet: messages.quiet
            ).run().exit()
        } else if let reference, let degraded {
            try compare(PathName(argument: reference), PathName(argument: degraded))
        }
    }

    /// `--json a.wav b.wav` takes the first recording for the name of the results.
    private func requireTextNames() throws {
        for (option, name) in [
            ("--json", json), ("--csv", dataset.csv), ("--html", report.html), ("--markdown", report.markdown), ("--latex", report.latex),
        ] {
            guard let name, name != "-" else { continue }
            do throws(PipelineError) {
                try PathName(argument: name).require(.text)
            } catch {
                let way = option == "--json" ? " Recordings go before --json, or behind --json -." : ""
                throw ValidationError("\(option) \(name): \(error).\(way)")
            }
        }
    }

    private func compare(_ reference: PathName, _ degraded: PathName) throws {
        let wanted = try measures.map(MeasureList.init)?.measures
        let original = try FileFailure.naming(reference.description) { try RepeatableAudio(reference) }
        var degradedSampleRate = original.sampleRate
        let report = try FileFailure.naming(degraded.description) {
            let decoded = try RepeatableAudio(degraded)
            degradedSampleRate = decoded.sampleRate
            let progress = Progress(degraded.description, total: nil, rate: original.sampleRate, isShown: !messages.quiet)
            defer { progress.finish() }
            return try Comparison.run(
                reference: original, degraded: decoded, maximumLag: maxDelay,
                measures: wanted ?? Measure.standard(sampleRate: original.sampleRate), progress: progress.update)
        }
        // One per cent is more than any codec's padding.
        if Double(report.comparedSamples) < 0.99 * Double(report.referenceSamples) {
            Log.warning(
                "has a counterpart for \(report.comparedSamples) of the reference's \(report.referenceSamples) samples; the rest was not measured",
                file: degraded.description)
        }
        let cost = try tokens.map { try TokenCost(PathName(argument: $0)) }
        let evaluation = PairEvaluation(
            degradedSampleRate: degradedSampleRate, reconstruction: report, tokens: cost)
        switch json {
        case nil: Terminal.show(Format.table(evaluation.rows))
        case "-": Terminal.output(try JSON.document(evaluation))
        case let file?:
            let text = try JSON.document(evaluation) + "\n"
            let path = PathName(argument: file)
            try FileFailure.naming(path.description) {
                let output = try OutputFile(path, overwrite: dataset.force)
                try output.write(text)
                try output.commit()
            }
        }
    }
}

extension OutputFile {
    /// Writes text as UTF-8.
    func write(_ text: String) throws { try Array(text.utf8).withUnsafeBytes { try write($0) } }
}

/// Measures by name, as an option's value.
struct MeasureList {
    let measures: Set<Measure>

    /// Names in any letter case, with or without hyphens; "all" is every measure.
    /// - Throws: `ValidationError` that lists the names, when one is unknown or there is none.
    init(_ argument: String) throws {
        func plain(_ name: some StringProtocol) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        if names.count == 1, plain(names[0]) == "all" {
            measures = Set(Measure.allCases)
            return
        }
        measures = try Set(
            names.map { name in
                guard let measure = Measure.allCases.first(where: { plain($0.rawValue) == plain(name) }) else {
                    let known = Measure.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--measures: there is no measure \"\(name)\"; known are \(known), and all.")
                }
                return measure
            })
    }
}

/// What the comparison of two recordings prints. In JSON the keys of one `schema` keep their names and meanings; new ones may
/// come.
private struct PairEvaluation: Encodable {
    var schema = Comparison.schema
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
