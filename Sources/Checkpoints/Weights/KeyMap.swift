/// A declared table that renames the tensors of a foreign checkpoint to the names that a model asks for.
///
///     let names: KeyMap = [
///         "encoder.model.{i}.conv.conv.*": "encoder.layers.{i}.conv.*",
///         "decoder.model.{i+1}.*": "decoder.blocks.{i}.*",
///     ]
///
/// A pattern is a dotted path whose components are words, `{x}` for a decimal number (`{x+1}` for a number one greater
/// than what the other side calls x) and, in the last place, `*` for one or more further components.
/// The first pattern that fits a whole name renames it; a name that none fits stays as it is.
public struct KeyMap: Sendable, ExpressibleByDictionaryLiteral {
    private let rules: [(from: [Component], to: [Component])]

    /// Renames nothing.
    public static let identity = KeyMap([])

    /// - Parameter rules: patterns in order of precedence. A table that is not well-formed is a programming error.
    public init(_ rules: [(from: String, to: String)]) {
        self.rules = rules.map { rule in
            let (from, to) = (Component.parse(rule.from), Component.parse(rule.to))
            precondition(!from.dropLast().contains(.rest), "\(rule.from): * must be the last component")
            precondition(
                to.allSatisfy { component in from.contains { $0.binds(component) } },
                "\(rule.to) uses what \(rule.from) does not bind")
            return (from, to)
        }
    }

    /// The rules in the order in which the literal lists them.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { (from: $0.0, to: $0.1) })
    }

    /// The model's name for the checkpoint's `name`.
    public func callAsFunction(_ name: String) -> String {
        let components = name.split(separator: ".", omittingEmptySubsequences: false)
        for rule in rules {
            if let binding = Self.match(rule.from, components) {
                return rule.to.map { $0.rendered(binding) }.joined(separator: ".")
            }
        }
        return name
    }

    private struct Binding {
        var numbers: [String: Int] = [:]
        var rest: Substring = ""
    }

    private static func match(_ pattern: [Component], _ components: [Substring]) -> Binding? {
        let hasRest = pattern.last == .rest
        guard hasRest ? components.count >= pattern.count : components.count == pattern.count else { return nil }
        var binding = Binding()
        for (part, component) in zip(pattern, components) {
            switch part {
            case .word(let word):
                if component != word { return nil }
            case .number(let variable, let offset):
                guard let number = decimal(component), number >= offset else { return nil }
                if let bound = binding.numbers.updateValue(number - offset, forKey: variable), bound != number - offset {
                    return nil
                }
            case .rest:
                binding.rest = Substring(components[(pattern.count - 1)...].joined(separator: "."))
            }
        }
        return binding
    }

    /// A decimal number as an index is written: digits only, no leading zero, few enough to add to.
    private static func decimal(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text == "0" || text.first != "0"
        else { return nil }
        return Int(text)
    }

    private enum Component: Equatable, Sendable {
        case word(Substring)
        /// A number in the name that is `offset` more than the variable.
        case number(variable: String, offset: Int)
        case rest

        static func parse(_ pattern: String) -> [Component] {
            pattern.split(separator: ".", omittingEmptySubsequences: false).map { text in
                if text == "*" { return .rest }
                guard text.hasPrefix("{"), text.hasSuffix("}") else { return .word(text) }
                let parts = text.dropFirst().dropLast().split(separator: "+", omittingEmptySubsequences: false)
                guard parts.count == 1 || parts.count == 2 && decimal(parts[1]) != nil, !parts[0].isEmpty else {
                    preconditionFailure("\(pattern): {\(text)} is neither {x} nor {x+number}")
                }
                return .number(variable: String(parts[0]), offset: parts.count == 2 ? decimal(parts[1]) ?? 0 : 0)
            }
        }

        /// Whether this component of a pattern gives `other` its value.
        func binds(_ other: Component) -> Bool {
            switch other {
            case .word: return true
            case .rest: return self == .rest
            case .number(let variable, _):
                if case .number(variable, _) = self { return true }
                return false
            }
        }

        func rendered(_ binding: Binding) -> String {
            switch self {
            case .word(let word): return String(word)
            case .number(let variable, let offset): return String((binding.numbers[variable] ?? 0) + offset)
            case .rest: return String(binding.rest)
            }
        }
    }
}
