import Platform

/// How token files name an entropy model: by the first 8 bytes of the identity of its tensors, in edition 1 of the SHA-256 of its file, since short
/// recordings have few bytes to spare. Its text is 16 lower-case hexadecimal digits.
public struct EntropyModelName: Sendable, Hashable, CustomStringConvertible {
    /// Bytes of a name.
    public static let byteCount = 8
    /// The hash's first bytes.
    public let bytes: [UInt8]

    /// The name of the model that has this identity.
    public init(_ digest: ContentDigest) { bytes = Array(digest.bytes.prefix(Self.byteCount)) }

    /// Nil unless there are 8 bytes.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Lower-case hexadecimal.
    public var description: String { bytes.map { hexadecimal($0) }.joined() }
}

extension EntropyModelName: Codable {
    /// From 16 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard text.utf8.count == 2 * Self.byteCount, digits.count == text.utf8.count else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "expected 16 hexadecimal digits, found \(text)"))
        }
        bytes = (0..<Self.byteCount).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
    }

    /// As 16 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
