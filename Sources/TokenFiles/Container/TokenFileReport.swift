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
    /// Whether all codes were decoded. False for a file in entropy mode `lm` whose model is not there: all its bytes are checked
    /// then, but not what they stand for.
    public var codesChecked: Bool
    /// Unknown optional sections in the file.
    public var skippedSections: Int
    /// Flaws in all; `flaws` lists at most `DamageLog.capacity` of them.
    public var flawCount: Int
    /// In the order in which they were met.
    public var flaws: [Flaw]

    /// Whether a strict reader accepts the file.
    public var isSound: Bool { flawCount == 0 }

    /// Reads all of `source` in constant memory, twice where it can seek: strictly for the verdict, and where that is bad leniently for a list of all
    /// flaws. Of a pipe, a lenient reading is both.
    /// - Parameter entropyModel: finds the model of a file in entropy mode `lm`. Another model than the file's counts as none.
    /// - Throws: `TokenStreamError` when there is no readable header or the file needs a newer reader; what the source and `entropyModel` throw.
    public init(
        reading source: any ByteSource, entropyModel: @escaping (TokenHeader) throws -> EntropyModel? = { _ in nil }
    ) throws {
        func read(_ mode: ContainerReader.Mode) throws -> TokenFileReport {
            let reader = try ContainerReader(source: source, mode: mode) { header in
                try entropyModel(header).flatMap { $0.isNamed(header.entropyModel) ? $0 : nil }
            }
            reader.skipsUndecodable = true
            var report = try TokenFileReport(reader)
            while try reader.nextLink() { try report.add(TokenFileReport(reader)) }
            return report
        }
        var verdict: TokenStreamError?
        if source.seekableLength != nil {
            do {
                self = try read(.strict)
                return
            } catch let error as TokenStreamError where error.isDamage {
                verdict = error
                try source.seek(to: 0)
            }
        }
        self = try read(.lenient)
        if let verdict, isSound {
            flawCount = 1
            flaws = [Flaw(kind: verdict.kind, offset: verdict.offset, description: verdict.description)]
        }
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
