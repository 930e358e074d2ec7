/// The SHA-256 of some content, which stands for it: 32 bytes, or the first 8 of them where bytes are dear. Its text is lower-case hexadecimal.
public struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
    /// Bytes of a digest.
    public static let byteCount = 32
    /// Bytes of the beginning of one that stands for the whole.
    public static let beginningByteCount = 8
    /// In the order of the standard's big-endian words.
    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// The beginning of a digest. Nil unless there are 8 bytes.
    public init?(beginning bytes: some Collection<UInt8>) {
        guard bytes.count == Self.beginningByteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Nil unless `hex` is 64 hexadecimal digits, or the first 16.
    public init?(hex: String) {
        let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard [Self.byteCount, Self.beginningByteCount].contains(hex.utf8.count / 2), hex.utf8.count % 2 == 0, digits.count == hex.utf8.count
        else { return nil }
        self.bytes = (0..<digits.count / 2).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
    }

    /// Whether these are all 32 bytes.
    public var isWhole: Bool { bytes.count == Self.byteCount }

    /// Whether both may be of the same content: where one is the beginning of a digest, the other begins so.
    public func agrees(with other: ContentDigest) -> Bool {
        let count = min(bytes.count, other.bytes.count)
        return bytes.prefix(count) == other.bytes.prefix(count)
    }

    /// All zeros: stands for a codec without weights.
    public static let zero = ContentDigest(words: Array(repeating: 0, count: 8))

    init(words: [UInt32]) {
        bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) } }
    }

    /// Lower-case hexadecimal.
    public var description: String { bytes.map { hexadecimal($0) }.joined() }
}

extension ContentDigest: Codable {
    /// From 64 hexadecimal digits, or the first 16.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let digest = ContentDigest(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a SHA-256 is 64 hexadecimal digits, or the first 16")
        }
        self = digest
    }

    /// As hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
