import Platform

/// The header of a `.npy` file of numbers: a Python dict literal of exactly three known keys, parsed strictly and never evaluated.
struct NumPyHeader {
    struct Element: Equatable {
        var isBigEndian: Bool
        var isFloat: Bool
        var isSigned: Bool
        var byteCount: Int
    }

    var element: Element
    var isFortranOrder: Bool
    var shape: [Int]

    /// Takes the header off the front of `bytes`, whatever comes after it.
    init(prefix bytes: inout ArraySlice<UInt8>) throws(TokenStreamError) {
        let text = try Self.takeText(&bytes)
        var parser = NumPyDictParser(text)
        (element, isFortranOrder, shape) = try parser.parse()
    }

    /// Takes the header of an array of integers off the front of `bytes` and checks that the rest is exactly the array.
    init(reading bytes: inout ArraySlice<UInt8>) throws(TokenStreamError) {
        try self.init(prefix: &bytes)
        if element.isFloat { throw .foreign(format: "npy", reason: "real numbers, expected an integer type") }
        guard shape.count == 2 || shape.count == 3 else {
            throw .foreign(format: "npy", reason: "array of \(shape.count) dimension(s), expected [K, T] or [tracks, K, T]")
        }
        let count: Int
        do {
            count = try CheckedSize.elements(shape, bytesPerElement: element.byteCount)
        } catch {
            throw .foreign(format: "npy", reason: "\(error)")
        }
        guard count > 0 || shape.allSatisfy({ $0 <= FormatLimits.codebookCount.upperBound }) else {
            throw .foreign(format: "npy", reason: "empty array of shape \(shape)")
        }
        guard bytes.count == count * element.byteCount else {
            throw .foreign(
                format: "npy",
                reason: "shape \(shape) needs \(count * element.byteCount) bytes of data, the file has \(bytes.count)")
        }
    }

    /// Takes the magic, the version and the length off the front of `bytes`, and the header's text.
    static func takeText(_ bytes: inout ArraySlice<UInt8>) throws(TokenStreamError) -> [UInt8] {
        guard bytes.starts(with: NumPyCodes.magic) else { throw .foreign(format: "npy", reason: "no NumPy magic") }
        var fields = FieldReader(bytes.prefix(NumPyCodes.magic.count + 6), part: "npy header", offset: 0)
        _ = try fields.take(bytes: NumPyCodes.magic.count)
        let major = try fields.take(UInt8.self)
        let minor = try fields.take(UInt8.self)
        guard (1...3).contains(major), minor == 0 else {
            throw .foreign(format: "npy", reason: "version \(major).\(minor), expected 1.0 to 3.0")
        }
        let length = major == 1 ? Int(try fields.take(UInt16.self)) : Int(try fields.take(UInt32.self))
        bytes = bytes.dropFirst(NumPyCodes.magic.count + (major == 1 ? 4 : 6))
        guard length <= NumPyCodes.headerLimit, length <= bytes.count else {
            throw .foreign(format: "npy", reason: "header of \(length) bytes in a file with \(bytes.count) left")
        }
        let text = Array(bytes.prefix(length))
        bytes = bytes.dropFirst(length)
        return text
    }
}

/// Reads `{'descr': '<i4', 'fortran_order': False, 'shape': (8, 100), }` and nothing else.
struct NumPyDictParser {
    private var rest: ArraySlice<UInt8>

    init(_ text: [UInt8]) { rest = text[...] }

    mutating func parse() throws(TokenStreamError) -> (NumPyHeader.Element, Bool, [Int]) {
        var element: NumPyHeader.Element?
        var isFortranOrder: Bool?
        var shape: [Int]?
        try expect("{")
        while !accept("}") {
            let key = try quoted()
            try expect(":")
            switch key {
            case "descr" where element == nil: element = try self.element()
            case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
            case "shape" where shape == nil: shape = try tuple()
            default: throw refuse("unexpected or repeated key '\(key)'")
            }
            if !accept(",") {
                try expect("}")
                break
            }
        }
        skipSpace()
        guard rest.isEmpty else { throw refuse("text after the dict") }
        guard let element, let isFortranOrder, let shape else { throw refuse("descr, fortran_order or shape is missing") }
        return (element, isFortranOrder, shape)
    }

    private mutating func element() throws(TokenStreamError) -> NumPyHeader.Element {
        let type = try quoted()
        let order = type.first
        let kind = type.dropFirst().first
        if kind == "O" { throw refuse("object arrays hold pickles, which are never run") }
        guard let size = ["1": 1, "2": 2, "4": 4, "8": 8][String(type.dropFirst(2))],
            kind == "i" || kind == "u" || (kind == "b" && size == 1) || (kind == "f" && size >= 2),
            order == "<" || order == ">" || (order == "|" && size == 1)
        else { throw refuse("dtype '\(type)', expected integers or f2, f4 or f8") }
        return NumPyHeader.Element(isBigEndian: order == ">", isFloat: kind == "f", isSigned: kind == "i", byteCount: size)
    }

    private mutating func boolean() throws(TokenStreamError) -> Bool {
        if accept("True") { return true }
        if accept("False") { return false }
        throw refuse("fortran_order is neither True nor False")
    }

    private mutating func tuple() throws(TokenStreamError) -> [Int] {
        var values: [Int] = []
        try expect("(")
        while !accept(")") {
            skipSpace()
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard values.count < 8, let value = Int(String(decoding: digits, as: UTF8.self)) else {
                throw refuse("shape is not a tuple of sizes")
            }
            rest = rest.dropFirst(digits.count)
            values.append(value)
            if !accept(",") {
                try expect(")")
                break
            }
        }
        return values
    }

    private mutating func quoted() throws(TokenStreamError) -> String {
        skipSpace()
        guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw refuse("a quoted string is missing")
        }
        let text = rest.dropFirst().prefix { $0 != quote && (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }
        guard rest.dropFirst(1 + text.count).first == quote else { throw refuse("a string is not closed") }
        rest = rest.dropFirst(text.count + 2)
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    }

    private mutating func accept(_ token: String) -> Bool {
        skipSpace()
        guard rest.starts(with: token.utf8) else { return false }
        rest = rest.dropFirst(token.utf8.count)
        return true
    }

    private mutating func expect(_ token: String) throws(TokenStreamError) {
        guard accept(token) else { throw refuse("'\(token)' is missing") }
    }

    private func refuse(_ reason: String) -> TokenStreamError { .foreign(format: "npy", reason: reason) }
}
