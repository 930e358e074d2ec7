import ArgumentParser
import Codetta
import Evaluation
import Reports

/// Where an evaluation's report and tables go.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write a self-contained HTML page with curves, tables, pictures and players.", valueName: "file"), completion: .file())
    var html: String?

    @Option(help: ArgumentHelp("Write the summary as a Markdown table.", valueName: "file"), completion: .file())
    var markdown: String?

    @Option(help: ArgumentHelp("Write the summary as a LaTeX tabular.", valueName: "file"), completion: .file())
    var latex: String?

    @Option(help: ArgumentHelp("Number of recordings to show and play on the page.", valueName: "n"))
    var reportItems = 4

    @Option(help: ArgumentHelp("Limit for the pictures and the audio on the page.", valueName: "MB"))
    var reportSize = 48

    func validate() throws {
        if !(0...1000).contains(reportItems) { throw ValidationError("--report-items must be 0 to 1000.") }
        if !(0...2000).contains(reportSize) { throw ValidationError("--report-size must be 0 to 2000 MB.") }
        if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("Only one output can be the standard output.") }
    }

    /// Whether anything is asked for.
    var isEmpty: Bool { files.isEmpty }
    var usesStandardOutput: Bool { files.contains("-") }
    private var files: [String] { [html, markdown, latex].compactMap { $0 } }

    /// Writes what was asked for.
    /// - Parameter audio: where kept audio and tokens lie, when not where the results say.
    func write(_ results: EvaluationResults, audio: PathName? = nil, overwrite: Bool) throws {
        if let html {
            let options = HTMLReport.Options(items: reportItems, budget: reportSize * 1_000_000, folder: audio)
            let page = try HTMLReport(results, options: options).render { Log.warning($0, file: PathName(argument: html).description) }
            try Self.write(page, to: html, overwrite)
        }
        if let markdown { try Self.write(MarkdownTable(results).text + "\n", to: markdown, overwrite) }
        if let latex { try Self.write(LaTeXTable(results).text, to: latex, overwrite) }
    }

    private static func write(_ text: String, to argument: String, _ overwrite: Bool) throws {
        let path = PathName(argument: argument)
        try FileFailure.naming(path.isStandardStream ? "stdout" : path.description) {
            let output = try OutputFile(path, overwrite: overwrite)
            _ = try FileFailure.completing(output) { try output.write(text) }
            Log.logger.notice("\(output.name): \(Format.bytes(text.utf8.count))")
        }
    }
}
