import Checkpoints

/// The header and the length of a document as JSON, for formats that hold arrays beside it:
/// `{"format": "codetta-tokens", "version": 1, "header": {…}, "samples": n}`, as `JSONTokens` has them.
public struct TokenRecord: Codable, Sendable, Equatable {
    /// What the codes are: codec, layout, original.
    public var header: TokenHeader
    /// Samples per channel of the original audio.
    public var samples: Int
    private var format = JSONTokens.format
    private var version = JSONTokens.version

    /// Takes over both values; nothing is checked.
    public init(header: TokenHeader, samples: Int) {
        self.header = header
        self.samples = samples
    }

    /// UTF-8 with sorted keys.
    /// - Throws: nothing that its fields can cause.
    public func encode() throws -> [UInt8] { try JSONText.encode(self) }

    /// Nothing of the header is checked yet.
    /// - Parameter format: of the file, for messages.
    /// - Throws: `TokenStreamError.foreign` for other JSON.
    public static func decode(_ bytes: [UInt8], format: String) throws(TokenStreamError) -> TokenRecord {
        guard let record = try? JSONValue(parsing: bytes).decoded(as: TokenRecord.self, file: format),
            record.format == JSONTokens.format, record.version == JSONTokens.version
        else {
            throw .foreign(format: format, reason: "its metadata are not those of \(JSONTokens.format) \(JSONTokens.version)")
        }
        return record
    }
}
