import ArgumentParser
import Foundation

/// Puts the words of the command line into the order and the form that the parser takes, and refuses what it would let pass.
///
/// Options may stand before the verb (`--quiet encode x`) and short ones may have their value behind them (`-b3`). An option that has one
/// value may be given once, where the parser would take the last one without a word.
enum ArgumentOrder {
    /// - Parameter words: after the command's name.
    /// - Throws: `ValidationError` for an option that is given again.
    static func arranged(_ words: [String], of root: any ParsableCommand.Type) throws -> [String] {
        // Calls of the completion scripts begin so; they are not for people.
        guard let first = words.first, !first.hasPrefix("---"), words.count > 1 else { return words }
        // A description of all verbs takes 12 ms, that of one verb 1 ms and 1 MB, and most command lines need none.
        if let verb = root.configuration.subcommands.first(where: { $0._commandName == first }) {
            if verb.configuration.subcommands.isEmpty, isPlain(words[1...]) { return words }
            if let tool = Tool(of: verb) { return [first] + (try arranged(words[1...], tool.command)) }
        }
        return try Tool(of: root).map { try arranged(words[...], $0.command) } ?? words
    }

    /// Whether the words behind a verb are in order whatever its options are: no option comes twice, in its short form or its long one, and
    /// none is joined with its value. A short option is the first letter of its long one, but for `-n`.
    private static func isPlain(_ words: ArraySlice<String>) -> Bool {
        var long: Set<Substring> = []
        var short: Set<Character> = ["n"]
        for word in words.prefix(while: { $0 != "--" }) where word.hasPrefix("-") && word != "-" {
            if word.hasPrefix("--") {
                guard long.insert(word.dropFirst(2).prefix { $0 != "=" }).inserted else { return false }
            } else {
                guard word.count == 2, short.insert(word[word.index(after: word.startIndex)]).inserted else { return false }
            }
        }
        return short.isDisjoint(with: long.compactMap(\.first))
    }

    private static func arranged(_ words: ArraySlice<String>, _ command: Tool.Command) throws -> [String] {
        if let (verb, place) = command.verb(in: words) {
            let moved = words[..<place] + words[(place + 1)...]
            return [words[place]] + (try arranged(Array(moved)[...], verb))
        }
        // A group does what its default verb does.
        if let verb = command.subcommands?.first(where: { $0.commandName == command.defaultSubcommand }) { return try arranged(words, verb) }
        var reader = WordReader(words, command.arguments ?? [])
        while reader.step() {}
        if let name = reader.repeated { throw ValidationError("\(name) takes one value, and it is given more than once.") }
        return reader.output
    }
}

/// Reads words as a verb's options, as far as that takes no knowledge of what they mean.
private struct WordReader {
    private(set) var output: [String] = []
    /// The first option of one value that came again.
    private(set) var repeated: String?
    /// Whether the last words were no option of the verb, or one without its value.
    private(set) var isLost = false

    private var words: ArraySlice<String>
    private let arguments: [Tool.Argument]
    private var seen: Set<String> = []

    init(_ words: ArraySlice<String>, _ arguments: [Tool.Argument]) { (self.words, self.arguments) = (words, arguments) }

    /// Takes the next option with its value, or the next other word. False at the end.
    mutating func step() -> Bool {
        guard let word = words.popFirst() else { return false }
        isLost = true
        if word == "--" {
            output += [word] + words
            words = []
        } else if word.hasPrefix("--") {
            takeLong(word)
        } else if word.hasPrefix("-"), word.count > 1 {
            takeShort(word)
        } else {
            output.append(word)
        }
        return true
    }

    private mutating func takeLong(_ word: String) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        output.append(word)
        guard let argument = arguments.first(where: { $0.hasName("long", String(parts[0])) }) else { return }
        isLost = false
        guard argument.isOption else { return }
        note(argument)
        if parts.count == 1 { takeValue(of: argument) }
    }

    /// `-q`, `-fq`, `-b 3`, `-b3`, `-b=3`, `-fb3`; anything else stays as it is.
    private mutating func takeShort(_ word: String) {
        var flags: [String] = []
        var rest = word.dropFirst()
        while let letter = rest.popFirst() {
            guard let argument = arguments.first(where: { $0.hasName("short", String(letter)) }) else {
                output.append(word)
                return
            }
            if !argument.isOption {
                flags.append("-\(letter)")
                continue
            }
            isLost = false
            output += flags
            note(argument)
            if rest.isEmpty {
                output.append("-\(letter)")
                takeValue(of: argument)
            } else {
                output.append("-\(letter)=" + (rest.first == "=" ? rest.dropFirst() : rest))
            }
            return
        }
        isLost = false
        output += flags
    }

    private mutating func takeValue(of argument: Tool.Argument) {
        var count = 0
        while let value = words.first, value == "-" || !value.hasPrefix("-") {
            output.append(value)
            words.removeFirst()
            count += 1
            if !argument.takesSeveral { break }
        }
        // `--json` of evaluate does without.
        isLost = count == 0 && !argument.isFlagAlone
    }

    private mutating func note(_ argument: Tool.Argument) {
        if argument.isRepeating != true, !seen.insert(argument.title).inserted { repeated = repeated ?? argument.title }
    }
}

/// What the parser says of a command: the part of its own description (`ToolInfoV0`) that matters here.
private struct Tool: Decodable {
    let command: Command

    /// Nil should the parser's description be another than expected.
    init?(of command: any ParsableCommand.Type) {
        guard let tool = try? JSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8)) else { return nil }
        self = tool
    }

    struct Command: Decodable {
        let commandName: String
        let defaultSubcommand: String?
        let subcommands: [Command]?
        let arguments: [Argument]?

        /// The first word that names a verb and has nothing but options of that verb before it, and where it stands.
        func verb(in words: ArraySlice<String>) -> (verb: Command, place: Int)? {
            for (place, word) in zip(words.indices, words) {
                guard let verb = subcommands?.first(where: { $0.commandName == word }) else { continue }
                var reader = WordReader(words[..<place], verb.allArguments)
                var areOptions = true
                while reader.step() { areOptions = areOptions && !reader.isLost }
                if areOptions { return (verb, place) }
            }
            return nil
        }

        /// Its own and those of the verbs below it.
        private var allArguments: [Argument] { (arguments ?? []) + (subcommands ?? []).flatMap(\.allArguments) }
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }

        let kind: String
        let isRepeating: Bool?
        let parsingStrategy: String?
        let names: [Name]?

        var isOption: Bool { kind == "option" }
        var takesSeveral: Bool { parsingStrategy == "upToNextOption" }
        /// Whether the option may stand without a value.
        var isFlagAlone: Bool { hasName("long", "json") }

        func hasName(_ kind: String, _ name: String) -> Bool { names?.contains { $0.kind == kind && $0.name == name } ?? false }

        var title: String {
            let long = names?.first { $0.kind == "long" }
            return long.map { "--\($0.name)" } ?? names?.first.map { "-\($0.name)" } ?? ""
        }
    }
}
