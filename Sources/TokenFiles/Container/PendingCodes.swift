import Tokens

/// Codes that a writer was given and has not written yet. The streams of different codebooks may run ahead of each other.
struct PendingCodes {
    private let header: TokenHeader
    /// `[track][codebook]`.
    private var codes: [[[Int32]]]
    /// Segments that begin in the pending frames, counted from the first of these: `[track]`.
    private var segments: [[CodeSegment]]

    init(_ header: TokenHeader) {
        self.header = header
        codes = Array(repeating: Array(repeating: [], count: header.layout.codebooks.count), count: header.trackCount)
        segments = Array(repeating: [], count: header.trackCount)
    }

    /// Base frames that each stream has pending.
    var frames: [Int] { codes.flatMap { track in zip(track, header.layout.codebooks).map { $0.count * $1.stride } } }

    /// - Parameter written: frames before the pending ones, for errors.
    /// - Throws: `TokenStreamError.usage` for a wrong number of tracks or codebooks and for wrong segments, `.codeOutOfRange`; nothing is added then.
    mutating func add(_ tracks: [Codes], written: Int) throws(TokenStreamError) {
        try check(tracks, written: written)
        for (track, more) in tracks.enumerated() {
            let frames = codes[track][0].count
            segments[track] += more.segments.map { CodeSegment(frame: frames + $0.frame, scale: $0.scale) }
            for (k, stream) in more.streams.enumerated() { codes[track][k].append(contentsOf: stream) }
        }
    }

    /// Drops the first `frames` frames.
    mutating func drop(frames: Int) {
        guard frames > 0 else { return }
        for track in codes.indices {
            for (k, codebook) in header.layout.codebooks.enumerated() { codes[track][k].removeFirst(frames / codebook.stride) }
            segments[track] = segments(from: frames, to: .max, track: track)
        }
    }

    /// The codes of pending frames, which all streams must have.
    func piece(_ range: Range<Int>) -> FramePiece {
        FramePiece(
            frameCount: range.count,
            codes: codes.map { track in
                zip(track, header.layout.codebooks).map { stream, codebook in
                    stream[range.lowerBound / codebook.stride..<range.upperBound / codebook.stride]
                }
            },
            segments: segments.indices.map { segments(from: range.lowerBound, to: range.upperBound, track: $0) })
    }

    /// The pending segments that begin in frames `start` to `end`, counted from `start`.
    private func segments(from start: Int, to end: Int, track: Int) -> [CodeSegment] {
        segments[track].filter { $0.frame >= start && $0.frame < end }
            .map { CodeSegment(frame: $0.frame - start, scale: $0.scale) }
    }

    private func check(_ tracks: [Codes], written: Int) throws(TokenStreamError) {
        let codebooks = header.layout.codebooks
        guard tracks.count == header.trackCount, tracks.allSatisfy({ $0.codebookCount == codebooks.count }) else {
            throw .usage(
                "expected \(header.trackCount) track(s) of \(codebooks.count) codebook(s), "
                    + "got tracks of \(tracks.map(\.codebookCount))")
        }
        for (track, more) in tracks.enumerated() {
            for (k, stream) in more.streams.enumerated() {
                let size = codebooks[k].size
                guard let bad = stream.firstIndex(where: { $0 < 0 || Int($0) >= size }) else { continue }
                let frame = written + (codes[track][k].count + bad) * codebooks[k].stride
                throw .codeOutOfRange(track: track, codebook: k, frame: frame, code: Int(stream[bad]), size: size)
            }
            try checkSegments(of: more)
        }
    }

    private func checkSegments(of codes: Codes) throws(TokenStreamError) {
        guard !codes.segments.isEmpty else { return }
        let frames = codes.streams[0].count
        guard header.layout.superframe == 1 else { throw .usage("segments need codebooks of stride 1") }
        if let (field, found) = SegmentRecord.flaw(codes.segments, frames: frames) {
            throw .usage("a segment has \(field) \(found), expected \(SegmentRecord.expectation(frames))")
        }
    }
}

/// Consecutive frames on their way into a file.
struct FramePiece {
    var frameCount: Int
    /// `[track][codebook]`.
    var codes: [[ArraySlice<Int32>]]
    /// Of each track, counted from the first of these frames.
    var segments: [[CodeSegment]]

    var hasSegments: Bool { segments.contains { !$0.isEmpty } }
}
