import Checkpoints
import Testing

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test func parsesEveryKindOfValue() throws {
        let text = " {\"a\" : [1, -2.5, 1e2, true, false, null, \"x\"], \"b\": {}, \"c\": [ ] }\r\n\t"
        #expect(
            try parse(text)
                == .object([
                    "a": .array([.integer(1), .number(-2.5), .number(100), .bool(true), .bool(false), .null, .string("x")]),
                    "b": .object([:]), "c": .array([]),
                ]))
    }

    @Test func integersStayApartFromOtherNumbers() throws {
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("-9223372036854775808") == .integer(.min))
        #expect(try parse("9223372036854775808") == .number(0x1p63))
        #expect(try parse("1.0") == .number(1))
        #expect(try parse("-0") == .integer(0))
    }

    @Test func escapesDecode() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00é""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀é"))
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:2}", "'a'",
        "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "1e999", "tru", "nul", "\"", "\"\\\"", "\"\\x\"",
        "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\u{1}\"", "1 2", "//", "[1]]", "\u{0}",
    ]) func refusesWhatIsNotJSON(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test func duplicateKeyIsLocated() {
        #expect(throws: JSONError(offset: 7, reason: "duplicate key \"a\"")) { try parse(#"{"a":1,"a":2}"#) }
        #expect(throws: Never.self) { try parse(#"{"a":{"a":1},"b":{"a":1}}"#) }
    }

    @Test func limitsHold() throws {
        let limits = JSONValue.Limits(depth: 2, values: 4)
        #expect(throws: Never.self) { try JSONValue(parsing: Array("[[1,2]]".utf8), limits: limits) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array("[[[]]]".utf8), limits: limits) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array("[1,2,3,4]".utf8), limits: limits) }
    }
}
