/// A model's `README.md`: prose below a front matter of `key: value` lines between two lines of `---`.
public struct ModelCard: Sendable, Equatable {
    /// The front matter's plain values; lists and nested keys are left out.
    public let fields: [String: String]
    /// What follows the front matter.
    public let text: String

    public init(text: String) {
        // To Swift a carriage return and the line feed after it are one character.
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
            fields = [:]
            self.text = text
            return
        }
        var fields: [String: String] = [:]
        for line in lines[1..<end] where line.first?.isLetter == true {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = Self.scalar(line[line.index(after: colon)...])
            if !value.isEmpty { fields[String(line[..<colon])] = value }
        }
        lines.removeFirst(end + 1)
        self.fields = fields
        self.text = lines.joined(separator: "\n")
    }

    /// The weights' licence as the card states it.
    public var license: String? { fields["license"] }

    /// Without the spaces around it and one pair of quotes.
    private static func scalar(_ text: Substring) -> String {
        var value = text.drop { $0 == " " }
        while value.last == " " { value.removeLast() }
        if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
            value = value.dropFirst().dropLast()
        }
        return String(value)
    }
}
