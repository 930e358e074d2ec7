import Platform

/// The shape of a codec's token streams: one entry per codebook.
///
/// Codes may be ragged: codebook k has one code every `stride` base frames, so that strides [4, 2, 1] are SNAC's three scales.
/// A plain RVQ has stride 1 everywhere.
public struct CodeLayout: Sendable, Hashable, Codable {
    /// One codebook's size and rate.
    public struct Codebook: Sendable, Hashable, Codable {
        /// Number of codewords; codes are 0..<size.
        public var size: Int
        /// Base frames that one code covers.
        public var stride: Int

        /// `size` codewords, one code every `stride` base frames.
        public init(size: Int, stride: Int = 1) {
            self.size = size
            self.stride = stride
        }

        /// Bits that hold any code of this codebook.
        public var bits: Int { size <= 1 ? 0 : Int.bitWidth - (size - 1).leadingZeroBitCount }
    }

    /// In stream order.
    public var codebooks: [Codebook]
    /// Audio samples a base frame, at `sampleRate`.
    public var hopLength: Int
    /// The codec's own rate in Hz.
    public var sampleRate: Int

    /// `hopLength` in samples at `sampleRate` Hz.
    public init(codebooks: [Codebook], hopLength: Int, sampleRate: Int) {
        self.codebooks = codebooks
        self.hopLength = hopLength
        self.sampleRate = sampleRate
    }

    /// `count` codebooks of one size and stride 1.
    public init(uniform count: Int, size: Int, hopLength: Int, sampleRate: Int) {
        self.init(
            codebooks: Array(repeating: Codebook(size: size), count: count),
            hopLength: hopLength, sampleRate: sampleRate)
    }

    /// Base frames per second.
    public var frameRate: Double { Double(sampleRate) / Double(hopLength) }

    /// Σ frameRate_k · log2 size_k in bit/s.
    public var nominalBitrate: Double {
        codebooks.reduce(0) { $0 + frameRate / Double($1.stride) * log2(Double($1.size)) }
    }

    /// The least number of base frames that holds a whole number of codes of every codebook; `Int.max` when it overflows,
    /// so that absurd strides from a file fail a comparison instead of trapping.
    public var superframe: Int { codebooks.reduce(1) { leastCommonMultiple($0, max($1.stride, 1)) } }

    /// Base frames that `codes` cover: those that every codebook reaches.
    public func frames(of codes: Codes) -> Int { zip(codes.streams, codebooks).map { $0.count * $1.stride }.min() ?? 0 }

    /// Base frames that each of several tracks covers, all of the same length.
    public func frames(of tracks: [Codes]) -> Int { tracks.first.map { frames(of: $0) } ?? 0 }

    /// The layout with its first `count` codebooks only.
    public func prefix(_ count: Int) -> CodeLayout {
        CodeLayout(codebooks: Array(codebooks.prefix(count)), hopLength: hopLength, sampleRate: sampleRate)
    }
}

/// Where a piece of the signal begins that the codec codes by itself, and the level that was taken out of it.
///
/// EnCodec at 48 kHz cuts its signal into overlapping segments of a second and divides each by its level.
public struct CodeSegment: Sendable, Hashable, Codable {
    /// The segment's first frame, counted from the first frame of the codes that hold it.
    public var frame: Int
    /// What the segment's decoded samples are multiplied by: finite, not negative.
    public var scale: Float

    /// Takes over `frame` and `scale`; nothing is checked.
    public init(frame: Int, scale: Float) {
        self.frame = frame
        self.scale = scale
    }
}

/// Codes of one track: `streams[k][t]`, K streams whose lengths follow the layout's strides.
///
/// A *track* is what a codec codes jointly: one for a mono codec on mono audio or for a stereo codec on stereo audio,
/// one per channel when a mono codec codes each channel by itself.
public struct Codes: Sendable, Equatable {
    /// One stream per codebook, each in order of time.
    public var streams: [[Int32]]
    /// The segments that begin among these codes, in order. Only codecs whose codebooks all have stride 1 have any.
    public var segments: [CodeSegment]

    /// Takes over `streams` and `segments`.
    public init(streams: [[Int32]], segments: [CodeSegment] = []) {
        self.streams = streams
        self.segments = segments
    }

    /// No codes yet in `codebooks` streams.
    public init(codebooks: Int) { self.init(streams: Array(repeating: [], count: codebooks)) }

    /// Number of streams.
    public var codebookCount: Int { streams.count }
    /// Whether no stream holds a code.
    public var isEmpty: Bool { streams.allSatisfy(\.isEmpty) }

    /// Adds `other`'s codes at the end of each stream.
    public mutating func append(_ other: Codes) {
        precondition(other.codebookCount == codebookCount, "appending \(other.codebookCount) codebooks to \(codebookCount)")
        let frames = streams.first?.count ?? 0
        segments += other.segments.map { CodeSegment(frame: frames + $0.frame, scale: $0.scale) }
        for k in streams.indices { streams[k].append(contentsOf: other.streams[k]) }
    }

    /// The first `count` codebooks only.
    public func prefix(_ count: Int) -> Codes { Codes(streams: Array(streams.prefix(count)), segments: segments) }

    /// The codes of base frames `frames`, whose bounds are multiples of the superframe of `layout`, and the segments that
    /// begin there.
    public func slice(frames: Range<Int>, layout: CodeLayout) -> Codes {
        let first = segmentCount(before: frames.lowerBound)
        let end = max(first, segmentCount(before: frames.upperBound))
        return Codes(
            streams: zip(streams, layout.codebooks).map { stream, codebook in
                Array(stream[frames.lowerBound / codebook.stride..<frames.upperBound / codebook.stride])
            },
            segments: segments[first..<end].map { CodeSegment(frame: $0.frame - frames.lowerBound, scale: $0.scale) })
    }

    /// Segments that begin before base frame `frame`, which needs no look at all of them: a file may have one per frame.
    private func segmentCount(before frame: Int) -> Int {
        var (low, high) = (0, segments.count)
        while low < high {
            let middle = low + (high - low) / 2
            if segments[middle].frame < frame { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
