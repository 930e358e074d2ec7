import Checkpoints
import Foundation
import Testing

private struct Sample: Codable, Equatable {
    enum Kind: String, Codable { case one, two }

    struct Part: Codable, Equatable {
        var a: Float
        var list: [Int32]
        var kind: Kind
    }

    var zeta: Int?
    var alpha: String
    var yes: Bool
    var parts: [Part]
    var nested: [[UInt8]]
    var table: [String: Double]
    var missing: Int?
}

@Suite struct JSONTextTests {
    private let sample = Sample(
        zeta: .min, alpha: "a/b \"c\" \\ \n\t\r\u{8}\u{c}\u{1}\u{1f}\u{7f} é 測 🎧", yes: true,
        parts: [.init(a: 0.1, list: [-1, 0, .max], kind: .two), .init(a: 1, list: [], kind: .one)], nested: [[], [1, 255]],
        table: ["x": 1e300, "w": -0.0, "B": 1e16, "b": .leastNonzeroMagnitude, "10": 2.5, "9": 100_000])

    /// Files that were written by Foundation's encoder and those of this one are the same.
    @Test func writesWhatFoundationWrites() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(try String(decoding: JSONText.encode(sample), as: UTF8.self) == String(decoding: encoder.encode(sample), as: UTF8.self))
        #expect(try JSONText.encode([Int]()) == Array("[]".utf8))
        #expect(try JSONText.encode([String: Int]()) == Array("{}".utf8))
        #expect(try JSONText.encode(1.5 as Float) == Array("1.5".utf8))
    }

    @Test func whatItWritesComesBack() throws {
        let json = try JSONValue(parsing: try JSONText.encode(sample))
        #expect(try json.decoded(as: Sample.self, file: "f") == sample)
    }

    @Test func numbersThatJSONDoesNotKnowAreRefused() {
        #expect(throws: EncodingError.self) { try JSONText.encode([Double.nan]) }
        #expect(throws: EncodingError.self) { try JSONText.encode(["x": Float.infinity]) }
    }
}
