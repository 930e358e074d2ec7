import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// A file is sound for `verify` and `info` exactly when a strict reader takes it, whether it comes from a file or a pipe.
private func expectOneVerdict(_ bytes: [UInt8], _ what: String) {
    let error = strictError(bytes)
    for source in [MemorySource(bytes), pipe(bytes, piece: 1000)] as [any ByteSource] {
        do {
            let report = try TokenFileReport(reading: source)
            #expect(report.isSound == (error == nil), "\(what): strict \(String(describing: error)), report \(report.flaws.map(\.description))")
        } catch {
            #expect(strictError(bytes) != nil, "\(what): \(error)")
        }
    }
}

private func withSegments(_ entropy: EntropyMode) -> EncodedAudio {
    var random = SplitMix64(seed: 5)
    let layout = CodeLayout(uniform: 2, size: 100, hopLength: 10, sampleRate: 1000)
    var tracks = randomTracks(layout, tracks: 1, frames: 30, using: &random)
    tracks[0].segments = [0, 9, 21].map { CodeSegment(frame: $0, scale: 0.5) }
    let header = TokenHeader(
        codecName: "cut", modelType: "test", weights: .zero, layout: layout, original: OriginalAudio(sampleRate: 1000, channels: 1),
        entropy: entropy, framesPerChunk: 8)
    return EncodedAudio(header: header, tracks: tracks, samples: 290)
}

@Suite struct VerdictTests {
    /// Damage that repaired checksums hide: sections that are swapped, repeated, dropped, or have another field.
    @Test(arguments: [EntropyMode.none, .adaptive])
    func commandsAgreeOnMutants(entropy: EntropyMode) throws {
        var plain = smallDocument(frames: 44)
        plain.header.entropy = entropy
        for document in [plain, withSegments(entropy)] {
            let bytes = try document.bytes
            expectOneVerdict(bytes, "sound")
            var random = SplitMix64(seed: 1)
            for round in 0..<400 {
                var file = TakenApart(bytes)
                var what = ""
                for _ in 0..<Int.random(in: 1...2, using: &random) {
                    let i = file.sections.indices.randomElement(using: &random)!
                    let j = file.sections.indices.randomElement(using: &random)!
                    let kind = Int.random(in: 0..<7, using: &random)
                    what += " \(kind)(\(i), \(j))"
                    switch kind {
                    case 0: file.sections.swapAt(i, j)
                    case 1: file.sections.insert(file.sections[i], at: j)
                    case 2 where file.sections.count > 1: file.sections.remove(at: i)
                    case 3: file.sections[i].frameCount &+= UInt16([1, 4, 8].randomElement(using: &random)!)
                    case 4: file.sections[i].firstFrame &+= UInt64([4, 8, 64].randomElement(using: &random)!)
                    case 5: file.sections[i].type = [1, 2, 3, 4, 5, 6, 0x8001].randomElement(using: &random)!
                    default:
                        guard !file.sections[i].payload.isEmpty else { continue }
                        let place = file.sections[i].payload.indices.randomElement(using: &random)!
                        file.sections[i].payload[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    }
                }
                if file.sections.filter({ $0.type == 4 }).allSatisfy({ $0.payload.count == 32 }), file.sections.first?.type == 1,
                    file.sections.lastIndex(where: { $0.type == 4 }) ?? 0 > file.sections.firstIndex(where: { $0.type == 3 }) ?? .max
                {
                    file.makeConsistent()
                }
                expectOneVerdict(file.bytes, "\(entropy), round \(round):\(what)")
            }
        }
    }

    @Test(arguments: [EntropyMode.none, .adaptive])
    func chunksOutOfOrderAreAFlaw(entropy: EntropyMode) throws {
        var document = smallDocument(frames: 44)
        document.header.entropy = entropy
        var file = TakenApart(try document.bytes)
        file.sections.swapAt(2, 3)
        file.makeConsistent()
        expectOneVerdict(file.bytes, "swapped")
        #expect(!(try TokenFileReport(reading: pipe(file.bytes, piece: 100)).isSound))
    }

    /// A writer packs a chunk only where range coding is not shorter.
    @Test func packedChunksThatRangeCodingMakesShorterAreRefused() throws {
        let layout = CodeLayout(uniform: 2, size: 16, hopLength: 10, sampleRate: 1000)
        let header = TokenHeader(
            codecName: "a", modelType: "b", weights: .zero, layout: layout, original: OriginalAudio(sampleRate: 1000, channels: 1),
            entropy: .none, framesPerChunk: 200)
        let document = EncodedAudio(header: header, tracks: [Codes(streams: Array(repeating: Array(repeating: 3, count: 200), count: 2))], samples: 2000)
        var packed = TakenApart(try document.bytes)
        packed.setVersion(major: 1, minor: 1)
        packed.sections[0].payload[62] = EntropyMode.adaptive.rawValue
        packed.makeConsistent()
        guard case .invalidField(part: "chunk", field: "codes", _, _, _) = strictError(packed.bytes) else {
            Issue.record("\(String(describing: strictError(packed.bytes)))")
            return
        }
        expectOneVerdict(packed.bytes, "packed")
    }

    /// With the model of another version installed, a check does what it does without any.
    @Test func anotherEntropyModelCountsAsNone() throws {
        let model = try fixtureModel()
        let layout = CodeLayout(uniform: 2, size: 20, hopLength: 320, sampleRate: 24000)
        let header = TokenHeader(
            codecName: "learned", modelType: "fixture", weights: .zero, layout: layout, original: OriginalAudio(sampleRate: 24_000, channels: 1),
            entropy: .lm, entropyModel: EntropyModelName(SHA256.hash(Array("an older one".utf8))))
        let named = EncodedAudio(header: header, tracks: [Codes(streams: [[1, 2], [3, 4]])], samples: 640)
        // Written with the fixture, then renamed: nothing reads the codes.
        var written = named
        written.header.entropyModel = model.name
        let sink = MemorySink()
        try written.write(to: sink, entropyModel: model)
        var file = TakenApart(sink.bytes)
        file.sections[0].payload.replaceSubrange((file.sections[0].payload.count - 8)..., with: header.entropyModel!.bytes)
        file.makeConsistent()
        let report = try TokenFileReport(reading: MemorySource(file.bytes), entropyModel: { _ in model })
        #expect(report.isSound && !report.codesChecked)
        #expect(throws: TokenStreamError.self) { try EncodedAudio(source: MemorySource(file.bytes), entropyModel: { _ in model }) }
        #expect(try TokenFileReport(reading: MemorySource(sink.bytes), entropyModel: { _ in model }).codesChecked)
    }

    /// Tracks are channels that were coded one by one; a single track may be a mix of several.
    @Test func channelsThatContradictTheTracksAreRefused() throws {
        for (tracks, channels, isAllowed) in [(1, 1, true), (1, 5, true), (2, 2, true), (2, 5, false), (2, 1, false), (3, 2, false)] {
            var header = smallDocument().header
            (header.trackCount, header.original.channels) = (tracks, channels)
            if isAllowed {
                try header.validate()
            } else {
                #expect(throws: TokenStreamError.self) { try header.validate() }
            }
        }
    }
}
