import Foundation
import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

private func fixture(_ name: String) throws -> [UInt8] {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/" + name, withExtension: nil))
    return Array(try Data(contentsOf: url))
}

/// The codes of `small()` in Tools/goldens/fixtures.py.
private func fixtureCode(track: Int, codebook: Int, time: Int, size: Int) -> Int32 {
    Int32((((time + 1) * 2_654_435_761 + codebook * 40503 + track * 97) >> 7) % size)
}

private func expectedSmall() -> EncodedAudio {
    let layout = CodeLayout(
        codebooks: [
            .init(size: 5, stride: 4), .init(size: 1000, stride: 2), .init(size: 1024, stride: 1),
            .init(size: 65536, stride: 1),
        ],
        hopLength: 320, sampleRate: 24000)
    let header = TokenHeader(
        codecName: "fixture-24k", modelType: "fixture", weights: SHA256.hash(Array("weights".utf8)), layout: layout,
        trackCount: 2, original: OriginalAudio(sampleRate: 44100, channels: 2, subtype: "pcm16"), framesPerChunk: 8)
    let tracks = (0..<2).map { track in
        Codes(
            streams: layout.codebooks.enumerated().map { k, codebook in
                (0..<20 / codebook.stride).map { fixtureCode(track: track, codebook: k, time: $0, size: codebook.size) }
            })
    }
    return EncodedAudio(header: header, tracks: tracks, samples: 11700)
}

/// `adaptive()` in Tools/goldens/fixtures.py.
private func expectedAdaptive() -> EncodedAudio {
    let layout = CodeLayout(
        codebooks: [.init(size: 5, stride: 4), .init(size: 1000, stride: 2), .init(size: 1024, stride: 1)],
        hopLength: 320, sampleRate: 24000)
    let header = TokenHeader(
        codecName: "adaptive", modelType: "fixture", weights: SHA256.hash(Array("weights".utf8)), layout: layout,
        trackCount: 2, original: OriginalAudio(sampleRate: 44100, channels: 2, subtype: "pcm16"), entropy: .adaptive,
        framesPerChunk: 4)
    let tracks = (0..<2).map { track in
        Codes(
            streams: layout.codebooks.enumerated().map { k, codebook in
                (0..<268 / codebook.stride).map { t in
                    t * codebook.stride / 4 % 6 != 5 && (k < 2 || t % 16 < 12)
                        ? Int32((11 * k + 3 * track + t / 16) % codebook.size)
                        : fixtureCode(track: track, codebook: k, time: t, size: codebook.size)
                }
            })
    }
    return EncodedAudio(header: header, tracks: tracks, samples: 157000)
}

/// `segmented()` in Tools/goldens/fixtures.py.
private func expectedSegmented() -> EncodedAudio {
    let layout = CodeLayout(codebooks: [.init(size: 1024), .init(size: 5)], hopLength: 320, sampleRate: 24000)
    let header = TokenHeader(
        codecName: "segmented", modelType: "fixture", weights: SHA256.hash(Array("weights".utf8)), layout: layout,
        trackCount: 2, original: OriginalAudio(sampleRate: 44100, channels: 2, subtype: "pcm16"), framesPerChunk: 8)
    let segments = [[(0, 0.5), (6, 2), (7, 0)], [(3, 0x1p-26), (19, 3.25)]] as [[(Int, Float)]]
    let tracks = (0..<2).map { track in
        Codes(
            streams: layout.codebooks.enumerated().map { k, codebook in
                (0..<20).map { fixtureCode(track: track, codebook: k, time: $0, size: codebook.size) }
            },
            segments: segments[track].map { CodeSegment(frame: $0, scale: $1) })
    }
    return EncodedAudio(header: header, tracks: tracks, samples: 11700)
}

private func expectedTiny() -> EncodedAudio {
    let header = TokenHeader(
        codecName: "tiny", modelType: "demo", weights: SHA256.hash([]),
        layout: CodeLayout(codebooks: [.init(size: 1024), .init(size: 5)], hopLength: 320, sampleRate: 24000),
        original: OriginalAudio(sampleRate: 24000, channels: 1, subtype: "float", sampleCount: 600), framesPerChunk: 2)
    return EncodedAudio(header: header, tracks: [Codes(streams: [[1, 1023], [4, 2]])], samples: 600)
}

@Test func filesOfVersion1AreReadForEver() throws {
    #expect(try EncodedAudio(source: MemorySource(fixture("v1-small.codetta"))) == expectedSmall())
    #expect(try EncodedAudio(source: MemorySource(fixture("v1-tiny.codetta"))) == expectedTiny())
    #expect(try EncodedAudio(source: MemorySource(fixture("v1-optional.codetta"))) == expectedSmall())
    #expect(try EncodedAudio(source: MemorySource(fixture("v1.1-adaptive.codetta"))) == expectedAdaptive())
    #expect(try EncodedAudio(source: MemorySource(fixture("v1.3-segments.codetta"))) == expectedSegmented())
    #expect(try readAll(fixture("v1-optional.codetta")).skippedSections == 2)
}

@Test func theWriterMakesTheSameBytesAsTheSecondImplementation() throws {
    #expect(try expectedSmall().bytes == fixture("v1-small.codetta"))
    #expect(try expectedAdaptive().bytes == fixture("v1.1-adaptive.codetta"))
    #expect(try expectedSegmented().bytes == fixture("v1.3-segments.codetta"))
    #expect(try expectedTiny().bytes == fixture("v1-tiny.codetta"))
}

@Test func aLostOptionalSectionIsNoticed() throws {
    var file = TakenApart(try fixture("v1-optional.codetta"))
    file.sections.remove(at: 1)
    #expect(strictError(file.bytes) == .outOfSequence(expected: 1, found: 2, offset: 16 + file.sections[0].bytes.count))
}
