/// A config whose fields say themselves what they may hold, one line per field:
///
///     struct ExampleConfig: ModelConfig {
///         /// Hz.
///         @Field(in: 1000...384_000) var samplingRate: Int
///         /// Strides from the waveform to the latents.
///         @Field(count: 1...8, in: 2...64) var ratios: [Int]
///         @Field("n_codebooks", in: 1...256) var numCodebooks: Int
///         @Field(default: 7, in: 1...255) var kernelSize: Int
///         @Field var frameRate: Double?
///
///         func check() throws(InvalidField) {
///             if numCodebooks > ratios.count { throw $numCodebooks.invalid("is \(numCodebooks), more than there are ratios") }
///         }
///     }
///
/// In JSON a field has the property's name in snake case (`sampling_rate`) unless it states another. A field must be there
/// unless it has a default or its type is optional. `ModelFolder.config(_:)` reads all fields, then calls `check`.
package protocol ModelConfig: Decodable, Sendable, Equatable {
    /// The fields' rules, before any value is read.
    init()
    /// Refuses what no model of the family has and a single field cannot tell: bounds that depend on other fields.
    func check() throws(InvalidField)
}

extension ModelConfig {
    package func check() throws(InvalidField) {}
}

/// A field that holds what no model has, and why it is refused.
package struct InvalidField: Error {
    /// The name in JSON.
    let name: String
    let reason: String
}

/// One field of a config: its name in JSON, what it holds when it is missing, and its bounds; after reading, its value.
@propertyWrapper
package struct Field<Value: Decodable & Sendable & Equatable>: Decodable, Sendable, Equatable {
    /// One reference. Configs have many fields, and the compiler writes code into each config for every reference that it copies.
    private let state: State

    private final class State: Sendable {
        /// The name in JSON; before reading nil if it is the property's.
        let name: String?
        let fallback: Value?
        let rule: @Sendable (Field) throws(InvalidField) -> Void
        /// nil before reading.
        let value: Value?

        init(name: String?, fallback: Value?, rule: @escaping @Sendable (Field) throws(InvalidField) -> Void, value: Value?) {
            self.name = name
            self.fallback = fallback
            self.rule = rule
            self.value = value
        }
    }

    private init(_ state: State) { self.state = state }

    /// - Parameters:
    ///   - name: in JSON; nil is the property's name in snake case.
    ///   - fallback: the value if the field is missing or null; nil if it must be there, or its type is optional.
    ///   - rule: refuses values that no model has.
    package init(
        name: String?, fallback: Value?, rule: @escaping @Sendable (Field) throws(InvalidField) -> Void = { _ throws(InvalidField) in }
    ) {
        state = State(name: name, fallback: fallback, rule: rule, value: nil)
    }

    /// `@Field var …`: a field of any value; one of an optional type may be missing.
    package init() { self.init(name: nil, fallback: nil) }

    package var wrappedValue: Value {
        guard let value = state.value else { preconditionFailure("a field is read before its config") }
        return value
    }

    /// The field itself, to check it and to name it in errors.
    package var projectedValue: Field { self }

    package static func == (a: Field, b: Field) -> Bool { a.state.value == b.state.value }

    /// The name in JSON, after reading.
    var jsonName: String { state.name ?? "" }

    /// The error that refuses the field's value.
    package func invalid(_ reason: String) -> InvalidField { InvalidField(name: state.name ?? "", reason: reason) }

    /// Only `ConfigDecoder`, which knows the fields' rules, reads fields.
    package init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "is not read by a config's rules"))
    }
}

// What fields may be declared with.

extension Field {
    /// A field of any value; one of an optional type may be missing.
    package init(_ name: String) { self.init(name: name, fallback: nil) }
    package init(_ name: String? = nil, default fallback: Value) { self.init(name: name, fallback: fallback) }
}

extension Field where Value == Int {
    /// An integer within bounds.
    package init(_ name: String? = nil, default fallback: Int? = nil, in range: ClosedRange<Int>) {
        self.init(name: name, fallback: fallback) { field throws(InvalidField) in try field.require(in: range) }
    }
}

extension Field where Value == Int? {
    /// An integer within bounds that may be missing.
    package init(_ name: String? = nil, in range: ClosedRange<Int>) {
        self.init(name: name, fallback: nil) { field throws(InvalidField) in try field.require(in: range) }
    }
}

extension Field where Value == [Int] {
    /// A list of so many integers, each within bounds.
    package init(_ name: String? = nil, count: ClosedRange<Int>, in range: ClosedRange<Int>) {
        self.init(name: name, fallback: nil) { field throws(InvalidField) in
            try field.requireCount(in: count)
            try field.require(in: range)
        }
    }
}

extension Field where Value: BinaryFloatingPoint {
    /// A number within bounds.
    package init(_ name: String? = nil, in range: ClosedRange<Value>) {
        self.init(name: name, fallback: nil) { field throws(InvalidField) in
            guard range.contains(field.wrappedValue) else {
                throw field.invalid("is \(field.wrappedValue), expected \(range.lowerBound)...\(range.upperBound)")
            }
        }
    }

    /// A number above 0 and below `end`.
    package init(_ name: String? = nil, above zero: Value, below end: Value) {
        self.init(name: name, fallback: nil) { field throws(InvalidField) in
            guard field.wrappedValue > zero && field.wrappedValue < end else {
                throw field.invalid("is \(field.wrappedValue), expected more than \(zero) and less than \(end)")
            }
        }
    }
}

extension Field {
    /// A field of which only one value is supported.
    package init(_ name: String? = nil, default fallback: Value? = nil, only expected: Value) {
        self.init(name: name, fallback: fallback) { field throws(InvalidField) in
            if field.wrappedValue != expected { throw field.invalid("is \(field.wrappedValue), only \(expected) is supported") }
        }
    }
}

// Bounds that depend on other fields.

extension Field where Value == Int {
    /// - Throws: `InvalidField` unless the value is in `range`.
    package func require(in range: ClosedRange<Int>) throws(InvalidField) { try require([wrappedValue], in: range) }
}

extension Field where Value == Int? {
    /// - Throws: `InvalidField` unless the value is in `range` or missing.
    package func require(in range: ClosedRange<Int>) throws(InvalidField) {
        if let value = wrappedValue { try require([value], in: range) }
    }
}

extension Field where Value == [Int] {
    /// - Throws: `InvalidField` unless every value is in `range`.
    package func require(in range: ClosedRange<Int>) throws(InvalidField) { try require(wrappedValue, in: range) }
}

extension Field where Value: Collection {
    /// - Throws: `InvalidField` unless there are as many entries as `range` allows.
    package func requireCount(in range: ClosedRange<Int>) throws(InvalidField) {
        let count = wrappedValue.count
        guard range.contains(count) else {
            throw invalid("has \(count) entries, expected \(range.lowerBound)...\(range.upperBound)")
        }
    }
}

extension Field {
    /// - Throws: `InvalidField` unless every one of `values` is in `range`.
    package func require(_ values: [Int], in range: ClosedRange<Int>) throws(InvalidField) {
        guard let value = values.first(where: { !range.contains($0) }) else { return }
        throw invalid("holds \(value), expected \(range.lowerBound)...\(range.upperBound)")
    }
}

/// A config whose fields are among those of another, in the same JSON object.
@propertyWrapper
package struct Embedded<Config: ModelConfig>: Decodable, Sendable, Equatable {
    package let wrappedValue: Config

    package init() { wrappedValue = Config() }

    fileprivate init(_ config: Config) { wrappedValue = config }

    package init(from decoder: any Decoder) throws { wrappedValue = try Config(from: decoder) }
}

// How `ConfigDecoder` reads them.

/// What a property of a config says of its place in JSON before it has a value.
protocol ConfigProperty {
    /// The property with its value.
    /// - Parameters:
    ///   - property: its name in Swift.
    ///   - decoder: of the object that holds the config.
    /// - Throws: `CheckpointError.invalidConfig`.
    func read(_ property: String, from decoder: ConfigDecoder) throws -> Self
}

extension Field: ConfigProperty {
    func read(_ property: String, from decoder: ConfigDecoder) throws -> Field {
        let name = state.name ?? snakeCase(property)
        let member = try decoder.member(name)
        let value =
            if let fallback = state.fallback, (member ?? .null) == .null {
                fallback
            } else if member == nil && Value.self is any ExpressibleByNilLiteral.Type {
                try decoder.value(Value.self, of: name, .null)
            } else {
                try decoder.value(Value.self, of: name, member)
            }
        let field = Field(State(name: name, fallback: state.fallback, rule: state.rule, value: value))
        do {
            try state.rule(field)
        } catch {
            throw decoder.failure(error)
        }
        return field
    }
}

extension Embedded: ConfigProperty {
    func read(_ property: String, from decoder: ConfigDecoder) throws -> Embedded { Embedded(try decoder.config(Config.self)) }
}

/// `num_lstm_layers` for `numLSTMLayers`: capitals that follow each other are one word, up to the one that begins the next.
package func snakeCase(_ name: String) -> String {
    let letters = Array(name)
    var snake = ""
    for (i, letter) in letters.enumerated() {
        let endsWord = i > 0 && (!letters[i - 1].isUppercase || i + 1 < letters.count && letters[i + 1].isLowercase)
        if letter.isUppercase && endsWord { snake.append("_") }
        snake += letter.lowercased()
    }
    return snake
}
