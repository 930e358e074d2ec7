import ArgumentParser
import Codetta
import Evaluation
import Foundation
import Platform
import Reports

/// `codetta report`
struct ReportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make a page or tables from an evaluation's results.",
        usage: "codetta report <results> [--html <file>] [<options>]",
        discussion: """
            Reads what 'codetta evaluate --dataset … --json' wrote. The page needs no network and nothing beside it; it has \
            sound and pictures when the evaluation kept its audio.

              codetta report results.json --html report.html
              codetta report results.json --html report.html --audio kept
              codetta report results.json --markdown - --report-items 0
            """)

    @Argument(help: ArgumentHelp("The results, or '-' for the standard input.", valueName: "results"), completion: .file())
    var results: String

    @OptionGroup(title: "Output") var report: ReportOptions

    @Option(help: ArgumentHelp("Where recordings and kept audio lie, when not where the results say.", valueName: "dir"), completion: .directory)
    var audio: String?

    @Flag(name: .shortAndLong, help: "Replace existing outputs.")
    var force = false

    @OptionGroup(title: "Messages") var messages: MessageOptions

    func validate() throws {
        if report.isEmpty { throw ValidationError("Nothing to write. Give --html, --markdown or --latex.") }
    }

    func run() throws {
        messages.apply()
        let path = PathName(argument: results)
        let document = try FileFailure.naming(path.isStandardStream ? "stdin" : path.description) {
            try EvaluationResults(json: try Self.readAll(try InputFile(path).byteSource()))
        }
        let folder = audio.map(PathName.init(argument:))
        if let folder, !FileSystem.isDirectory(folder) {
            throw FileFailure(file: folder.description, cause: PipelineError.notFound)
        }
        try report.write(document, audio: folder, overwrite: force)
    }

    /// - Throws: `SizeError.overBudget` for more than a document may have, and what the source throws.
    private static func readAll(_ source: any ByteSource) throws -> Data {
        var data = Data()
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try piece.withUnsafeMutableBytes { try source.read(into: $0) }
            if count == 0 { return data }
            _ = try CheckedSize.elements([data.count + count], bytesPerElement: 16)
            data.append(contentsOf: piece[..<count])
        }
    }
}
