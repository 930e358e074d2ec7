import Codecs
import Foundation
import Tensors
import TokenStream

/// Reads codes from any of the token formats, told apart by their first bytes. Containers stream; the others are read whole.
public final class TokenFileReader {
    public let format: TokenFormat
    /// Nil for `.npy` until `adopt(_:weights:)`, since these files say nothing about themselves.
    public private(set) var header: TokenHeader?
    /// Samples a channel of the original audio; nil until `next()` has returned nil.
    public private(set) var samples: Int?

    private enum Backend {
        case container(TokenReader)
        case document(TokenDocument, next: Int)
        case bare([Codes])
    }

    private var backend: Backend

    /// - Parameter entropyModels: where the models of containers in entropy mode `lm` are.
    /// - Throws: `PipelineError.unknownTokenFormat`, `TokenStreamError`, and what the source and `entropyModels` throw.
    public init(
        source: any ByteSource, mode: TokenReader.Mode = .strict, entropyModels: EntropyModels = .standard
    ) throws {
        let beginning = try Self.readBeginning(source)
        let whole = ReplayedSource(beginning, then: source)
        if beginning.starts(with: [0x93] + Array("NUMPY".utf8)) {
            format = .npy
            backend = .bare(try NumPyCodes.decode(try whole.readAll()))
        } else if beginning.first(where: { !Self.whitespace.contains($0) }) == UInt8(ascii: "{") {
            format = .json
            let document = try JSONTokens.decode(Data(try whole.readAll()))
            header = document.header
            backend = .document(document, next: 0)
        } else {
            format = .codetta
            let reader = try TokenReader(source: whole, mode: mode, entropyModel: entropyModels.model(for:))
            header = reader.header
            backend = .container(reader)
        }
    }

    private static let whitespace: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]

    private static func readBeginning(_ source: any ByteSource) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 8)
        var count = 0
        while count < bytes.count {
            let got = try bytes.withUnsafeMutableBytes { try source.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...])) }
            if got == 0 { break }
            count += got
        }
        return Array(bytes.prefix(count))
    }

    /// What a lenient reader went past; nil for formats without checks of their own.
    public var damage: DamageLog? {
        if case .container(let reader) = backend { return reader.damage }
        return nil
    }

    /// Frames that a lenient reader made up, known at the end.
    public var concealedFrames: Int {
        if case .container(let reader) = backend { return reader.totals?.concealedFrames ?? 0 }
        return 0
    }

    /// Whether the end was lost, known at the end.
    public var isSalvaged: Bool {
        if case .container(let reader) = backend { return reader.totals?.isSalvaged ?? false }
        return false
    }

    /// Takes the codes of a file without metadata for `codec`'s, at its own rate, without padding. Does nothing for other files.
    /// - Throws: `PipelineError.codecMismatch` or `TokenStreamError` when they cannot be.
    public func adopt(_ codec: CodecDescription, weights: SHA256.Digest) throws {
        guard case .bare(let tracks) = backend else { return }
        let codebooks = tracks.first?.codebookCount ?? 0
        guard (1...codec.layout.codebooks.count).contains(codebooks), codec.channels == 1 || tracks.count == 1 else {
            throw PipelineError.codecMismatch(
                file: "a codec of \(codebooks) codebooks and \(tracks.count) tracks",
                model: "\(codec.name) (\(codec.layout.codebooks.count) codebooks)")
        }
        let size = [tracks[0].streams[0].count, codec.layout.codebooks[0].stride, codec.layout.hopLength]
        let samples = try CheckedSize.elements(size, bytesPerElement: 1, budget: .max)
        let document = TokenDocument(
            header: TokenHeader(
                codecName: codec.name, modelType: codec.modelType, weights: weights, layout: codec.layout.prefix(codebooks),
                channels: codec.channels, trackCount: tracks.count,
                original: OriginalAudio(sampleRate: codec.sampleRate, channels: codec.channels * tracks.count)),
            tracks: tracks, samples: samples)
        try document.validate()
        header = document.header
        backend = .document(document, next: 0)
    }

    /// The next codes in order, one entry a track; nil at the end.
    /// - Throws: as `TokenReader.next()`.
    public func next() throws -> [Codes]? {
        switch backend {
        case .container(let reader):
            if let chunk = try reader.next() { return chunk.tracks }
            samples = reader.totals?.samples
            return nil
        case .document(let document, let next):
            let layout = document.header.layout
            let frames = (document.tracks.first?.streams.first?.count ?? 0) * (layout.codebooks.first?.stride ?? 1)
            guard next < frames else {
                samples = document.samples
                return nil
            }
            let range = next..<min(frames, next + document.header.framesPerChunk)
            backend = .document(document, next: range.upperBound)
            return document.tracks.map { $0.slice(frames: range, layout: layout) }
        case .bare:
            throw TokenStreamError.usage("codes without metadata need a codec before they can be read")
        }
    }
}

extension Codes {
    /// The codes of base frames `frames`, whose bounds are multiples of the superframe.
    func slice(frames: Range<Int>, layout: CodeLayout) -> Codes {
        Codes(
            streams: zip(streams, layout.codebooks).map { stream, codebook in
                Array(stream[frames.lowerBound / codebook.stride..<frames.upperBound / codebook.stride])
            })
    }
}

/// Hands out bytes that were already read, then the rest of their source.
final class ReplayedSource: ByteSource {
    private var replay: ArraySlice<UInt8>
    private let source: any ByteSource

    init(_ replay: [UInt8], then source: any ByteSource) {
        self.replay = replay[...]
        self.source = source
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard !replay.isEmpty else { return try source.read(into: buffer) }
        let count = min(buffer.count, replay.count)
        buffer.copyBytes(from: replay.prefix(count))
        replay = replay.dropFirst(count)
        return count
    }

    /// Everything up to the end.
    /// - Throws: `SizeError.overBudget` for more than a document may have, and what the source throws.
    func readAll() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try piece.withUnsafeMutableBytes { try read(into: $0) }
            if count == 0 { return bytes }
            _ = try CheckedSize.elements([bytes.count + count], bytesPerElement: 16)
            bytes.append(contentsOf: piece[..<count])
        }
    }
}
