import Platform

/// A JSON document, read strictly: what a lenient parser would accept silently is an error here.
///
/// Foundation's parser keeps the first of two equal keys and takes 1.0 for an integer. A file that two readers
/// understand differently is a file to refuse, so this one reports duplicate keys and keeps integers apart.
public enum JSONValue: Sendable, Equatable {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case integer(Int)
    /// Any other finite number.
    case number(Double)
    /// A string, its escapes resolved.
    case string(String)
    /// An array, in order.
    case array([JSONValue])
    /// An object; its keys are unique.
    case object([String: JSONValue])

    /// What a document may cost; a parser of untrusted text needs both.
    public struct Limits: Sendable {
        /// Nesting of arrays and objects.
        public var depth: Int
        /// Values in all.
        public var values: Int

        /// At most `depth` levels of nesting and `values` values in all.
        public init(depth: Int = 64, values: Int = 2_000_000) {
            self.depth = depth
            self.values = values
        }
    }

    /// Parses one document with nothing but white space around it.
    /// - Throws: `JSONError` for anything outside RFC 8259, duplicate keys, ill-formed UTF-8 or a limit passed.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws {
        var parser = JSONParser(bytes: bytes, limits: limits)
        self = try parser.document()
    }

    /// The kind of value, for messages.
    public var kindName: String {
        switch self {
        case .null: return "null"
        case .bool: return "a boolean"
        case .integer: return "an integer"
        case .number: return "a number"
        case .string: return "a string"
        case .array: return "an array"
        case .object: return "an object"
        }
    }
}

/// Where and why a text is not the JSON that it should be.
public struct JSONError: CodettaError, Equatable {
    /// Byte at which the parser stopped.
    public var offset: Int
    /// What is wrong there.
    public var reason: String

    /// `offset` in bytes from the start of the text.
    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    /// The class of the failure.
    public var kind: FailureKind { .badData }

    /// One line for people.
    public var description: String { "byte \(offset): \(reason)" }
}
