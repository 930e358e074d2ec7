/// Decodes a config from a strict JSON document; every error names the field and the file.
///
/// An integer field takes an integer that fits and nothing else: 1.0, 1e2 and true are refused.
struct ConfigDecoder: Decoder {
    let value: JSONValue
    let file: String
    let codingPath: [any CodingKey]
    /// The properties of the `ModelConfig` that is read of this object, by their names in Swift.
    private var properties: [String: any ConfigProperty] = [:]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(value: JSONValue, file: String, codingPath: [any CodingKey] = []) {
        self.value = value
        self.file = file
        self.codingPath = codingPath
    }

    /// - Throws: `CheckpointError.invalidConfig`.
    static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue, file: String) throws -> T {
        do {
            return try ConfigDecoder(value: value, file: file).unbox(type)
        } catch let error as DecodingError {
            throw CheckpointError.invalidConfig(error, file: file)
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch("an object") }
        return KeyedDecodingContainer(ConfigFields<Key>(decoder: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch("an array") }
        return ConfigElements(decoder: self, elements: elements)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    fileprivate func child(_ value: JSONValue, _ key: any CodingKey) -> ConfigDecoder {
        ConfigDecoder(value: value, file: file, codingPath: codingPath + [key])
    }

    /// A config of this object: its fields, then what they say of each other.
    func config<Config: ModelConfig>(_ type: Config.Type) throws -> Config {
        var decoder = self
        decoder.properties = [:]
        for child in Mirror(reflecting: Config()).children {
            // The wrapper of the property `name` is stored as `_name`.
            guard let label = child.label, let property = child.value as? any ConfigProperty else { continue }
            decoder.properties[String(label.dropFirst())] = property
        }
        let config = try Config(from: decoder)
        do {
            try config.check()
        } catch {
            throw failure(error)
        }
        return config
    }

    /// The member of the object that has this name.
    func member(_ name: String) throws -> JSONValue? {
        guard case .object(let members) = value else { throw mismatch("an object") }
        return members[name]
    }

    /// What `member` of this name stands for.
    func value<T: Decodable>(_ type: T.Type, of name: String, _ member: JSONValue?) throws -> T {
        guard let member else { throw child(.null, MemberKey(stringValue: name)).failure("is missing") }
        return try child(member, MemberKey(stringValue: name)).unbox(type)
    }

    /// The error that refuses a field of this object.
    func failure(_ error: InvalidField) -> CheckpointError {
        child(.null, MemberKey(stringValue: error.name)).failure(error.reason)
    }

    fileprivate func property(_ name: String) -> (any ConfigProperty)? { properties[name] }

    fileprivate func unbox<T: Decodable>(_ type: T.Type) throws -> T {
        if let config = type as? any ModelConfig.Type, let result = try self.config(config) as? T { return result }
        guard let scalar = type as? any ConfigScalar.Type else { return try T(from: self) }
        guard let result = scalar.init(config: value) as? T else { throw mismatch(scalar.expectation) }
        return result
    }

    fileprivate func failure(_ reason: String) -> CheckpointError {
        .invalidConfig(field: fieldName(codingPath), reason: reason, file: file)
    }

    private func mismatch(_ expectation: String) -> CheckpointError {
        let found: String
        switch value {
        case .integer(let integer): found = "\(integer)"
        case .number(let number): found = "\(number)"
        case .string(let text): found = "\"\(text.prefix(40))\""
        case .bool(let bool): found = "\(bool)"
        case .null, .array, .object: found = value.kindName
        }
        return failure("must be \(expectation), not \(found)")
    }
}

extension ConfigDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { value == .null }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try unbox(type) }
}

/// The members of an object.
private struct ConfigFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ConfigDecoder
    let members: [String: JSONValue]

    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { members.keys.sorted().compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try field(key).value == .null }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        if let property = try decoder.property(key.stringValue)?.read(key.stringValue, from: decoder) as? T { return property }
        return try field(key).unbox(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try field(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try field(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try field(key) }

    private func field(_ key: Key) throws -> ConfigDecoder {
        guard let value = members[key.stringValue] else { throw decoder.child(.null, key).failure("is missing") }
        return decoder.child(value, key)
    }
}

private struct MemberKey: CodingKey {
    let stringValue: String
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    var intValue: Int? { nil }
}

/// The elements of an array.
private struct ConfigElements: UnkeyedDecodingContainer {
    let decoder: ConfigDecoder
    let elements: [JSONValue]
    var currentIndex = 0

    init(decoder: ConfigDecoder, elements: [JSONValue]) {
        self.decoder = decoder
        self.elements = elements
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try peek().value == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let result = try peek().unbox(type)
        currentIndex += 1
        return result
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        let container = try peek().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try peek().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let element = try peek()
        currentIndex += 1
        return element
    }

    private func peek() throws -> ConfigDecoder {
        let key = IndexKey(currentIndex)
        guard !isAtEnd else { throw decoder.child(.null, key).failure("is missing") }
        return decoder.child(elements[currentIndex], key)
    }
}

private struct IndexKey: CodingKey {
    let index: Int
    init(_ index: Int) { self.index = index }
    init?(intValue: Int) { index = intValue }
    init?(stringValue: String) { nil }
    var intValue: Int? { index }
    var stringValue: String { "\(index)" }
}

/// `audio.ratios[2]` for a coding path.
private func fieldName(_ path: [any CodingKey]) -> String {
    path.reduce(into: "") { name, key in
        if let index = key.intValue {
            name += "[\(index)]"
        } else {
            name += name.isEmpty ? key.stringValue : ".\(key.stringValue)"
        }
    }
}

extension CheckpointError {
    /// Errors that `Decodable` types throw by themselves, such as an unknown case of an enum.
    fileprivate static func invalidConfig(_ error: DecodingError, file: String) -> CheckpointError {
        switch error {
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
            return .invalidConfig(field: fieldName(context.codingPath), reason: context.debugDescription, file: file)
        case .keyNotFound(let key, let context):
            return .invalidConfig(field: fieldName(context.codingPath + [key]), reason: "is missing", file: file)
        @unknown default:
            return .invalidConfig(field: "", reason: "\(error)", file: file)
        }
    }
}

/// A type that stands for one JSON value.
private protocol ConfigScalar {
    static var expectation: String { get }
    init?(config: JSONValue)
}

extension Bool: ConfigScalar {
    fileprivate static var expectation: String { "true or false" }
    fileprivate init?(config: JSONValue) {
        guard case .bool(let bool) = config else { return nil }
        self = bool
    }
}

extension String: ConfigScalar {
    fileprivate static var expectation: String { "a string" }
    fileprivate init?(config: JSONValue) {
        guard case .string(let text) = config else { return nil }
        self = text
    }
}

extension ConfigScalar where Self: BinaryFloatingPoint {
    fileprivate static var expectation: String { "a number" }
    fileprivate init?(config: JSONValue) {
        switch config {
        case .integer(let integer): self.init(integer)
        case .number(let number): self.init(number)
        default: return nil
        }
        // A Double beyond Float's range.
        if !isFinite { return nil }
    }
}

extension ConfigScalar where Self: FixedWidthInteger {
    fileprivate static var expectation: String {
        Self.bitWidth == Int.bitWidth && Self.isSigned ? "an integer" : "an integer in \(Self.min)...\(Self.max)"
    }
    fileprivate init?(config: JSONValue) {
        guard case .integer(let integer) = config else { return nil }
        self.init(exactly: integer)
    }
}

extension Double: ConfigScalar {}
extension Float: ConfigScalar {}
extension Int: ConfigScalar {}
extension Int8: ConfigScalar {}
extension Int16: ConfigScalar {}
extension Int32: ConfigScalar {}
extension Int64: ConfigScalar {}
extension UInt: ConfigScalar {}
extension UInt8: ConfigScalar {}
extension UInt16: ConfigScalar {}
extension UInt32: ConfigScalar {}
extension UInt64: ConfigScalar {}
