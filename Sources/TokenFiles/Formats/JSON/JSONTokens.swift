import Foundation
import Tokens

/// Codes and metadata as JSON, for scripts: `{"format": "codetta-tokens", "version": 1, "header": {…}, "samples": n,
/// "tracks": [[[codes of codebook 0], …], …]}`. The header's keys are those of `TokenHeader`. Codes in segments add
/// `"segments": [[{"frame": n, "scale": x}, …], …]`, one list per track.
public enum JSONTokens {
    static let format = "codetta-tokens"
    static let version = 1

    private struct Layout: Codable {
        var format: String
        var version: Int
        var header: TokenHeader
        var samples: Int
        var tracks: [[[Int32]]]
        var segments: [[CodeSegment]]?
    }

    /// UTF-8 JSON with sorted keys.
    /// - Throws: `TokenStreamError.invalidField`, `.codeOutOfRange` or `.usage` for a document that no container could hold.
    public static func encode(_ document: TokenDocument) throws -> Data {
        try document.validate()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(
            Layout(
                format: format, version: version, header: document.header, samples: document.samples,
                tracks: document.tracks.map(\.streams),
                segments: document.tracks.allSatisfy(\.segments.isEmpty) ? nil : document.tracks.map(\.segments)))
    }

    /// The document in `data`, checked like a container.
    /// - Throws: `TokenStreamError.foreign` for other JSON, else as `encode(_:)`.
    public static func decode(_ data: Data) throws -> TokenDocument {
        let layout: Layout
        do {
            layout = try JSONDecoder().decode(Layout.self, from: data)
        } catch let error as DecodingError {
            throw TokenStreamError.foreign(format: "JSON tokens", reason: reason(error))
        }
        guard layout.format == format, layout.version == version else {
            throw TokenStreamError.foreign(
                format: "JSON tokens", reason: "format \"\(layout.format)\" \(layout.version), expected \"\(format)\" \(version)")
        }
        let segments = layout.segments ?? layout.tracks.map { _ in [] }
        guard segments.count == layout.tracks.count else {
            throw TokenStreamError.foreign(
                format: "JSON tokens", reason: "segments of \(segments.count) track(s), expected \(layout.tracks.count)")
        }
        let tracks = zip(layout.tracks, segments).map { Codes(streams: $0, segments: $1) }
        let document = TokenDocument(header: layout.header, tracks: tracks, samples: layout.samples)
        try document.validate()
        return document
    }

    private static func reason(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
            return path.isEmpty ? "at the top" : "at " + path.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "no \"\(key.stringValue)\" \(place(context))"
        case .typeMismatch(let type, let context): return "not a \(type) \(place(context))"
        case .valueNotFound(let type, let context): return "null instead of a \(type) \(place(context))"
        case .dataCorrupted(let context): return "\(context.debugDescription) \(place(context))"
        @unknown default: return "not readable"
        }
    }
}

extension TokenDocument {
    /// Checks that a container can hold the document: header bounds, codes in range, streams that end together, samples covered.
    /// - Throws: as `ContainerWriter`.
    public func validate() throws {
        try write(to: ClosureSink { _ in })
    }
}
