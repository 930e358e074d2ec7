/// Splits a command at spaces as a shell does, with single and double quotes and nothing else: no variables, no patterns.
enum CommandLineWords {
    /// - Throws: `EvaluationError.badCommand` for a quote without its end and for a command without a word.
    static func split(_ command: String) throws(EvaluationError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in command {
            if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let complete = word { words.append(complete) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if quote != nil { throw .badCommand(command, reason: "a quote is not closed") }
        if let complete = word { words.append(complete) }
        if words.isEmpty { throw .badCommand(command, reason: "no program is named") }
        return words
    }
}
