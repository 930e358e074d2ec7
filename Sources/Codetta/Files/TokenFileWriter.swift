import Platform
import TokenFiles
import Tokens

/// The file formats that hold codes.
public enum TokenFormat: String, CaseIterable, Sendable {
    /// The container of Docs/container.md.
    case codetta
    /// An integer array without metadata.
    case npy
    /// Codes and metadata as text.
    case json
    /// Named NumPy arrays with metadata (`TokenArrays`).
    case npz
    /// The same arrays as tensors.
    case safetensors
    /// EnCodec's own files, of its 24 and 48 kHz models.
    case ecdc
    /// DAC's own files.
    case dac

    /// Whether codes of any codec fit.
    public var takesAnyCodec: Bool { self != .ecdc && self != .dac }

    /// The format that a file name's extension stands for.
    public init?(fileExtension: String) { self.init(rawValue: fileExtension) }
}

/// Writes codes in any of the token formats. A container streams; the others hold all codes in memory until the end.
public final class TokenFileWriter {
    /// Bytes written so far.
    public private(set) var byteCount = 0

    private enum Backend {
        case container(ContainerWriter)
        /// Never of the format `codetta`.
        case document(EncodedAudio, format: TokenFormat)
    }

    private var backend: Backend
    private let sink: any ByteSink
    private var end = StreamEnd("token writer")

    /// - Parameters:
    ///   - format: format of the file that is written.
    ///   - header: what the file says about its codes.
    ///   - sink: where the bytes go.
    ///   - entropyModel: the model that the header names, for a container in entropy mode `lm`.
    /// - Throws: `TokenStreamError.invalidField` for a header that the format cannot hold, `.missingEntropyModel`,
    ///   `.otherEntropyModel` or `.foreign` for a model that is not the header's, and what the sink throws.
    public init(
        _ format: TokenFormat, header: TokenHeader, sink: any ByteSink, entropyModel: EntropyModel? = nil
    ) throws {
        self.sink = sink
        switch format {
        case .codetta: backend = .container(try ContainerWriter(header: header, sink: sink, entropyModel: entropyModel))
        case .npy, .json, .npz, .safetensors, .ecdc, .dac:
            try header.validate()
            let empty = [Codes](noneOf: header)
            backend = .document(EncodedAudio(header: header, tracks: empty, samples: 0), format: format)
        }
    }

    /// Adds codes, one entry per track.
    /// - Throws: as `ContainerWriter.write(_:)`.
    public func write(_ tracks: [Codes]) throws {
        try end.requireOpen()
        switch backend {
        case .container(let writer): try writer.write(tracks)
        case .document(var document, let format):
            // Emptied so that the codes below are not copied for having two owners.
            backend = .document(EncodedAudio(header: document.header, tracks: [], samples: 0), format: format)
            for (track, codes) in tracks.enumerated() { document.tracks[track].append(codes) }
            backend = .document(document, format: format)
        }
    }

    /// Ends the file of `samples` original samples per channel.
    /// - Throws: as `ContainerWriter.finish(samples:)`, `NumPyCodes.encode(_:)`, `JSONTokens.encode(_:)`, `TokenArrays.npz()`,
    ///   `ECDCTokens.encode(_:)` and `DACTokens.encode()`.
    public func finish(samples: Int) throws {
        try end.reach()
        switch backend {
        case .container(let writer): byteCount = try writer.finish(samples: samples).byteCount
        case .document(var document, let format):
            document.samples = samples
            try document.validate()
            if document.header.paging?.skippedSamples ?? 0 > 0, [.npy, .ecdc, .dac].contains(format) {
                throw TokenStreamError.foreign(
                    format: format.rawValue, reason: "has no place for what a part of a recording says of its beginning; .json, .npz and .safetensors do")
            }
            let bytes = try Self.encode(document, format)
            try bytes.withUnsafeBytes { try sink.write($0) }
            byteCount = bytes.count
        }
    }

    /// A whole file of any format but the container.
    private static func encode(_ document: EncodedAudio, _ format: TokenFormat) throws -> [UInt8] {
        let arrays = TokenArrays(
            tracks: document.tracks, record: TokenRecord(header: document.header, samples: document.samples))
        switch format {
        case .codetta, .json: return try JSONTokens.encode(document)
        case .npy: return try NumPyCodes.encode(document.tracks)
        case .npz: return try arrays.npz()
        case .safetensors: return try arrays.safetensors()
        case .ecdc: return try ECDCTokens.encode(document)
        case .dac: return try DACTokens(document).encode()
        }
    }
}
