import ArgumentParser
import Codetta
import Evaluation
import Foundation

/// What `evaluate --dataset` tries on which recordings.
struct DatasetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Folder of recordings; its subfolders are searched too.", valueName: "dir"), completion: .directory)
    var dataset: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Name or folder of a model; may be repeated (default: \(ModelStore.defaultName), unless only peers are given).",
            valueName: "name|dir"), completion: .models)
    var model: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Bitrates of the models, for all channels of a clip together (default: all codebooks).", valueName: "kb/s,…"))
    var bitrate: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Numbers of codebooks, instead of bitrates.", valueName: "k,…"))
    var codebooks: String?

    @Option(
        help: ArgumentHelp(
            """
            How the models search for codes, as in 'encode': greedy (default), beam:N, beam:N:R, or with --entropy also rate:N \
            and rate:N:W.
            """,
            valueName: "method,…"))
    var search: String?

    @Option(help: ArgumentHelp("Entropy coding of the models' files, as in 'encode'.", valueName: "mode"))
    var entropy = EntropyArgument.none

    @Option(
        help: ArgumentHelp(
            "Another codec and its settings, such as opus:6,12 (kb/s) or codec2:3200,700C (bit/s); may be repeated.",
            valueName: "name:settings"))
    var peer: [String] = []

    @Option(
        help: ArgumentHelp(
            "A program that scores pairs of WAV files, which it reads from its standard input; may be repeated.",
            valueName: "name=command"))
    var scorer: [String] = []

    @Flag(help: "Mix all recordings to mono first.")
    var downmix = false

    @Option(help: ArgumentHelp("Write a table with one row per clip, system and measure; '-' for the standard output.", valueName: "file"), completion: .file())
    var csv: String?

    @Option(help: ArgumentHelp("Keep the decoded audio and the token files in this folder.", valueName: "dir"), completion: .directory)
    var keepAudio: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Clips to work on at once (default: all cores).", valueName: "n"))
    var jobs: Int?

    @Flag(help: "Continue an interrupted run. Clips that failed are tried again.")
    var resume = false

    @Flag(name: .shortAndLong, help: "Replace existing outputs.")
    var force = false

    /// Whether anything is asked for that only a data set has.
    var isUsed: Bool {
        !model.isEmpty || bitrate != nil || codebooks != nil || !peer.isEmpty || !scorer.isEmpty || csv != nil
            || keepAudio != nil || search != nil || entropy != .none || resume || downmix || jobs != nil
    }

    func validate() throws {
        if bitrate != nil && codebooks != nil { throw ValidationError("--codebooks and --bitrate cannot be combined.") }
        if force && resume { throw ValidationError("--force and --resume cannot be combined.") }
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs must be 1 to 256.") }
        for scorer in scorer where !scorer.drop(while: { $0 != "=" }).hasPrefix("=") || scorer.hasPrefix("=") {
            throw ValidationError("--scorer \(scorer): expected NAME=COMMAND.")
        }
        _ = try choices()
        for search in try searches() where search.rateWeight != nil && entropy == .none {
            throw ValidationError("\(Hint.message(PipelineError.unpricedSearch("\(search)"))).")
        }
    }

    /// The searches of every model.
    func searches() throws -> [CodeSearch] {
        try list(search ?? "greedy", "--search", expected: SearchOptions.form, CodeSearch.init(argument:))
    }

    /// The settings of every model.
    func choices() throws -> [CodebookChoice] {
        if let bitrate {
            return try list(bitrate, "--bitrate") { text in
                Double(text).flatMap { $0 > 0 && $0.isFinite ? CodebookChoice.bitrate($0 * 1000) : nil }
            }
        }
        if let codebooks {
            return try list(codebooks, "--codebooks") { text in Int(text).flatMap { $0 > 0 ? CodebookChoice.count($0) : nil } }
        }
        return [.all]
    }

    private func list<Value>(
        _ text: String, _ name: String, expected: String = "numbers above 0", _ parse: (String) -> Value?
    ) throws -> [Value] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let value = parse(String(part)) else {
                throw ValidationError("\(name) \(text): expected \(expected) with commas between them.")
            }
            return value
        }
    }

    func scorers() throws -> [Scorer] {
        try scorer.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return try FileFailure.naming("--scorer \(parts[0])") { try Scorer(name: parts[0], command: parts[1]) }
        }
    }
}
