import Platform
import TokenFiles
import Tokens

/// Chunks after which an input has had its say: lenient readers may make up far more than an input holds.
private let chunkLimit = 128

extension EntropyMode {
    /// Codes after which an input has had its say. Models of codes, which another target reads, take a hundred times as long as bits.
    fileprivate var codeLimit: Int { self == .none ? 1 << 12 : 8 }
}

/// `.codetta` streams, strictly or leniently, from a pipe or with seeking. Most inputs get their checksums mended first: the
/// fuzzer cannot guess them, and would never come past them.
func readContainer(_ choice: UInt8, _ input: [UInt8]) throws {
    let bytes = choice.says(0) ? input : withChecksums(input)
    let mode: ContainerReader.Mode = choice.says(1) ? .strict : .lenient
    let reader = try ContainerReader(source: choice.says(2) ? pipe(bytes, piece: 1 + Int(choice >> 4)) : MemorySource(bytes), mode: mode)
    let header = reader.header
    let pieceLength = header.paging?.layout.framesPerPacket ?? header.framesPerChunk
    guard header.trackCount * header.layout.codebooks.reduce(0, { $0 + pieceLength / $1.stride }) <= header.entropy.codeLimit else {
        return
    }
    var nextFrame = 0
    if choice.says(3), let last = bytes.last {
        // What a seek decodes on its way is not limited.
        let frame = Int(last) * pieceLength / (header.entropy == .none ? 16 : 256)
        nextFrame = try reader.seek(toFrame: frame)
        require(nextFrame <= frame, "seeking went beyond the frame")
    }
    guard let tracks = try read(reader, from: nextFrame) else { return }
    if mode == .strict && !choice.says(3) { try compareRewritten(reader, tracks) }
}

/// All codes of a reader, or nil beyond the limits. Frames must come in order and without gaps.
private func read(_ reader: ContainerReader, from start: Int) throws -> [Codes]? {
    var tracks = Array(repeating: Codes(codebooks: reader.header.layout.codebooks.count), count: reader.header.trackCount)
    var (nextFrame, chunks, codes) = (start, 0, 0)
    while let chunk = try reader.next() {
        require(chunk.firstFrame == nextFrame, "frame \(chunk.firstFrame) came for \(nextFrame)")
        require(chunk.tracks.count == tracks.count, "\(chunk.tracks.count) tracks for \(tracks.count)")
        nextFrame = chunk.frames.upperBound
        for (track, piece) in chunk.tracks.enumerated() {
            for (k, stream) in piece.streams.enumerated() {
                let codebook = reader.header.layout.codebooks[k]
                require(stream.count == chunk.frameCount / codebook.stride, "a stream of the wrong length")
                require(stream.allSatisfy { $0 >= 0 && Int($0) < codebook.size }, "a code outside its codebook")
                codes += stream.count
            }
            tracks[track].append(piece)
        }
        chunks += 1
        if codes > reader.header.entropy.codeLimit || chunks > chunkLimit { return nil }
    }
    require(reader.totals?.frames == nextFrame, "the totals disagree with the frames")
    return tracks
}

/// A strict reader accepts only what the writer makes, but for sections that it skips. What the adaptive coding makes is the
/// other target's, which is quicker.
private func compareRewritten(_ reader: ContainerReader, _ tracks: [Codes]) throws {
    guard let totals = reader.totals, reader.skippedSections == 0, reader.header.entropy == .none else { return }
    let sink = MemorySink()
    try EncodedAudio(header: reader.header, tracks: tracks, samples: totals.samples).write(to: sink)
    let again = try EncodedAudio(source: MemorySource(sink.bytes))
    require(again.tracks == tracks && again.header == reader.header, "codes change when they are written again")
    // How a file of edition 2 is cut into pages is the writer's choice.
    require(reader.header.paging != nil || sink.bytes.count == totals.byteCount, "a strict reader took bytes that no writer makes")
}

/// A source that cannot seek and hands out at most `piece` bytes at a time.
private func pipe(_ bytes: [UInt8], piece: Int) -> ClosureSource {
    let source = MemorySource(bytes)
    return ClosureSource { source.read(into: UnsafeMutableRawBufferPointer(rebasing: $0.prefix(piece))) }
}

/// `bytes` with right checksums in the preamble and in every section that a sync word begins, or every block of edition 2.
private func withChecksums(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 16 else { return bytes }
    var bytes = bytes
    bytes.replaceSubrange(0..<8, with: [0x89] + Array("CODETTA".utf8))
    if bytes[8] == 2 { return BlocksTakenApart(bytes).mended(renumbering: false, indexing: false) }
    bytes.replaceSubrange(12..<16, with: little(CRC32C.checksum(bytes[..<12])))
    var start = 16
    while start + 32 <= bytes.count {
        guard bytes[start..<start + 4].elementsEqual([0xC0, 0xDE, 0x77, 0xA5]) else {
            start += 1
            continue
        }
        let length = (0..<4).reduce(0) { $0 | Int(bytes[start + 20 + $1]) << (8 * $1) }
        let end = start + 32 + length
        if end <= bytes.count {
            if bytes[start + 4] == 4, length == 32 {
                bytes.replaceSubrange(end - 4..<end, with: little(CRC32C.checksum(bytes[..<start])))
            }
            bytes.replaceSubrange(start + 24..<start + 28, with: little(CRC32C.checksum(bytes[start + 32..<end])))
        }
        bytes.replaceSubrange(start + 28..<start + 32, with: little(CRC32C.checksum(bytes[start..<start + 28])))
        start = min(end, bytes.count)
    }
    return bytes
}
