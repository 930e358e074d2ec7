/// Texts about a recording, by key: `TokenHeader.tags`.
public enum TokenTags {
    /// Keys with a meaning that Docs/container.md states. Others may be used.
    public static let registry = ["artist", "comment", "date", "language", "licence", "software", "source", "speaker", "text", "title"]

    /// Bytes that keys and values may have in all.
    public static let lengthLimit = 1 << 20
    static let keyBytes = 1...255

    /// What is wrong with tags: nil if nothing is.
    static func flaw(_ tags: [String: String]) -> (field: String, found: String, expected: String)? {
        var length = 0
        for (key, value) in tags {
            let bytes = Array(key.utf8)
            guard keyBytes.contains(bytes.count), bytes.allSatisfy(isKeyByte) else {
                return ("key", "\"\(key.prefix(64))\"", "1 to 255 of the letters a to z, digits, '.', '_' and '-'")
            }
            guard !value.utf8.contains(0) else { return ("value of \(key)", "with a zero", "text") }
            length += bytes.count + value.utf8.count
        }
        return length <= lengthLimit ? nil : ("length", "\(length)", "at most \(lengthLimit) bytes")
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains(byte)
    }
}

/// The payload of a block of tags: how many, then key and value of each, in order of the keys' bytes.
enum TagsRecord {
    static func encode(_ tags: [String: String]) -> [UInt8] {
        var fields = FieldWriter()
        fields.put(varint: tags.count)
        for key in tags.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            fields.put(text: key)
            fields.put(text: tags[key] ?? "")
        }
        return fields.bytes
    }

    static func decode(_ payload: [UInt8], offset: Int) throws(TokenStreamError) -> [String: String] {
        var fields = FieldReader(payload, part: "tags", offset: offset)
        var tags: [String: String] = [:]
        var last: String?
        for _ in 0..<(try fields.takeVarint("count", in: 1...TokenTags.lengthLimit)) {
            let key = try fields.takeText("key", length: try fields.takeVarint("length of a key", in: TokenTags.keyBytes))
            let value = try fields.takeText("value", length: try fields.takeVarint("length of a value", in: 0...TokenTags.lengthLimit))
            guard last.map({ $0.utf8.lexicographicallyPrecedes(key.utf8) }) ?? true else {
                throw .invalidField(part: "tags", field: "key", found: "\"\(key)\"", expected: "rising keys", offset: offset)
            }
            (last, tags[key]) = (key, value)
        }
        try fields.finish()
        if let flaw = TokenTags.flaw(tags) {
            throw .invalidField(part: "tags", field: flaw.field, found: flaw.found, expected: flaw.expected, offset: offset)
        }
        return tags
    }
}
