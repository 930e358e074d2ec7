import Platform
import Tokens

/// A whole `.codetta` stream in figures, for `info` and `verify`.
public struct TokenFileReport: Sendable, Codable {
    /// One flaw of the file.
    public struct Flaw: Sendable, Codable, Hashable {
        /// Always `.badData` for a flaw of the file itself.
        public var kind: FailureKind
        /// Byte of the stream, when the flaw has a place.
        public var offset: Int?
        /// One line: where and what.
        public var description: String
    }

    /// `major.minor`.
    public var formatVersion: String
    /// As at the start of the file.
    public var header: TokenHeader
    /// Recordings that stand one behind the other in the file, the totals of which are added up.
    public var recordings: Int
    /// Frames, samples, chunks and bytes.
    public var totals: TokenTotals
    /// Length of the original audio in seconds.
    public var duration: Double
    /// Σ frame rate · log2 codebook size over codebooks and tracks, in bit/s.
    public var nominalBitrate: Double
    /// Bits of the file over its duration, in bit/s; nil when there are no samples.
    public var actualBitrate: Double?
    /// Whether all codes were decoded. False for a file in entropy mode `lm` whose model is not there, or not the one there is: all its
    /// bytes are checked then, but not what they stand for.
    public var codesChecked: Bool
    /// Unknown optional sections in the file.
    public var skippedSections: Int
    /// Flaws in all; `flaws` lists at most `DamageLog.capacity` of them.
    public var flawCount: Int
    /// In the order in which they were met.
    public var flaws: [Flaw]

    /// Whether a strict reader accepts the file, as far as its codes were checked: the first flaw is what it refuses the file for.
    public var isSound: Bool { flawCount == 0 }

    /// Reads all of `source` leniently, in constant memory.
    /// - Parameter entropyModel: finds the model of a file in entropy mode `lm`. Another than the file names counts as none.
    /// - Throws: `TokenStreamError` when there is no readable header or the file needs a newer reader; what the source and
    ///   `entropyModel` throw.
    public init(
        reading source: any ByteSource, entropyModel: @escaping (TokenHeader) throws -> EntropyModel? = { _ in nil }
    ) throws {
        let reader = try ContainerReader(source: source, mode: .lenient) { header in
            try entropyModel(header).flatMap { $0.isNamed(header.entropyModel) ? $0 : nil }
        }
        reader.skipsUndecodable = true
        self = try TokenFileReport(reader)
        while try reader.nextLink() { try add(TokenFileReport(reader)) }
    }

    /// Reads the recording at which `reader` stands to its end.
    private init(_ reader: ContainerReader) throws {
        while try reader.next() != nil {}
        guard let totals = reader.totals else {
            throw TokenStreamError.truncated(part: "the end mark", offset: 0)
        }
        header = reader.header
        recordings = 1
        formatVersion = "\(reader.version.major).\(reader.version.minor)"
        self.totals = totals
        duration = Double(totals.samples) / Double(reader.header.original.sampleRate)
        nominalBitrate = reader.header.nominalBitrate
        actualBitrate = totals.samples > 0 ? Double(totals.byteCount) * 8 / duration : nil
        codesChecked = reader.isDecodable
        skippedSections = reader.skippedSections
        flawCount = reader.damage.count
        flaws = reader.damage.entries.map {
            Flaw(kind: $0.kind, offset: $0.offset, description: $0.description)
        }
    }

    /// Adds the report of the next recording, whose reader knows the flaws of all.
    private mutating func add(_ next: TokenFileReport) {
        recordings += next.recordings
        // Lengths that a file merely claims must not overflow.
        for count in [\TokenTotals.frames, \.samples, \.chunkCount, \.byteCount, \.concealedFrames] {
            totals[keyPath: count].add(next.totals[keyPath: count])
        }
        totals.isSalvaged = totals.isSalvaged || next.totals.isSalvaged
        duration += next.duration
        actualBitrate = duration > 0 ? Double(totals.byteCount) * 8 / duration : nil
        totals.digest = nil
        codesChecked = codesChecked && next.codesChecked
        skippedSections += next.skippedSections
        (flawCount, flaws) = (next.flawCount, next.flaws)
    }
}
