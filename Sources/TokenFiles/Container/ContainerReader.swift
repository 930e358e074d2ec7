import Tokens

/// Reads a `.codetta` stream of any edition from a file or a pipe, piece by piece, in constant memory. Docs/container.md specifies the format.
///
/// The strict mode refuses any file that is not exactly what a writer of the format makes. The lenient mode goes on after damage:
/// it resynchronises at the next sound section, conceals what is missing (`TokenChunk.isConcealed`) and keeps a log. Both need a sound header; the
/// lenient mode repairs a single flipped bit in it.
///
/// Both are one code: whatever is wrong goes through `tolerate(_:)`, which throws in one mode and records in the other. So the first flaw in a
/// lenient reader's log is the error of a strict one, and where the log stays empty a strict reader accepts the file.
public final class ContainerReader {
    /// What to do about damage.
    public enum Mode: Sendable {
        /// Throw.
        case strict
        /// Record it and go on.
        case lenient
    }

    /// The file's format version.
    public private(set) var version: (major: Int, minor: Int)
    /// As given to the initialiser.
    public let mode: Mode

    private var input: any ContainerInput
    private let entropyModel: (TokenHeader) throws -> EntropyModel?

    /// Reads the magic, version and header.
    /// - Parameter entropyModel: finds the model of a file in entropy mode `lm`; asked once for each such header. Without one the
    ///   header can be read, and no codes.
    /// - Throws: `TokenStreamError` for anything but a readable header, also in lenient mode, and for a model that is not the file's;
    ///   what the source and `entropyModel` throw.
    public init(
        source: any ByteSource, mode: Mode = .strict, entropyModel: @escaping (TokenHeader) throws -> EntropyModel? = { _ in nil }
    ) throws {
        self.mode = mode
        self.entropyModel = entropyModel
        let sections = SectionReader(source, mode: mode)
        version = try sections.readPreamble()
        input = version.major == PagedHeader.major
            ? try PageReader(sections, entropyModel: entropyModel)
            : try ChunkReader(sections, version: version, entropyModel: entropyModel)
    }

    /// Goes on with the next recording of a chain: files of edition 2 may stand one behind the other. What is left of this one is passed over.
    /// - Returns: false when there is no other.
    /// - Throws: as `init` and `next()`.
    public func nextLink() throws -> Bool {
        while try next() != nil {}
        guard let link = try input.nextLink(entropyModel: entropyModel) else { return false }
        link.skipsUndecodable = input.skipsUndecodable
        input = link
        return true
    }

    /// How long the recording is, read from its end mark without the codes before it; nil when the source cannot seek.
    ///
    /// The place in the stream is undefined then, until the next successful seek.
    /// - Throws: `TokenStreamError` for a file without a readable end mark or index.
    public func ending() throws -> TokenEnding? {
        try input.seekableLength.map { try input.ending(length: $0) }
    }

    /// What the recording says about itself.
    public var header: TokenHeader { input.header }
    /// What the recording holds in all; nil until the end was met, complete once `next()` has returned nil.
    public var totals: TokenTotals? { input.totals }
    /// Unknown optional sections of the recording that were passed over.
    public var skippedSections: Int { input.skippedSections }
    /// Whether codes can be decoded: false in entropy mode `lm` without the model.
    public var isDecodable: Bool { input.isDecodable }
    /// What was wrong with the file so far; always empty in strict mode, which throws instead.
    public var damage: DamageLog { input.damage }

    /// What needs a missing entropy model comes without codes, for reports that need none.
    var skipsUndecodable: Bool {
        get { input.skipsUndecodable }
        set { input.skipsUndecodable = newValue }
    }

    /// The next frames in order, or nil at the end, after which `totals` is set.
    /// - Throws: `TokenStreamError` with kind `.badData` at the first flaw in strict mode, and for critical sections that this
    ///   version does not know in either mode; what the source throws.
    public func next() throws -> TokenChunk? { try input.next() }

    /// Makes the piece that holds base frame `frame` the next one, by the file's index.
    ///
    /// In entropy modes `adaptive` and `lm` what follows the last fresh model is decoded on the way.
    ///
    /// Checks that need the whole file (its checksum or digest, the index against the pieces) do not run after a seek. In lenient mode a
    /// damaged index is replaced by reading from the start.
    /// - Returns: the first frame of that piece, or the number of frames when `frame` is the end. Callers drop the
    ///   `frame - firstFrame` frames before the one they want.
    /// - Throws: `TokenStreamError.usage` when the source cannot seek or the file has fewer frames, and as `next()`; after an error
    ///   the place in the stream is undefined until the next successful seek.
    public func seek(toFrame frame: Int) throws -> Int { try input.seek(toFrame: frame) }

    /// Looks at the end mark of a source that can seek, before the codes are read, and stays in place: in files without segments the frames must
    /// not hold far more than the samples, and a decoder had better know before it hands samples out. Strict readers check it at the end
    /// all the same; what else is wrong with the end mark is left to them, and so are pipes and lenient readers.
    /// - Throws: `TokenStreamError.invalidField`, the one that `next()` throws at the end; what the source throws.
    public func checkLengthAhead() throws {
        if mode == .strict, let length = input.seekableLength { try input.checkLengthAhead(length: length) }
    }
}

/// A reader of one edition, behind the preamble.
protocol ContainerInput: AnyObject {
    var header: TokenHeader { get }
    var skippedSections: Int { get }
    var isDecodable: Bool { get }
    var damage: DamageLog { get }
    var skipsUndecodable: Bool { get set }

    var totals: TokenTotals? { get set }
    var concealedFrames: Int { get }
    /// A piece that a seek found and `next()` returns first.
    var heldBack: TokenChunk? { get set }
    /// Bytes of a source that can seek.
    var seekableLength: Int? { get }
    /// Whether all frames were handed out.
    var isAtEnd: Bool { get }
    /// The piece whose turn it is, if it was read, or a concealed one once it is clear that the sound one will not come.
    func nextReady() throws -> TokenChunk?
    /// Takes in the next part of the stream.
    func readOn() throws
    /// Throws `error` in strict mode and records it in lenient mode.
    func tolerate(_ error: TokenStreamError) throws(TokenStreamError)
    /// Goes on from the first frame.
    func rewind() throws
    /// Goes on, by the index of a stream of `length` bytes, from a piece at or before `frame`; anywhere for a frame beyond the end.
    /// - Returns: the frames in all.
    func jump(toward frame: Int, length: Int) throws -> Int
    /// See `ContainerReader.checkLengthAhead()`, for a stream of `length` bytes.
    func checkLengthAhead(length: Int) throws
    /// What the end mark says, in a stream of `length` bytes. The place in the stream is undefined then.
    func ending(length: Int) throws -> TokenEnding
    /// The recording behind the end of this one.
    func nextLink(entropyModel: (TokenHeader) throws -> EntropyModel?) throws -> (any ContainerInput)?
}

/// How long a recording is.
public struct TokenEnding: Sendable, Hashable {
    /// Base frames per track.
    public var frames: Int
    /// Samples per channel of the original audio, at its own rate.
    public var samples: Int

    /// Nothing is checked.
    public init(frames: Int, samples: Int) { (self.frames, self.samples) = (frames, samples) }
}

extension ContainerInput {
    /// See `ContainerReader.next()`.
    func next() throws -> TokenChunk? {
        if let chunk = heldBack {
            heldBack = nil
            return chunk
        }
        while true {
            if let chunk = try nextReady() { return chunk }
            if isAtEnd {
                totals?.concealedFrames = concealedFrames
                return nil
            }
            try readOn()
        }
    }

    /// See `ContainerReader.seek(toFrame:)`.
    func seek(toFrame frame: Int) throws -> Int {
        guard let length = seekableLength else {
            throw TokenStreamError.usage("cannot seek to frame \(frame): the input is a pipe")
        }
        guard frame >= 0 else { throw TokenStreamError.usage("cannot seek to frame \(frame)") }
        do {
            let frames = try jump(toward: frame, length: length)
            guard frame <= frames else { throw TokenStreamError.usage("cannot seek to frame \(frame) of \(frames)") }
        } catch let error as TokenStreamError where error.isDamage {
            try tolerate(error)
            try rewind()
        }
        while let chunk = try next() {
            if chunk.frames.contains(frame) {
                heldBack = chunk
                return chunk.firstFrame
            }
        }
        let frames = totals?.frames ?? 0
        guard frame == frames else { throw TokenStreamError.usage("cannot seek to frame \(frame) of \(frames)") }
        return frame
    }
}
