import Tokens

/// Consecutive base frames of all tracks.
public struct TokenChunk: Sendable, Equatable {
    /// Index of the first base frame.
    public var firstFrame: Int
    /// Base frames, a multiple of the layout's superframe.
    public var frameCount: Int
    /// One entry per track.
    public var tracks: [Codes]
    /// Whether these frames were lost and a lenient reader concealed them: every stream repeats the last code before the gap,
    /// or 0 when there is none.
    public var isConcealed: Bool

    /// `tracks` hold the codes of `frameCount` base frames from `firstFrame` on.
    public init(firstFrame: Int, frameCount: Int, tracks: [Codes], isConcealed: Bool = false) {
        self.firstFrame = firstFrame
        self.frameCount = frameCount
        self.tracks = tracks
        self.isConcealed = isConcealed
    }

    /// The base frames that this chunk holds.
    public var frames: Range<Int> { firstFrame..<firstFrame + frameCount }
}

/// What a stream holds in all, known at its end.
public struct TokenTotals: Sendable, Equatable, Codable {
    /// Base frames per track.
    public var frames: Int
    /// Samples per channel of the original audio, at its own rate. Decoders crop to it.
    public var samples: Int
    /// Chunks that hold the frames.
    public var chunkCount: Int
    /// Bytes of the stream.
    public var byteCount: Int
    /// Frames that a lenient reader concealed.
    public var concealedFrames: Int
    /// Whether the end mark was lost, so that `frames` and `samples` are what was seen and the true end is unknown.
    public var isSalvaged: Bool
}

/// Encoded audio in memory: its codes and all that a token file says of them.
public struct EncodedAudio: Sendable, Equatable {
    /// As at the start of a file.
    public var header: TokenHeader
    /// One entry per track.
    public var tracks: [Codes]
    /// Samples per channel of the original audio.
    public var samples: Int

    /// Checked when it is written, or by `validate()`.
    public init(header: TokenHeader, tracks: [Codes], samples: Int) {
        self.header = header
        self.tracks = tracks
        self.samples = samples
    }

    /// Reads all of `source`, concealed frames included in lenient mode.
    /// - Throws: as `ContainerReader`; `TokenStreamError.chained` for more than one recording.
    public init(
        source: any ByteSource, mode: ContainerReader.Mode = .strict,
        entropyModel: @escaping (TokenHeader) throws -> EntropyModel? = { _ in nil }
    ) throws {
        let reader = try ContainerReader(source: source, mode: mode, entropyModel: entropyModel)
        header = reader.header
        tracks = [Codes](noneOf: header)
        while let chunk = try reader.next() {
            tracks.append(tracks: chunk.tracks)
        }
        samples = reader.totals?.samples ?? 0
        if try reader.nextLink() { throw TokenStreamError.chained }
    }

    /// Writes the document as a `.codetta` stream.
    /// - Throws: as `ContainerWriter`.
    @discardableResult
    public func write(to sink: any ByteSink, entropyModel: EntropyModel? = nil) throws -> TokenTotals {
        let writer = try ContainerWriter(header: header, sink: sink, entropyModel: entropyModel)
        try writer.write(tracks)
        return try writer.finish(samples: samples)
    }
}
