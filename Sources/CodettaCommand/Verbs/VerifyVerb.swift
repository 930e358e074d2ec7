import ArgumentParser
import Codetta
import Platform

/// `codetta verify`
struct VerifyVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check token files for damage.",
        usage: "codetta verify <file> ... [<options>]",
        discussion: """
            Reads every byte and checks checksums, order, sizes, codes, the index and the end mark. Reports each flaw with its \
            position in bytes, and exits with 65 if there is one. Token files of other formats (.npz, .ecdc, .dac …) are checked as \
            far as these have something to check. Needs no model, except to check the codes of files made with \
            --entropy lm: without that model everything else is checked, and the result says so.

              codetta verify talk.codetta
              codetta verify Tokens --json
              codetta verify - < talk.codetta
            """)

    @Argument(help: ArgumentHelp("Token files, their addresses on the web, folders, or '-' for the standard input.", valueName: "file"), completion: .file())
    var inputs: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("Files to check at once.", valueName: "n"))
    var jobs = 1

    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
        if !(1...256).contains(jobs) { throw ValidationError("--jobs must be 1 to 256.") }
    }

    func run() throws {
        options.apply()
        let plan = try BatchPlan(
            inputs: inputs, kind: "token files",
            accepts: { [.codetta, .ecdc, .dac].contains(TokenFormat(fileExtension: $0)) })
        let quiet = options.quiet
        let runner = BatchRunner<CheckedTokens>(plan: plan, threads: jobs, options: options, isReport: true) {
            quiet ? nil : $0.verdict
        }
        try runner.run { try Self.check($0) }.exit()
    }

    /// - Throws: `UnsoundFile` with all flaws.
    private static func check(_ job: Job) throws -> CheckedTokens {
        let tokens = try CheckedTokens(reading: try InputFile.opened(job.input))
        try tokens.requireSound()
        return tokens
    }
}

/// A token file with flaws.
struct UnsoundFile: CodettaError {
    let report: TokenFileReport

    /// What `--json` gives all the same.
    var details: CheckedTokens { .container(report) }

    var kind: FailureKind { .badData }

    var description: String {
        let shown = report.flaws.prefix(8).map(\.description).joined(separator: "; ")
        let more = report.flawCount > 8 ? "; and \(report.flawCount - 8) more" : ""
        return "\(Format.count(report.flawCount, "flaw")): \(shown)\(more)"
    }
}

extension FileResult where Details == CheckedTokens {
    fileprivate var verdict: String? {
        switch details {
        case .container(let report)?:
            return "\(input): sound, \(Format.duration(report.duration)), \(Format.count(report.totals.frames, "frame")) in "
                + Format.count(report.totals.chunkCount, "chunk")
                + (report.header.entropy == .none ? "" : ", entropy \(report.header.entropy.name)")
                + (report.codesChecked ? "" : ", codes unchecked without the entropy model")
        case .other(let tokens)?: return "\(input): \(tokens.verdict)"
        case nil: return nil
        }
    }
}
