import Foundation
import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// One track of 20 frames in segments of 6 or fewer, in chunks of 8.
private func segmentedDocument(entropy: EntropyMode = .none) -> EncodedAudio {
    var random = SplitMix64(seed: 11)
    let layout = CodeLayout(uniform: 2, size: 100, hopLength: 10, sampleRate: 1000)
    var track = randomTracks(layout, tracks: 1, frames: 20, using: &random)[0]
    track.segments = [(0, 0.5), (6, 0), (12, 1e-8), (18, 2), (19, 3.25)].map { CodeSegment(frame: $0, scale: $1) }
    let header = TokenHeader(
        codecName: "cut", modelType: "test", weights: .zero, layout: layout,
        original: OriginalAudio(sampleRate: 1000, channels: 1), entropy: entropy, framesPerChunk: 8)
    return EncodedAudio(header: header, tracks: [track], samples: 190)
}

@Suite struct SegmentTests {
    @Test(arguments: [EntropyMode.none, .adaptive]) func segmentsComeBackFromTheContainer(entropy: EntropyMode) throws {
        let document = segmentedDocument(entropy: entropy)
        let bytes = try document.bytes
        #expect(try EncodedAudio(source: MemorySource(bytes)) == document)
        #expect(try EncodedAudio(source: pipe(bytes, piece: 7)) == document)
        #expect(try EncodedAudio(source: MemorySource(bytes), mode: .lenient) == document)
    }

    @Test(arguments: [1, 3, 7, 20]) func theBytesDoNotDependOnTheCalls(piece: Int) throws {
        let document = segmentedDocument()
        let sink = MemorySink()
        let writer = try ContainerWriter(header: document.header, sink: sink)
        for start in stride(from: 0, to: 20, by: piece) {
            try writer.write(document.tracks.map { $0.slice(frames: start..<min(20, start + piece), layout: document.header.layout) })
        }
        try writer.finish(samples: document.samples)
        #expect(try sink.bytes == document.bytes)
    }

    @Test func eachChunkFollowsItsSegments() throws {
        let bytes = TakenApart(try segmentedDocument().bytes)
        #expect(bytes.sections.map(\.type) == [1, 5, 2, 5, 2, 5, 2, 3, 4])
        #expect(bytes.sections[5].firstFrame == 16 && bytes.sections[5].frameCount == 4)
        #expect(bytes.sections[5].payload == [2, 0, 2, 0, 0, 0, 0, 0x40, 3, 0, 0, 0, 0x50, 0x40])
    }

    @Test func seekingComesBeforeTheSegments() throws {
        let document = segmentedDocument()
        let reader = try ContainerReader(source: MemorySource(document.bytes))
        #expect(try reader.seek(toFrame: 17) == 16)
        #expect(try reader.next()?.tracks == [document.tracks[0].slice(frames: 16..<20, layout: document.header.layout)])
    }

    @Test func everyCutAndEveryFlippedBitIsNoticed() throws {
        let bytes = try segmentedDocument().bytes
        for count in 0..<bytes.count { #expect(strictError(Array(bytes[..<count])) != nil, "cut at \(count)") }
        for bit in 0..<8 * bytes.count {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(strictError(damaged) != nil, "bit \(bit)")
            _ = try? readAll(damaged, .lenient)
        }
    }

    @Test(arguments: [
        ("frame", [1, 0, 8, 0, 0, 0, 0x80, 0x3F]), ("frame", [2, 0, 3, 0, 0, 0, 0x80, 0x3F, 3, 0, 0, 0, 0x80, 0x3F]),
        ("scale", [1, 0, 0, 0, 0, 0, 0xC0, 0x7F]), ("scale", [1, 0, 0, 0, 0, 0, 0x80, 0x7F]), ("scale", [1, 0, 0, 0, 0, 0, 0x80, 0xBF]),
        ("count", [0, 0]), ("length", [1, 0, 0, 0]), ("length", [1, 0, 0, 0, 0, 0, 0x80, 0x3F, 9]),
    ] as [(String, [UInt8])])
    func segmentsThatCannotBeAreRefused(field: String, payload: [UInt8]) throws {
        var file = TakenApart(try segmentedDocument().bytes)
        file.sections[1].payload = payload
        file.makeConsistent()
        let error = try #require(strictError(file.bytes))
        #expect(error.kind == .badData && "\(error)".contains("segments has \(field)"), "\(error)")
    }

    @Test func segmentsBelongToTheChunkRightAfterThem() throws {
        var file = TakenApart(try segmentedDocument().bytes)
        file.sections.swapAt(1, 2)
        file.makeConsistent()
        #expect(strictError(file.bytes)?.kind == .badData)
        file = TakenApart(try segmentedDocument().bytes)
        file.sections[1].frameCount = 7
        file.makeConsistent()
        #expect("\(try #require(strictError(file.bytes)))".contains("right after"))
    }

    @Test func lostSegmentsLoseNoCodes() throws {
        let document = segmentedDocument()
        var file = TakenApart(try document.bytes)
        file.sections[3].payload[0] ^= 0xFF
        file.sections.remove(at: 3)
        let result = try readAll(file.bytes, .lenient)
        #expect(result.damage.count > 0 && result.concealed.isEmpty)
        #expect(result.chunks.map { $0.tracks[0].streams } == [0..<8, 8..<16, 16..<20].map { document.codes($0)[0].streams })
        #expect(result.chunks.map { $0.tracks[0].segments.count } == [2, 0, 2])
    }

    @Test func jsonHoldsSegments() throws {
        let document = segmentedDocument()
        let data = try JSONTokens.encode(document)
        #expect(try JSONTokens.decode(data) == document)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("\"segments\":[[{\"frame\":0,\"scale\":0.5}"))
        for (old, new) in [("\"frame\":6", "\"frame\":0"), ("\"scale\":0.5", "\"scale\":-1"), ("\"segments\":[", "\"segments\":[[],")] {
            #expect(throws: TokenStreamError.self) { try JSONTokens.decode(Array(text.replacingOccurrences(of: old, with: new).utf8)) }
        }
    }

    @Test func anArrayWithoutNamesHasNoPlaceForSegments() throws {
        #expect { try NumPyCodes.encode(segmentedDocument().tracks) } throws: { "\($0)".contains(".npz") }
    }

    @Test func segmentsNeedOneRate() throws {
        var document = smallDocument()
        document.tracks[0].segments = [CodeSegment(frame: 0, scale: 1)]
        #expect { try document.validate() } throws: { "\($0)".contains("stride 1") }
    }
}
