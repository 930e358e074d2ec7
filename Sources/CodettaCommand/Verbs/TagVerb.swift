import ArgumentParser
import Codetta

/// `codetta tag`
struct TagVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Show or change the texts that a token file has about its recording.",
        usage: "codetta tag <file> [--set <key=value>] ... [--remove <key>] ... [<options>]",
        discussion: """
            Keys are lower-case. These have a meaning that Docs/container.md states: \(TokenTags.registry.joined(separator: ", ")). Others \
            may be used. The codes stay byte for byte as they are. The file is replaced as a whole, or written elsewhere with -o.

              codetta tag talk.codetta                              shows the tags
              codetta tag talk.codetta --set speaker=Ann --set language=en
              codetta tag talk.codetta --remove speaker -o anonymous.codetta
            """)

    @Argument(help: ArgumentHelp("A token file.", valueName: "file"), completion: .file())
    var file: String

    @Option(help: ArgumentHelp("Add a tag, or replace the one of that key. May be repeated.", valueName: "key=value"))
    var set: [String] = []

    @Option(help: ArgumentHelp("Remove the tag of this key. May be repeated.", valueName: "key"))
    var remove: [String] = []

    @Flag(help: "Remove all tags first.")
    var clear = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output file (default: the input is replaced).", valueName: "out"), completion: .file())
    var output: String?

    @Flag(name: .shortAndLong, help: "Replace an existing output.")
    var force = false

    @OptionGroup(title: "Messages") var options: OutputOptions

    private var isChange: Bool { !set.isEmpty || !remove.isEmpty || clear }

    func validate() throws {
        _ = try TagArgument.parse(set)
        if output != nil && !isChange { throw ValidationError("Nothing to change. Give --set, --remove or --clear.") }
        if file == "-" && isChange && output == nil { throw ValidationError("The standard input cannot be replaced. Name an output with -o.") }
    }

    func run() throws {
        options.apply()
        let path = PathName(argument: file)
        let name = path.isStandardStream ? "stdin" : path.description
        if isChange { try FileFailure.naming(name) { try change(path) } }
        let shown = isChange ? output.map { PathName(argument: $0) } ?? path : path
        if isChange && (options.quiet || shown.isStandardStream) { return }
        let tags = try FileFailure.naming(name) { try Self.tags(shown) }
        if options.json { return Terminal.output(try JSON.document(tags)) }
        for key in tags.keys.sorted() { Terminal.show("\(key)=\(tags[key] ?? "")") }
    }

    private func change(_ path: PathName) throws {
        let input = try InputFile(path)
        let target = output.map { PathName(argument: $0) } ?? path
        try target.requireOutput(.tokens)
        let replaced = output == nil
        let file = try OutputFile(target, overwrite: replaced || force, input: replaced ? nil : input)
        let changes = try TagArgument.parse(set)
        _ = try FileFailure.completing(file) {
            try TagEditor.rewrite(try input.byteSource(), to: file) { tags in
                if clear { tags = [:] }
                for key in remove { tags[key.lowercased()] = nil }
                tags.merge(changes) { $1 }
            }
        }
    }

    private static func tags(_ path: PathName) throws -> [String: String] {
        try TokenFileReader(source: try InputFile(path).byteSource()).header?.tags ?? [:]
    }
}
