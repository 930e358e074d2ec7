/// A model's `README.md`: prose below a front matter of `key: value` lines between two lines of `---`.
public struct ModelCard: Sendable, Equatable {
    /// The front matter's plain values; lists and nested keys are left out.
    public let fields: [String: String]
    /// What follows the front matter.
    public let text: String

    /// Control characters but for line feeds and tabs are left out: a card is somebody else's text, and shown on terminals.
    public init(text: String) {
        let text = String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control }))
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
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
