import ArgumentParser
import Codetta

/// `codetta join`
struct JoinVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Join token files, one behind the other, without decoding them.",
        usage: "codetta join <in> <in> ... -o <out> [<options>]",
        discussion: """
            The joined file decodes to the audio of its parts, without a gap. Parts that 'codetta cut' made where one ended and the \
            next began give the whole again. The parts must be of one model and of audio of one sample rate and number of channels. \
            'cat a.codetta b.codetta' does the same, unchecked.

              codetta join one.codetta two.codetta -o both.codetta
            """)

    @Argument(help: ArgumentHelp("Token files, their addresses on the web, or '-' for the standard input.", valueName: "in"), completion: .file())
    var inputs: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("Output file, or '-' for the standard output.", valueName: "out"), completion: .file())
    var output: String

    @Flag(name: .shortAndLong, help: "Replace an existing output.")
    var force = false

    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
        if options.json && output == "-" {
            throw ValidationError("--json and the output cannot both go to the standard output. Name a file with -o.")
        }
    }

    func run() throws {
        options.apply()
        let target = PathName(argument: output)
        try target.requireOutput(.tokens)
        let files = try inputs.map { name in
            let path = PathName(argument: name)
            return try FileFailure.naming(path.isStandardStream ? "stdin" : path.description) { try InputFile.opened(path) }
        }
        let file = try FileFailure.naming(target.outputName) { () throws in
            for input in files where FileSystem.status(target)?.identity == input.status.identity { throw PipelineError.isInput }
            return try OutputFile(target, overwrite: force)
        }
        let join = TokenJoin(to: file)
        let report = try FileFailure.completing(file) {
            for input in files { try FileFailure.naming(input.name) { try join.add(try TokenFileReader(source: try input.byteSource())) } }
            return join.report
        }.result
        if options.json {
            Terminal.output(try JSON.document(report))
        } else if !options.quiet {
            Terminal.show(
                "\(Format.count(inputs.count, "file")) → \(target.outputName): \(Format.count(report.recordings, "recording")), "
                    + "\(Format.duration(report.duration)), \(Format.bytes(report.byteCount))")
        }
    }
}
