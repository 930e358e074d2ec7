import Platform
import Tokens

/// Writes a `.codetta` stream in one pass, to a file or a pipe alike: of edition 2 if the header has a `paging`, else of edition 1. The bytes depend on
/// the header, the codes and the sample count alone, not on how the codes were cut into calls. Docs/container.md specifies the format.
///
/// Holds at most a chunk or page of codes and the index, as long as the streams of all codebooks grow together.
public final class ContainerWriter {
    /// As written at the start of the stream.
    public let header: TokenHeader

    private let output: any ContainerOutput
    private let out: CountingSink
    private var pending: PendingCodes
    private var framesWritten = 0
    private var hasSegments = false
    private var isOpen = true

    /// Bytes of the codes so far, without what is around them.
    public var payloadByteCount: Int { output.payloadByteCount }

    /// Writes the magic and the header.
    /// - Parameter entropyModel: the model that the header names, in entropy mode `lm`.
    /// - Throws: `TokenStreamError.invalidField` for a header outside the format's bounds, `.missingEntropyModel`,
    ///   `.otherEntropyModel` or `.foreign` for a model that is not the header's or not for its layout, and what the sink throws.
    public init(header: TokenHeader, sink: any ByteSink, entropyModel: EntropyModel? = nil) throws {
        try header.validate()
        let learned = try header.checkedEntropyModel(entropyModel)
        if header.entropy == .lm && learned == nil { throw header.missingEntropyModel }
        self.header = header
        pending = PendingCodes(header)
        out = CountingSink(sink)
        if let paging = header.paging {
            output = try PageOutput(header, paging, out, learned: learned)
        } else {
            output = try ChunkOutput(header, out, learned: learned)
        }
    }

    /// Adds codes, one entry per track, any number of frames. Streams may run ahead of each other between calls.
    /// - Throws: `UsedAfterEnd` when it is finished or has failed.
    ///   `TokenStreamError.usage` for a wrong number of tracks or codebooks, `.codeOutOfRange` for a code that its codebook
    ///   lacks (nothing of the call is then written), and what the sink throws, after which the writer is closed.
    public func write(_ tracks: [Codes]) throws {
        try requireOpen()
        try pending.add(tracks, written: framesWritten)
        if tracks.contains(where: { !$0.segments.isEmpty }) { hasSegments = true }
        let unit = output.framesPerPiece
        let whole = (pending.frames.min() ?? 0) / unit * unit
        for start in stride(from: 0, to: whole, by: unit) { try put(start..<start + unit) }
        pending.drop(frames: whole)
    }

    /// Writes the last codes, the index and the end mark. `samples` is the original audio's length per channel.
    /// - Throws: `UsedAfterEnd` when it is finished or has failed.
    ///   `TokenStreamError.usage` when the streams do not end together on a whole superframe, when `samples` contradicts
    ///   the header, exceeds what the frames hold or, without segments, falls short of it by more than padding; and what the sink throws.
    @discardableResult
    public func finish(samples: Int) throws -> TokenTotals {
        try requireOpen()
        let rest = Set(pending.frames)
        let superframe = header.layout.superframe
        guard let frames = rest.first, rest.count == 1, frames % superframe == 0 else {
            throw TokenStreamError.usage(
                "the streams end at different frames or inside a superframe of \(superframe): "
                    + "\(rest.sorted()) frames after \(framesWritten)")
        }
        try check(samples: samples, frames: framesWritten + frames)
        if frames > 0 {
            try put(0..<frames)
            pending.drop(frames: frames)
        }
        isOpen = false
        try output.finish(frames: framesWritten, samples: samples)
        return TokenTotals(
            frames: framesWritten, samples: samples, chunkCount: output.pieceCount, byteCount: out.byteCount, concealedFrames: 0,
            isSalvaged: false, digest: output.contentDigest)
    }

    private func requireOpen() throws(UsedAfterEnd) {
        guard isOpen else { throw UsedAfterEnd("token writer") }
    }

    private func check(samples: Int, frames: Int) throws(TokenStreamError) {
        if let known = header.original.sampleCount, known != samples {
            throw .usage("the header says \(known) samples, the end \(samples)")
        }
        guard frames <= FormatLimits.sampleCount.upperBound, RecordingLength(samples: samples, frames: frames).isCovered(header) else {
            throw .usage("\(frames) frames do not hold \(samples) samples")
        }
        guard RecordingLength(samples: samples, frames: frames).isPadded(header, hasSegments: hasSegments) else {
            throw .usage("\(frames) frames hold far more than \(samples) samples and an encoder's padding")
        }
    }

    /// Writes the pending frames `range`, counted from the first pending one.
    private func put(_ range: Range<Int>) throws {
        do {
            try output.put(pending.piece(range), firstFrame: framesWritten)
        } catch {
            isOpen = false
            throw error
        }
        framesWritten += range.count
    }
}

/// A writer of one edition, which is given whole pieces in order.
protocol ContainerOutput: AnyObject {
    /// Base frames of every piece but the last.
    var framesPerPiece: Int { get }
    var pieceCount: Int { get }
    var payloadByteCount: Int { get }
    /// Of all codes so far; nil for an edition that has none.
    var contentDigest: ContentDigest? { get }
    /// - Parameter firstFrame: of the piece, counted from the first of the stream.
    func put(_ piece: FramePiece, firstFrame: Int) throws
    func finish(frames: Int, samples: Int) throws
}

/// Counts what goes into a sink, and sums it up.
final class CountingSink {
    private let sink: any ByteSink
    private(set) var byteCount = 0
    private(set) var checksum = CRC32C()

    init(_ sink: any ByteSink) { self.sink = sink }

    func emit(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try sink.write($0) }
        checksum.update(bytes)
        byteCount += bytes.count
    }
}
