import Platform
import Tokens

/// Writes a `.codetta` stream in one pass, to a file or a pipe alike. The bytes depend on the header, the codes and the sample
/// count alone, not on how the codes were cut into calls. The format is specified in Docs/container.md.
///
/// Holds at most a chunk of codes and 512 KiB of index, as long as the streams of all codebooks grow together.
public final class ContainerWriter {
    /// As written at the start of the stream.
    public let header: TokenHeader

    private let sink: any ByteSink
    private let geometry: ChunkGeometry
    /// Codes not yet in a chunk: `[track][codebook]`.
    private var pending: [[[Int32]]]
    /// Segments that begin in the pending frames, counted from the first of these: `[track]`.
    private var pendingSegments: [[CodeSegment]]
    private var framesWritten = 0
    private var hasSegments = false
    private var chunkCount = 0
    private var sectionCount = 0
    private var byteCount = 0
    /// Bytes of the codes in the chunks so far, without the sections around them.
    public private(set) var payloadByteCount = 0
    private var fileChecksum = CRC32C()
    private var index = ChunkIndex()
    private var isOpen = true
    /// Nil in entropy mode `none`.
    private let adaptive: AdaptiveChunks?

    /// Writes the magic and the header.
    /// - Parameter entropyModel: the model that the header names, in entropy mode `lm`.
    /// - Throws: `TokenStreamError.invalidField` for a header outside the format's bounds, `.missingEntropyModel`,
    ///   `.otherEntropyModel` or `.foreign` for a model that is not the header's or not for its layout, and what the sink throws.
    public init(header: TokenHeader, sink: any ByteSink, entropyModel: EntropyModel? = nil) throws {
        let payload = try HeaderRecord.encode(header)
        let learned = try header.checkedEntropyModel(entropyModel)
        if header.entropy == .lm && learned == nil { throw header.missingEntropyModel }
        self.header = header
        self.sink = sink
        self.geometry = ChunkGeometry(header)
        self.adaptive = header.entropy == .none ? nil : AdaptiveChunks(geometry, learned: learned)
        self.pending = Array(
            repeating: Array(repeating: [], count: header.layout.codebooks.count), count: header.trackCount)
        self.pendingSegments = Array(repeating: [], count: header.trackCount)
        try emit(Preamble.bytes(entropy: header.entropy))
        try emitSection(SectionType.header, payload: payload)
    }

    /// Adds codes, one entry per track, any number of frames. Streams may run ahead of each other between calls.
    /// - Throws: `UsedAfterEnd` when it is finished or has failed.
    ///   `TokenStreamError.usage` for a wrong number of tracks or codebooks, `.codeOutOfRange` for a code that its codebook
    ///   lacks (nothing of the call is then written), and what the sink throws, after which the writer is closed.
    public func write(_ tracks: [Codes]) throws {
        try requireOpen()
        try check(tracks)
        for (track, codes) in tracks.enumerated() {
            let frames = pending[track][0].count
            if !codes.segments.isEmpty { hasSegments = true }
            pendingSegments[track] += codes.segments.map { CodeSegment(frame: frames + $0.frame, scale: $0.scale) }
            for (k, stream) in codes.streams.enumerated() { pending[track][k].append(contentsOf: stream) }
        }
        let ready = pendingFrames.min() ?? 0
        let whole = ready / header.framesPerChunk * header.framesPerChunk
        for start in stride(from: 0, to: whole, by: header.framesPerChunk) {
            try emitChunk(start..<start + header.framesPerChunk)
        }
        dropPending(frames: whole)
    }

    /// Writes the last chunk, the index and the end mark. `samples` is the original audio's length per channel.
    /// - Throws: `UsedAfterEnd` when it is finished or has failed.
    ///   `TokenStreamError.usage` when the streams do not end together on a whole superframe, when `samples` contradicts
    ///   the header, exceeds what the frames hold or, without segments, falls short of it by more than padding; and what the sink throws.
    @discardableResult
    public func finish(samples: Int) throws -> TokenTotals {
        try requireOpen()
        let rest = Set(pendingFrames)
        guard let frames = rest.first, rest.count == 1, frames % geometry.superframe == 0 else {
            throw TokenStreamError.usage(
                "the streams end at different frames or inside a superframe of \(geometry.superframe): "
                    + "\(rest.sorted()) frames after \(framesWritten)")
        }
        try check(samples: samples, frames: framesWritten + frames)
        if frames > 0 {
            try emitChunk(0..<frames)
            dropPending(frames: frames)
        }
        isOpen = false
        let indexOffset = byteCount
        try emitSection(SectionType.index, payload: index.payload)
        let record = EndRecord(
            frames: framesWritten, samples: samples, indexOffset: indexOffset, chunkCount: chunkCount,
            fileChecksum: fileChecksum.value)
        try emitSection(SectionType.end, payload: record.payload)
        return TokenTotals(
            frames: framesWritten, samples: samples, chunkCount: chunkCount, byteCount: byteCount, concealedFrames: 0,
            isSalvaged: false)
    }

    // MARK: Checks

    private func requireOpen() throws(UsedAfterEnd) {
        guard isOpen else { throw UsedAfterEnd("token writer") }
    }

    private func check(_ tracks: [Codes]) throws(TokenStreamError) {
        let codebooks = header.layout.codebooks
        guard tracks.count == header.trackCount, tracks.allSatisfy({ $0.codebookCount == codebooks.count }) else {
            throw .usage(
                "expected \(header.trackCount) track(s) of \(codebooks.count) codebook(s), "
                    + "got tracks of \(tracks.map(\.codebookCount))")
        }
        for (track, codes) in tracks.enumerated() {
            for (k, stream) in codes.streams.enumerated() {
                let size = codebooks[k].size
                guard let bad = stream.firstIndex(where: { $0 < 0 || Int($0) >= size }) else { continue }
                let frame = framesWritten + (pending[track][k].count + bad) * codebooks[k].stride
                throw .codeOutOfRange(track: track, codebook: k, frame: frame, code: Int(stream[bad]), size: size)
            }
            try checkSegments(of: codes)
        }
    }

    private func checkSegments(of codes: Codes) throws(TokenStreamError) {
        guard !codes.segments.isEmpty else { return }
        let frames = codes.streams[0].count
        guard geometry.superframe == 1 else { throw .usage("segments need codebooks of stride 1") }
        if let (field, found) = SegmentRecord.flaw(codes.segments, frames: frames) {
            throw .usage("a segment has \(field) \(found), expected \(SegmentRecord.expectation(frames))")
        }
    }

    private func check(samples: Int, frames: Int) throws(TokenStreamError) {
        if let known = header.original.sampleCount, known != samples {
            throw .usage("the header says \(known) samples, the end \(samples)")
        }
        guard FormatLimits.sampleCount.contains(samples), frames <= FormatLimits.sampleCount.upperBound,
            SampleSpan(header).covers(samples: samples, frames: frames)
        else {
            throw .usage("\(frames) frames do not hold \(samples) samples")
        }
        guard hasSegments || SampleSpan(header).isPadded(samples: samples, frames: frames) else {
            throw .usage("\(frames) frames hold far more than \(samples) samples and an encoder's padding")
        }
    }

    // MARK: Pending codes

    /// Base frames that each stream has pending.
    private var pendingFrames: [Int] {
        pending.flatMap { track in zip(track, header.layout.codebooks).map { $0.count * $1.stride } }
    }

    private func dropPending(frames: Int) {
        guard frames > 0 else { return }
        for track in pending.indices {
            for (k, codebook) in header.layout.codebooks.enumerated() {
                pending[track][k].removeFirst(frames / codebook.stride)
            }
            pendingSegments[track] = segments(from: frames, to: .max, track: track)
        }
    }

    /// The pending segments that begin in frames `start` to `end`, counted from `start`.
    private func segments(from start: Int, to end: Int, track: Int) -> [CodeSegment] {
        pendingSegments[track].filter { $0.frame >= start && $0.frame < end }
            .map { CodeSegment(frame: $0.frame - start, scale: $0.scale) }
    }

    // MARK: Output

    /// Writes the pending frames `range`, counted from the first pending one.
    private func emitChunk(_ range: Range<Int>) throws {
        let codes = pending.map { track in
            zip(track, header.layout.codebooks).map { stream, codebook in
                stream[range.lowerBound / codebook.stride..<range.upperBound / codebook.stride]
            }
        }
        let payload =
            try adaptive?.encode(codes, firstFrame: framesWritten, frames: range.count) ?? geometry.pack(codes)
        index.add(offset: byteCount)
        let segments = pendingSegments.indices.map { self.segments(from: range.lowerBound, to: range.upperBound, track: $0) }
        if segments.contains(where: { !$0.isEmpty }) {
            try emitSection(
                SectionType.segments, firstFrame: framesWritten, frameCount: range.count, payload: SegmentRecord.encode(segments))
        }
        try emitSection(SectionType.chunk, firstFrame: framesWritten, frameCount: range.count, payload: payload)
        chunkCount += 1
        payloadByteCount += payload.count
        framesWritten += range.count
    }

    private func emitSection(_ type: UInt16, firstFrame: Int = 0, frameCount: Int = 0, payload: [UInt8]) throws {
        guard sectionCount <= Int(UInt32.max) else {
            isOpen = false
            throw TokenStreamError.usage("more than 2³² sections; use more frames per chunk")
        }
        try emit(
            SectionHeader.section(
                type, sequence: sectionCount, firstFrame: firstFrame, frameCount: frameCount, payload: payload))
        sectionCount += 1
    }

    private func emit(_ bytes: [UInt8]) throws {
        do {
            try bytes.withUnsafeBytes { try sink.write($0) }
        } catch {
            isOpen = false
            throw error
        }
        fileChecksum.update(bytes)
        byteCount += bytes.count
    }
}
