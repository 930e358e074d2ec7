import Platform
import Testing
import TokenFiles
import Tokens

private func writer(_ change: (inout TokenHeader) -> Void = { _ in }) throws -> ContainerWriter {
    var header = smallDocument().header
    change(&header)
    return try ContainerWriter(header: header, sink: MemorySink())
}

@Test func writerNamesTheCodeOutOfRange() throws {
    let document = smallDocument()
    let writer = try writer()
    try writer.write(document.codes(0..<12))
    var codes = document.codes(12..<20)
    codes[1].streams[1][2] = 1000
    #expect(throws: TokenStreamError.codeOutOfRange(track: 1, codebook: 1, frame: 16, code: 1000, size: 1000)) {
        try writer.write(codes)
    }
    codes[1].streams[1][2] = -1
    #expect(throws: TokenStreamError.codeOutOfRange(track: 1, codebook: 1, frame: 16, code: -1, size: 1000)) {
        try writer.write(codes)
    }
    // A refused call leaves nothing behind.
    try writer.write(document.codes(12..<20))
    #expect(try writer.finish(samples: document.samples).frames == 20)
}

@Test func writerRefusesMisuse() throws {
    let document = smallDocument()
    #expect(throws: TokenStreamError.self) { try writer().write([document.tracks[0]]) }
    #expect(throws: TokenStreamError.self) { try writer().write(document.tracks.map { $0.prefix(2) }) }
    let ragged = try writer()
    try ragged.write([document.tracks[0], document.codes(0..<4)[1]])
    #expect(throws: TokenStreamError.self) { try ragged.finish(samples: 1) }
    let unaligned = try writer()
    try unaligned.write(document.tracks.map { Codes(streams: [[], Array($0.streams[1].prefix(1)), Array($0.streams[2].prefix(2))]) })
    #expect(throws: TokenStreamError.self) { try unaligned.finish(samples: 1) }
    let finished = try writer()
    try finished.finish(samples: 0)
    #expect(throws: UsedAfterEnd.self) { try finished.finish(samples: 0) }
    #expect(throws: UsedAfterEnd.self) { try finished.write(document.tracks) }
}

@Test func writerRefusesSamplesThatTheFramesDoNotHold() throws {
    // 20 frames of 320 samples at 24 kHz are 12800 samples at 48 kHz; one more still rounds down to 6400 at the codec's rate.
    for (samples, isHeld) in [(0, true), (12800, true), (12801, true), (12802, false), (-1, false), (Int.max, false)] {
        let writer = try writer()
        try writer.write(smallDocument().tracks)
        if isHeld {
            #expect(try writer.finish(samples: samples).samples == samples)
        } else {
            #expect(throws: TokenStreamError.self) { try writer.finish(samples: samples) }
        }
    }
    #expect(throws: TokenStreamError.self) { try writer().finish(samples: 1) }
    #expect(throws: TokenStreamError.self) { try writer { $0.original.sampleCount = 5 }.finish(samples: 0) }
}

@Test func writerRefusesHeadersOutOfBounds() throws {
    let changes: [(String, (inout TokenHeader) -> Void)] = [
        ("codec name", { $0.codecName = "" }),
        ("codec name", { $0.codecName = String(repeating: "é", count: 128) }),
        ("codec name", { $0.codecName = "a\u{1B}[2J" }),
        ("model type", { $0.modelType = "a\u{9B}" }),
        ("original subtype", { $0.original.subtype = "a\n" }),
        ("codec sample rate", { $0.layout.sampleRate = 0 }),
        ("codec sample rate", { $0.layout.sampleRate = 4_000_000_000 }),
        ("hop length", { $0.layout.hopLength = -1 }),
        ("codec channels", { $0.channels = 0 }),
        ("track count", { $0.trackCount = 257 }),
        ("original sample rate", { $0.original.sampleRate = 0 }),
        ("original channels", { $0.original.channels = 1025 }),
        ("sample count", { $0.original.sampleCount = -1 }),
        ("codebook count", { $0.layout.codebooks = [] }),
        ("size of codebook 1", { $0.layout.codebooks[1].size = 1 }),
        ("size of codebook 2", { $0.layout.codebooks[2].size = 1 << 31 + 1 }),
        ("stride of codebook 0", { $0.layout.codebooks[0].stride = 0 }),
        ("frames per chunk", { $0.framesPerChunk = 6 }),
        ("frames per chunk", { $0.framesPerChunk = 0 }),
        ("frames per chunk", { $0.framesPerChunk = 65536 }),
        ("frames per chunk", { $0.layout.codebooks[0].stride = 65535; $0.layout.codebooks[1].stride = 65534 }),
        ("original channels", { $0.original.channels = 3 }),
        ("codes in a chunk", { $0.framesPerChunk = 65532; $0.trackCount = 256; $0.original.channels = 256 }),
    ]
    for (field, change) in changes {
        let error = #expect(throws: TokenStreamError.self) { try writer(change) }
        guard case .invalidField("header", let found, _, _, _) = error else {
            Issue.record("\(field): \(String(describing: error))")
            continue
        }
        #expect(found == field)
    }
}

@Test func aFailedSinkClosesTheWriter() throws {
    struct Full: Error {}
    var room = 2
    let writer = try ContainerWriter(
        header: smallDocument().header,
        sink: ClosureSink { _ in
            room -= 1
            if room < 0 { throw Full() }
        })
    #expect(throws: Full.self) { try writer.write(smallDocument().tracks) }
    #expect(throws: UsedAfterEnd.self) { try writer.finish(samples: 0) }
}

@Test func codebooksOfTheLargestSizeRoundTrip() throws {
    var document = smallDocument()
    document.header.layout.codebooks[2].size = 1 << 31
    document.tracks[0].streams[2][3] = Int32.max
    #expect(try EncodedAudio(source: MemorySource(document.bytes)) == document)
}
