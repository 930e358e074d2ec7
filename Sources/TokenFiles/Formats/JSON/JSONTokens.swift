import Checkpoints
import Tokens

/// Codes and metadata as JSON, for scripts: `{"format": "codetta-tokens", "version": 1, "header": {…}, "samples": n,
/// "tracks": [[[codes of codebook 0], …], …]}`. The header's keys are those of `TokenHeader`. Codes in segments add
/// `"segments": [[{"frame": n, "scale": x}, …], …]`, one list per track.
public enum JSONTokens {
    static let format = "codetta-tokens"
    static let version = 1

    /// UTF-8 JSON with sorted keys.
    /// - Throws: `TokenStreamError.invalidField`, `.codeOutOfRange` or `.usage` for a document that no container could hold.
    public static func encode(_ document: EncodedAudio) throws -> [UInt8] {
        try document.validate()
        var bytes = Array("{\"format\":\"\(format)\",\"header\":".utf8)
        bytes += try JSONText.encode(document.header)
        bytes += ",\"samples\":\(document.samples)".utf8
        if !document.tracks.allSatisfy(\.segments.isEmpty) {
            bytes += ",\"segments\":".utf8
            bytes += try JSONText.encode(document.tracks.map(\.segments))
        }
        bytes += ",\"tracks\":".utf8
        append(document.tracks, to: &bytes) { track, bytes in
            append(track.streams, to: &bytes) { stream, bytes in
                append(stream, to: &bytes) { code, bytes in bytes += String(code).utf8 }
            }
        }
        bytes += ",\"version\":\(version)}".utf8
        return bytes
    }

    private static func append<Element>(
        _ elements: [Element], to bytes: inout [UInt8], _ body: (Element, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            body(element, &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// The document in `bytes`, checked like a container.
    /// - Throws: `TokenStreamError.foreign` for other JSON and documents that no container could hold, `.invalidField` or `.codeOutOfRange`.
    public static func decode(_ bytes: [UInt8]) throws -> EncodedAudio {
        do {
            return try document(try JSONValue(parsing: bytes, limits: .init(depth: 16, values: .max)))
        } catch let error as JSONError {
            throw refusal(error.description)
        } catch CheckpointError.invalidConfig(let field, let reason, _) {
            throw refusal(field.isEmpty ? reason : "\(field) \(reason)")
        }
    }

    private static func refusal(_ reason: String) -> TokenStreamError { .foreign(format: "JSON tokens", reason: reason) }

    private static func document(_ json: JSONValue) throws -> EncodedAudio {
        guard case .object(let fields) = json else { throw refusal("is \(json.kindName), expected an object") }
        func field(_ name: String) throws -> JSONValue {
            guard let value = fields[name] else { throw refusal("\(name) is missing") }
            return value
        }
        let format = try field("format"), version = try field("version")
        guard format == .string(Self.format), version == .integer(Self.version) else {
            throw refusal("format \(text(format)) \(text(version)), expected \"\(Self.format)\" \(Self.version)")
        }
        let header = try field("header").decoded(as: TokenHeader.self, file: "")
        guard case .integer(let samples) = try field("samples") else { throw refusal("samples is not an integer") }
        let streams = try elements(try field("tracks"), "tracks").map { track in
            try elements(track, "a track").map { stream in try elements(stream, "a stream").map { try code($0) } }
        }
        let segments = try fields["segments"]?.decoded(as: [[CodeSegment]]?.self, file: "") ?? streams.map { _ in [] }
        guard segments.count == streams.count else {
            throw refusal("segments of \(segments.count) track(s), expected \(streams.count)")
        }
        let document = EncodedAudio(
            header: header, tracks: zip(streams, segments).map { Codes(streams: $0, segments: $1) }, samples: samples)
        try document.validate(asFileOf: "JSON tokens")
        return document
    }

    private static func elements(_ value: JSONValue, _ what: String) throws(TokenStreamError) -> [JSONValue] {
        guard case .array(let elements) = value else { throw refusal("\(what) is \(value.kindName), expected an array") }
        return elements
    }

    private static func code(_ value: JSONValue) throws(TokenStreamError) -> Int32 {
        guard case .integer(let integer) = value, let code = Int32(exactly: integer) else {
            throw refusal("a code is \(text(value)), expected an integer of 32 bits")
        }
        return code
    }

    /// A value in a message.
    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let string): return "\"\(string.prefix(40))\""
        case .integer(let integer): return "\(integer)"
        case .number(let number): return "\(number)"
        default: return value.kindName
        }
    }
}

extension EncodedAudio {
    /// Checks that a container can hold the document: header bounds, codes in range, streams that end together, samples covered.
    /// - Throws: as `ContainerWriter`.
    public func validate() throws {
        try write(to: ClosureSink { _ in })
    }

    /// As `validate()`, for a document that a file of `format` holds: what is wrong with it is bad data.
    /// - Throws: as `ContainerWriter`, but `TokenStreamError.foreign` for what it calls wrong usage.
    package func validate(asFileOf format: String) throws {
        do {
            try validate()
        } catch TokenStreamError.usage(let reason) {
            throw TokenStreamError.foreign(format: format, reason: reason)
        }
    }
}
