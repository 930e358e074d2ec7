import Foundation
import Testing
import TokenFiles
import Tokens

@Test func seekingFindsTheChunkOfEveryFrame() throws {
    let document = smallDocument(frames: 100)
    let reader = try ContainerReader(source: MemorySource(document.bytes))
    for frame in Array(0..<100).reversed() + [3, 99, 0] {
        let first = try reader.seek(toFrame: frame)
        #expect(first == frame / 8 * 8)
        var chunk = try #require(try reader.next())
        #expect(chunk.frames.contains(frame) && chunk.tracks == document.codes(chunk.frames))
        if frame % 10 == 0 {
            while let more = try reader.next() {
                #expect(more.firstFrame == chunk.frames.upperBound && more.tracks == document.codes(more.frames))
                chunk = more
            }
            #expect(reader.totals?.samples == document.samples)
        }
    }
    #expect(try reader.seek(toFrame: 100) == 100)
    #expect(try reader.next() == nil)
    #expect(reader.totals?.frames == 100)
    #expect(throws: TokenStreamError.usage("cannot seek to frame 101 of 100")) { try reader.seek(toFrame: 101) }
    #expect(throws: TokenStreamError.self) { try reader.seek(toFrame: -1) }
}

@Test func seekingInAnEmptyFileOrAPipe() throws {
    let bytes = try smallDocument(frames: 0).bytes
    let empty = try ContainerReader(source: MemorySource(bytes))
    #expect(try empty.seek(toFrame: 0) == 0)
    #expect(try empty.next() == nil)
    let pipe = try ContainerReader(source: pipe(bytes, piece: 100))
    #expect(throws: TokenStreamError.self) { try pipe.seek(toFrame: 0) }
}

/// Writes more pieces than an index has entries, of a frame each, and seeks to some.
func seekInALongFile(_ paging: Paging?) throws -> TokenTotals {
    var header = TokenHeader(
        codecName: "a", modelType: "b", weights: .zero,
        layout: CodeLayout(uniform: 1, size: 256, hopLength: 1, sampleRate: 8000),
        original: OriginalAudio(sampleRate: 8000, channels: 1), framesPerChunk: 1)
    header.paging = paging
    let frames = 65536 * 2 + 5
    let codes = Codes(streams: [(0..<frames).map { Int32($0 & 255) }])
    let sink = MemorySink()
    let totals = try EncodedAudio(header: header, tracks: [codes], samples: frames).write(to: sink)
    #expect(try readAll(sink.bytes).totals == totals)
    let reader = try ContainerReader(source: MemorySource(sink.bytes))
    for frame in [frames - 1, 65537, 3, 99_998, 0] {
        #expect(try reader.seek(toFrame: frame) == frame)
        #expect(try reader.next()?.tracks == [Codes(streams: [[Int32(frame & 255)]])])
    }
    return totals
}

@Test func theIndexOfALongFileStaysBounded() throws {
    let totals = try seekInALongFile(nil)
    // 33 bytes a chunk and one index entry for every fourth.
    let entries = (totals.frames + 3) / 4
    #expect(totals.byteCount < 33 * totals.frames + 8 * entries + 400)
}

@Test func aDamagedIndexFailsStrictSeeksAndSlowsLenientOnes() throws {
    let document = smallDocument(frames: 100)
    let bytes = try document.bytes
    for offset in [bytes.count - 1, bytes.count - 40, bytes.count - 64 - 20] {
        var damaged = bytes
        damaged[offset] ^= 0x18
        let strict = try ContainerReader(source: MemorySource(damaged))
        #expect(throws: TokenStreamError.self) { try strict.seek(toFrame: 50) }
        let lenient = try ContainerReader(source: MemorySource(damaged), mode: .lenient)
        #expect(try lenient.seek(toFrame: 50) == 48)
        #expect(try lenient.next()?.tracks == document.codes(48..<56))
        #expect(!lenient.damage.isEmpty)
    }
}

@Test func everyFlippedBitLeavesSeeksRightOrRefused() throws {
    let document = smallDocument(frames: 20)
    let bytes = try document.bytes
    for bit in 0..<bytes.count * 8 {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        do {
            let reader = try ContainerReader(source: MemorySource(damaged))
            _ = try reader.seek(toFrame: 9)
            #expect(try reader.next()?.tracks == document.codes(8..<16))
        } catch {
            #expect((error as? TokenStreamError)?.kind == .badData)
        }
    }
}
