import Codecs
import Platform
import TokenFiles
import Tokens

/// Reads codes from any of the token formats, told apart by their first bytes. Containers stream; the others are read whole.
///
/// A container may hold several recordings, one behind the other: `next()` gives the codes of one, and `nextRecording()` goes on with the next.
public final class TokenFileReader {
    /// The file's format.
    public let format: TokenFormat
    /// Nil for files that do not name their codec until `adopt(_:)`: `.npy`, `.dac`, and arrays without metadata.
    public private(set) var header: TokenHeader?
    /// Samples a channel of the original audio, or of the part of it that was chosen; nil until `next()` has returned nil.
    public private(set) var samples: Int?

    /// The loudness in LUFS that a `.dac` file states for the original; nil for all others.
    public private(set) var loudness: Float?

    private enum Backend {
        case container(ContainerReader)
        case document(EncodedAudio, next: Int)
        case foreign(ECDCReader)
        case bare(BareTokens)
    }

    private var backend: Backend
    /// What `select(_:context:)` chose; nil for all.
    private var selection: SpanSelection?
    /// Frames that a foreign file gave.
    private var foreignFrames = 0
    /// Totals of the recordings before the present one.
    private var earlier = (concealedFrames: 0, isSalvaged: false, skippedSections: 0)

    /// - Parameters:
    ///   - source: the bytes to read.
    ///   - mode: strict, or lenient for damaged files.
    ///   - entropyModels: where the models of containers in entropy mode `lm` are.
    /// - Throws: `TokenStreamError`, `CheckpointError` for a damaged safetensors file, and what the source and `entropyModels` throw.
    public init(
        source: any ByteSource, mode: ContainerReader.Mode = .strict, entropyModels: EntropyModels = .standard
    ) throws {
        let beginning = try Self.readBeginning(source)
        let whole = ReplayedSource(beginning, then: source)
        format = Self.format(beginning)
        switch format {
        case .npy: backend = .bare(BareTokens(tracks: try NumPyCodes.decode(try whole.readAll())))
        case .dac:
            let file = try DACTokens(try whole.readAll())
            loudness = file.loudness
            backend = .bare(BareTokens(file))
        case .npz: backend = try Self.backend(try TokenArrays(npz: try whole.readAll()))
        case .safetensors: backend = try Self.backend(try TokenArrays(safetensors: try whole.readAll()))
        case .json: backend = .document(try JSONTokens.decode(try whole.readAll()), next: 0)
        case .ecdc: backend = .foreign(try ECDCReader(source: whole))
        case .codetta: backend = .container(try ContainerReader(source: whole, mode: mode, entropyModel: entropyModels.model(for:)))
        }
        switch backend {
        case .container(let reader): header = reader.header
        case .document(let document, _): header = document.header
        case .foreign(let reader): header = reader.header
        case .bare: header = nil
        }
    }

    /// The format of a file that begins so; the container where it is none of the others.
    private static func format(_ beginning: [UInt8]) -> TokenFormat {
        if beginning.starts(with: [0x93] + Array("NUMPY".utf8)) { return DACTokens.isObjectArray(beginning) ? .dac : .npy }
        if beginning.starts(with: [0x50, 0x4B, 3, 4]) || beginning.starts(with: [0x50, 0x4B, 5, 6]) { return .npz }
        if beginning.starts(with: Array("ECDC".utf8)) { return .ecdc }
        // A header of less than 4 GiB, which JSON follows; text has no zeros.
        if beginning.count > 8, beginning[8] == UInt8(ascii: "{"), beginning[4..<8].allSatisfy({ $0 == 0 }) { return .safetensors }
        return beginning.first { !whitespace.contains($0) } == UInt8(ascii: "{") ? .json : .codetta
    }

    /// The format of the file that `source` begins, and a source of all its bytes. Bytes of no format are those of a broken container.
    package static func identify(_ source: any ByteSource) throws -> (format: TokenFormat, source: any ByteSource) {
        let beginning = try readBeginning(source)
        return (format(beginning), ReplayedSource(beginning, then: source))
    }

    /// The codes of a file that does not name its codec, one entry per track, until `adopt(_:)`; nil for others.
    package var unnamedCodes: [Codes]? {
        if case .bare(let bare) = backend { return bare.tracks }
        return nil
    }

    private static func backend(_ arrays: TokenArrays) throws -> Backend {
        guard let record = arrays.record else { return .bare(BareTokens(tracks: arrays.tracks)) }
        let document = EncodedAudio(header: record.header, tracks: arrays.tracks, samples: record.samples)
        try document.validate(asFileOf: "arrays")
        return .document(document, next: 0)
    }

    private static let whitespace: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]

    private static func readBeginning(_ source: any ByteSource) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 128)
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

    /// Optional sections of a container that this version does not know and passed over, known at the end.
    public var skippedSections: Int {
        if case .container(let reader) = backend { return earlier.skippedSections + reader.skippedSections }
        return 0
    }

    /// Where the source can seek, refuses a container whose frames hold far more than its samples before any code is read, as `next()` does at
    /// the end. For codecs without segments; for others it does nothing that is of use.
    /// - Throws: as `ContainerReader.checkLengthAhead()`.
    func checkLengthAhead() throws {
        if case .container(let reader) = backend { try reader.checkLengthAhead() }
    }

    /// Frames that a lenient reader concealed, known at the end.
    public var concealedFrames: Int {
        if case .container(let reader) = backend { return earlier.concealedFrames + (reader.totals?.concealedFrames ?? 0) }
        return 0
    }

    /// Whether the end was lost, known at the end.
    public var isSalvaged: Bool {
        if case .container(let reader) = backend { return earlier.isSalvaged || reader.totals?.isSalvaged ?? false }
        return false
    }

    /// Takes the codes of a file that does not name its codec for `model`'s: at its own rate and without padding, unless the
    /// file says otherwise. Does nothing for other files.
    /// - Throws: `PipelineError.codecMismatch` or `TokenStreamError` when they cannot be.
    public func adopt(_ model: Model) throws {
        guard case .bare(let bare) = backend else { return }
        let codec = model.description
        let tracks = bare.tracks
        let codebooks = tracks.first?.codebookCount ?? 0
        guard (1...codec.layout.codebooks.count).contains(codebooks), codec.channels == 1 || tracks.count == 1,
            bare.modelType == nil || bare.modelType == codec.modelType
        else {
            throw PipelineError.codecMismatch(
                file: "a codec \(bare.modelType.map { "(\($0)) " } ?? "")of \(codebooks) codebooks and \(tracks.count) tracks",
                model: "\(codec.name) (\(codec.layout.codebooks.count) codebooks)")
        }
        let size = [tracks[0].streams[0].count, codec.layout.codebooks[0].stride, codec.layout.hopLength]
        let samples = try CheckedSize.elements(size, bytesPerElement: 1, budget: .max)
        let document = EncodedAudio(
            header: TokenHeader(
                codecName: codec.name, modelType: codec.modelType, weights: try model.weights,
                layout: codec.layout.prefix(codebooks),
                channels: codec.channels, trackCount: tracks.count,
                original: OriginalAudio(
                    sampleRate: bare.sampleRate ?? codec.sampleRate, channels: codec.channels * tracks.count,
                    sampleCount: bare.samples)),
            tracks: tracks, samples: bare.samples ?? samples)
        try document.validate(asFileOf: format.rawValue)
        header = document.header
        backend = .document(document, next: 0)
    }

    /// The next codes in order, one entry per track; nil at the end of the recording, or of the part of it that was chosen.
    /// - Throws: as `ContainerReader.next()`.
    public func next() throws -> [Codes]? {
        guard selection != nil else { return try readOn()?.codes }
        while let header, let piece = try selection?.isComplete == true ? nil : readOn() {
            if let codes = selection?.take(piece.codes, firstFrame: piece.firstFrame, layout: header.layout) { return codes }
        }
        samples = try selection?.finish(samples: samples)
        return nil
    }

    /// The next codes of the whole file, recording after recording, with the frames that a cut keeps around its part; nil at the file's end.
    /// - Throws: `TokenStreamError.chained` where a recording has other codebooks than the one before; as `next()`.
    public func nextOfAll() throws -> [Codes]? {
        while true {
            if let codes = try next() { return codes }
            let last = header
            guard try nextRecording() else { return nil }
            guard last?.layout == header?.layout && last?.trackCount == header?.trackCount else { throw TokenStreamError.chained }
        }
    }

    /// Goes on with the next recording of a container, or the part of it that was chosen. What is left of the present one is passed over.
    /// - Returns: false when there is no other.
    /// - Throws: as `next()`.
    public func nextRecording() throws -> Bool {
        guard selection?.isLast != true, try enterNextRecording() else { return false }
        if selection != nil { return try enterSelection() }
        return true
    }

    /// - Throws: `TokenStreamError.chained` when another recording follows; as `next()`.
    public func requireNoOther() throws {
        if try nextRecording() { throw TokenStreamError.chained }
    }

    /// Chooses a part of the audio: from now on the reader gives the codes that a decoder needs to give that part's samples as it would in the whole,
    /// bit for bit, and a header that says what to drop of them.
    ///
    /// By the index, where the source can seek; else what comes before is read and dropped.
    /// - Parameters:
    ///   - span: over all recordings of the file, one behind the other.
    ///   - context: how far the codec looks around a frame; nil for what the file says of it, and where that is nothing, all frames before and after.
    /// - Throws: `TokenStreamError.usage` for a span that begins behind the end; as `next()`.
    public func select(_ span: TimeSpan, context: DecodingContext? = nil) throws {
        guard header != nil else { throw PipelineError.unnamedCodec }
        selection = SpanSelection(span, context: context)
        guard try enterSelection() else { throw TokenStreamError.usage("\(span.start) s is not before the end") }
    }

    /// Codes as they stand in the file, and where.
    private func readOn() throws -> (codes: [Codes], firstFrame: Int)? {
        switch backend {
        case .container(let reader):
            if let chunk = try reader.next() { return (chunk.tracks, chunk.firstFrame) }
            samples = reader.totals?.samples
            return nil
        case .document(let document, let next):
            let layout = document.header.layout
            let frames = layout.frames(of: document.tracks)
            guard next < frames else {
                samples = document.samples
                return nil
            }
            let range = next..<min(frames, next + document.header.framesPerChunk)
            backend = .document(document, next: range.upperBound)
            return (document.tracks.map { $0.slice(frames: range, layout: layout) }, next)
        case .foreign(let reader):
            let first = foreignFrames
            if let codes = try reader.next() {
                foreignFrames += reader.header.layout.frames(of: codes)
                return ([codes], first)
            }
            samples = reader.samples
            return nil
        case .bare:
            throw TokenStreamError.usage("codes without metadata need a codec before they can be read")
        }
    }

    private func enterNextRecording() throws -> Bool {
        guard case .container(let reader) = backend else { return false }
        // Passed over by the index, where there is one.
        if selection != nil, let ending = try reader.ending() { _ = try reader.seek(toFrame: ending.frames) }
        while try reader.next() != nil {}
        let (totals, skipped) = (reader.totals, reader.skippedSections)
        guard try reader.nextLink() else { return false }
        earlier.concealedFrames += totals?.concealedFrames ?? 0
        earlier.isSalvaged = earlier.isSalvaged || totals?.isSalvaged ?? false
        earlier.skippedSections += skipped
        (header, samples) = (reader.header, nil)
        return true
    }

    /// Finds the next recording of which a part is chosen, from the present one on, and goes to where that part begins; false when there is none.
    private func enterSelection() throws -> Bool {
        repeat {
            guard let recording = header else { return false }
            let ending = try ending(recording)
            guard let cut = try selection?.enter(recording, ending: ending) else { continue }
            header = cut.header
            switch backend {
            case .container(let reader):
                if ending != nil { _ = try reader.seek(toFrame: cut.firstFrame) }
            case .document(let document, _): backend = .document(document, next: cut.firstFrame)
            case .foreign, .bare: break
            }
            return true
        } while try enterNextRecording()
        return false
    }

    /// How long the present recording is, where that can be known before it is read.
    private func ending(_ recording: TokenHeader) throws -> TokenEnding? {
        switch backend {
        case .container(let reader): return try reader.ending()
        case .document(let document, _):
            return TokenEnding(frames: document.header.layout.frames(of: document.tracks), samples: document.samples)
        case .foreign, .bare: return nil
        }
    }
}

/// Codes of a file that does not name the codec, and what it says of the audio.
private struct BareTokens {
    var tracks: [Codes]
    /// Of the original audio.
    var samples: Int?
    var sampleRate: Int?
    /// The family of the codec, if the format has but one.
    var modelType: String?

    init(tracks: [Codes]) { self.tracks = tracks }

    init(_ file: DACTokens) {
        self.init(tracks: file.tracks)
        samples = file.samples
        sampleRate = file.sampleRate
        modelType = DACTokens.modelType
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

    var seekableLength: Int? { source.seekableLength }

    func seek(to offset: Int) throws {
        replay = []
        try source.seek(to: offset)
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
