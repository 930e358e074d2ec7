import Foundation
import Platform

/// What `--json` prints: keys in alphabetical order; numbers that JSON lacks become null.
enum JSON {
    /// On one line, for streams of results.
    static func line(_ value: some Encodable) throws -> String { try encode(value, [.sortedKeys, .withoutEscapingSlashes]) }

    /// Indented, for one result.
    static func document(_ value: some Encodable) throws -> String {
        try encode(value, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
    }

    private static func encode(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        return String(decoding: try encoder.encode(value), as: UTF8.self).escapingControlsOfJSON
    }
}
