/// A recursive-descent parser of RFC 8259, bounded in depth and in the number of values.
struct JSONParser {
    private let bytes: [UInt8]
    private let limits: JSONValue.Limits
    private var position = 0
    private var valueCount = 0

    init(bytes: [UInt8], limits: JSONValue.Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws -> JSONValue {
        try checkUTF8()
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        if position < bytes.count { throw error("text after the end of the document") }
        return value
    }

    /// Decoding repairs ill-formed sequences, so a text that comes back unchanged was well-formed.
    private func checkUTF8() throws {
        let decoded = String(decoding: bytes, as: UTF8.self)
        var offset = 0
        for byte in decoded.utf8 {
            if offset >= bytes.count || bytes[offset] != byte {
                throw JSONError(offset: offset, reason: "ill-formed UTF-8")
            }
            offset += 1
        }
    }

    private func error(_ reason: String) -> JSONError { JSONError(offset: position, reason: reason) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Consumes `byte` if it is next.
    private mutating func take(_ byte: Character) -> Bool {
        guard next == byte.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        valueCount += 1
        if valueCount > limits.values { throw error("more than \(limits.values) values") }
        guard let byte = next else { throw error("the text ends where a value should start") }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func literal(_ text: String, _ value: JSONValue) throws -> JSONValue {
        let end = position + text.utf8.count
        guard end <= bytes.count, bytes[position..<end].elementsEqual(text.utf8) else { throw error("not a JSON value") }
        position = end
        return value
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        if depth > limits.depth { throw error("nested deeper than \(limits.depth)") }
        position += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            let start = position
            guard next == UInt8(ascii: "\"") else { throw error("expected a key") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw error("expected \":\" after the key") }
            skipSpace()
            if members.updateValue(try value(depth: depth), forKey: key) != nil {
                throw JSONError(offset: start, reason: "duplicate key \"\(key)\"")
            }
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("expected \",\" or \"}\"") }
        }
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        if depth > limits.depth { throw error("nested deeper than \(limits.depth)") }
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            skipSpace()
            elements.append(try value(depth: depth))
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw error("expected \",\" or \"]\"") }
        }
    }
}

// Numbers and strings.
extension JSONParser {
    private mutating func digits() throws {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        if position == start { throw error(start < bytes.count ? "not a JSON value" : "the text ends inside a number") }
    }

    private mutating func number() throws -> JSONValue {
        let start = position
        _ = take("-")
        let first = position
        try digits()
        if position - first > 1 && bytes[first] == UInt8(ascii: "0") { throw error("a number with a leading zero") }
        var isInteger = true
        if take(".") {
            isInteger = false
            try digits()
        }
        if take("e") || take("E") {
            isInteger = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw error("a number out of range") }
        return .number(number)
    }

    private mutating func string() throws -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw error("a control character in a string")
            default: text.append(byte)
            }
        }
        throw error("the text ends inside a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        guard let byte = next else { throw error("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try escapedScalar()
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error("an unknown escape")
        }
    }

    /// The scalar of `\uXXXX`, or of a surrogate pair of two such escapes.
    private mutating func escapedScalar() throws -> Unicode.Scalar {
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code) {
            guard take("\\"), take("u") else { throw error("a lone surrogate") }
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw error("a lone surrogate") }
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("a lone surrogate") }
        return scalar
    }

    private mutating func hexadecimal() throws -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("an escape needs four hexadecimal digits")
            }
            position += 1
            code = code << 4 | UInt32(digit)
        }
        return code
    }
}
