import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// A random valid document: ragged strides, 1–3 tracks, 1–32 codebooks, sizes 2 to 65536, 0 frames upwards.
private func randomDocument(_ seed: UInt64) -> EncodedAudio {
    var random = SplitMix64(seed: seed)
    let sizes = [2, 3, 5, 255, 256, 257, 1000, 1024, 4096, 40000, 65535, 65536]
    let strides = [[1], [1, 2, 4], [1, 3], [2], [4, 6], [1, 5, 7]].randomElement(using: &random)!
    let layout = CodeLayout(
        codebooks: (0..<Int.random(in: 1...32, using: &random)).map { _ in
            .init(size: sizes.randomElement(using: &random)!, stride: strides.randomElement(using: &random)!)
        },
        hopLength: Int.random(in: 1...2000, using: &random), sampleRate: [8000, 16000, 24000, 44100].randomElement(using: &random)!)
    let superframes = [0, 1, 2, Int.random(in: 3...60, using: &random)].randomElement(using: &random)!
    let frames = superframes * layout.superframe
    let tracks = Int.random(in: 1...3, using: &random)
    let channels = Int.random(in: 1...2, using: &random)
    let samples = randomSamples(layout, frames: frames, using: &random)
    let isKnown = Bool.random(using: &random)
    let header = TokenHeader(
        codecName: "codec \(seed)", modelType: "tëst", weights: SHA256.hash([UInt8(seed % 256)]), layout: layout,
        channels: channels, trackCount: tracks,
        original: OriginalAudio(
            sampleRate: layout.sampleRate, channels: tracks == 1 ? Int.random(in: 1...8, using: &random) : tracks * channels,
            subtype: ["", "pcm24", "float"].randomElement(using: &random)!, sampleCount: isKnown ? samples : nil),
        framesPerChunk: layout.superframe * Int.random(in: 1...20, using: &random))
    return EncodedAudio(
        header: header, tracks: randomTracks(layout, tracks: tracks, frames: frames, using: &random), samples: samples)
}

@Test func documentsRoundTrip() throws {
    for seed in 0..<300 as Range<UInt64> {
        let document = randomDocument(seed)
        let bytes = try document.bytes
        #expect(try EncodedAudio(source: MemorySource(bytes)) == document, "seed \(seed)")
    }
}

@Test func totalsAndChunksFollowTheGrid() throws {
    for seed in 0..<100 as Range<UInt64> {
        let document = randomDocument(seed)
        let sink = MemorySink()
        let written = try document.write(to: sink)
        let read = try readAll(sink.bytes)
        #expect(read.totals == written)
        #expect(read.totals.byteCount == sink.bytes.count)
        #expect(read.chunks.count == read.totals.chunkCount)
        let length = document.header.framesPerChunk
        for (i, chunk) in read.chunks.enumerated() {
            #expect(chunk.frames == i * length..<min((i + 1) * length, read.totals.frames))
            #expect(chunk.tracks == document.codes(chunk.frames))
            #expect(!chunk.isConcealed)
        }
    }
}

@Test func bytesDoNotDependOnHowCodesAreWritten() throws {
    for seed in 300..<400 as Range<UInt64> {
        let document = randomDocument(seed)
        let sink = MemorySink()
        let writer = try ContainerWriter(header: document.header, sink: sink)
        var random = SplitMix64(seed: seed)
        var left = document.tracks
        while !left.allSatisfy(\.isEmpty) {
            let limit = Int.random(in: 0...30, using: &random)
            var piece = left.map { Codes(codebooks: $0.codebookCount) }
            for track in left.indices {
                for k in left[track].streams.indices {
                    // Each stream advances by its own amount, as a codec with several rates delivers them.
                    let count = min(Int.random(in: 0...limit, using: &random), left[track].streams[k].count)
                    piece[track].streams[k] = Array(left[track].streams[k].prefix(count))
                    left[track].streams[k].removeFirst(count)
                }
            }
            try writer.write(piece)
        }
        try writer.finish(samples: document.samples)
        #expect(sink.bytes == (try document.bytes), "seed \(seed)")
    }
}

@Test func readingInPiecesGivesTheSameChunks() throws {
    for seed in 0..<20 as Range<UInt64> {
        let document = randomDocument(seed)
        let bytes = try document.bytes
        let whole = try readAll(bytes)
        for piece in [1, 7, 64, 1000] {
            let read = try readAll(pipe(bytes, piece: piece))
            #expect(read.chunks == whole.chunks)
            #expect(read.totals == whole.totals)
        }
    }
}

@Test func lenientReadingOfASoundFileChangesNothing() throws {
    for seed in 0..<100 as Range<UInt64> {
        let bytes = try randomDocument(seed).bytes
        let (strict, lenient) = (try readAll(bytes), try readAll(bytes, .lenient))
        #expect(strict.chunks == lenient.chunks)
        #expect(strict.totals == lenient.totals)
        #expect(lenient.damage.isEmpty)
    }
}

@Test func aChunkIsHandedOutBeforeTheNextOneArrives() throws {
    let bytes = try smallDocument().bytes
    let first = TakenApart(bytes).sections[..<2].reduce(16) { $0 + $1.bytes.count }
    var given = 0
    let reader = try ContainerReader(
        source: ClosureSource { buffer in
            guard given < first else { throw TokenStreamError.usage("read beyond the first chunk") }
            buffer[0] = bytes[given]
            given += 1
            return 1
        })
    #expect(try reader.next()?.frames == 0..<8)
    #expect(throws: TokenStreamError.usage("read beyond the first chunk")) { try reader.next() }
}

@Test func defaultChunksSuitTheBitrate() {
    func seconds(_ layout: CodeLayout) -> Double {
        Double(TokenHeader.defaultFramesPerChunk(layout, trackCount: 1)) / layout.frameRate
    }
    #expect(seconds(CodeLayout(uniform: 8, size: 1024, hopLength: 320, sampleRate: 24000)) == 2)
    #expect(seconds(CodeLayout(uniform: 2, size: 1024, hopLength: 320, sampleRate: 24000)) == 4)
    #expect(seconds(CodeLayout(uniform: 1, size: 4096, hopLength: 600, sampleRate: 24000)) == 8)
    let ragged = CodeLayout(
        codebooks: [4, 2, 1].map { .init(size: 4096, stride: $0) }, hopLength: 512, sampleRate: 24000)
    #expect(TokenHeader.defaultFramesPerChunk(ragged, trackCount: 1) % 4 == 0)
    let wide = CodeLayout(uniform: 1024, size: 2, hopLength: 1, sampleRate: 192_000)
    #expect(TokenHeader.defaultFramesPerChunk(wide, trackCount: 256) * 1024 * 256 <= 1 << 22)
}
