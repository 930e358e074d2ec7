import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// One verdict: what a strict reader refuses, a report lists as its first flaw, and nothing else. The numbers are those of contradictions
/// between the commands that a reader of Docs/container.md found.
@Suite struct VerdictTests {
    /// The line that both give; nil for a sound file.
    private func verdict(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws -> String? {
        let refusal = strictError(bytes)?.description
        for source in [MemorySource(bytes), pipe(bytes, piece: 1000)] as [any ByteSource] {
            let report = try TokenFileReport(reading: source)
            #expect(report.flaws.first?.description == refusal, sourceLocation: sourceLocation)
            #expect(report.isSound == (refusal == nil), sourceLocation: sourceLocation)
        }
        return refusal
    }

    private func document(_ entropy: EntropyMode, codes: [Int32], samples: Int? = nil, segments: [CodeSegment] = []) -> EncodedAudio {
        let header = TokenHeader(
            codecName: "verdict", modelType: "test", weights: .zero, layout: CodeLayout(uniform: 1, size: 1024, hopLength: 10, sampleRate: 1000),
            original: OriginalAudio(sampleRate: 1000, channels: 1), entropy: entropy, framesPerChunk: 8)
        return EncodedAudio(header: header, tracks: [Codes(streams: [codes], segments: segments)], samples: samples ?? codes.count * 10)
    }

    /// `document`, whose end mark states `samples`.
    private func forged(_ document: EncodedAudio, samples: Int) throws -> [UInt8] {
        var file = TakenApart(try document.bytes)
        file.sections[file.sections.count - 1].payload.replaceSubrange(8..<16, with: littleEndian(UInt64(samples)))
        return file.bytes
    }

    @Test(arguments: [EntropyMode.none, .adaptive]) func contradiction1ChunksOutOfOrderAreFlaws(entropy: EntropyMode) throws {
        let plain = TakenApart(try document(entropy, codes: (0..<40).map { $0 * 7 % 1024 }).bytes)
        for (a, b) in [(1, 2), (2, 4), (1, 5)] {
            var file = plain
            file.sections.swapAt(a, b)
            file.makeConsistent()
            #expect(try verdict(file.bytes)?.contains("are missing") == true)
        }
    }

    @Test func contradiction2PackedChunksThatRangeCodingShortensAreRefused() throws {
        let codes = [Int32](repeating: 5, count: 40)
        let packed = TakenApart(try document(.none, codes: codes).bytes)
        var file = TakenApart(try document(.adaptive, codes: codes).bytes)
        #expect(try verdict(file.bytes) == nil)
        for section in 1...5 {
            #expect(file.sections[section].payload.count < packed.sections[section].payload.count)
            var forged = file
            forged.sections[section].payload = packed.sections[section].payload
            forged.makeConsistent()
            #expect(try verdict(forged.bytes)?.contains("range-coded ones, which are shorter") == true)
        }
        // All of them packed, as a writer would that does not code at all.
        for section in 1...5 { file.sections[section].payload = packed.sections[section].payload }
        file.makeConsistent()
        #expect(try verdict(file.bytes)?.contains("range-coded ones, which are shorter") == true)
    }

    @Test func contradiction3FramesFarBeyondTheSamplesAreRefused() throws {
        // Two superframes of one frame and 32 frames may be padding, 34 frames of 10 samples, and not one sample more.
        let document = document(.none, codes: [Int32](repeating: 1, count: 100))
        #expect(document.header.paddingLimit == 340)
        for samples in [660, 661, 999, 1000] { #expect(try verdict(try forged(document, samples: samples)) == nil, "\(samples)") }
        for samples in [0, 1, 658, 659] {
            #expect(try verdict(try forged(document, samples: samples))?.contains("less padding") == true, "\(samples)")
            var short = document
            short.samples = samples
            #expect { try short.validate() } throws: { "\($0)".contains("padding") }
        }
        let upTo1001 = try verdict(try forged(document, samples: 1001))
        #expect(upTo1001?.contains("no more than 100 frames hold") == true)
    }

    @Test func contradiction3SegmentsMayOverlapAsMuchAsTheyLike() throws {
        let document = document(.none, codes: [Int32](repeating: 1, count: 100), segments: [CodeSegment(frame: 0, scale: 1)])
        for samples in [0, 1, 1000] { #expect(try verdict(try forged(document, samples: samples)) == nil) }
    }

    @Test func contradiction3IsSeenAheadWhereTheSourceCanSeek() throws {
        let document = document(.adaptive, codes: [Int32](repeating: 1, count: 100))
        let short = try forged(document, samples: 9)
        func ahead(_ source: any ByteSource, _ mode: ContainerReader.Mode = .strict) throws -> String? {
            let reader = try ContainerReader(source: source, mode: mode)
            do {
                try reader.checkLengthAhead()
            } catch {
                return "\(error)"
            }
            // The place and the checksum are as if nobody had looked.
            return refusal(reader)
        }
        func refusal(_ reader: ContainerReader) -> String? {
            do {
                while try reader.next() != nil {}
                return nil
            } catch {
                return "read: \(error)"
            }
        }
        let line = try #require(strictError(short)?.description)
        #expect(try ahead(MemorySource(short)) == line)
        #expect(try ahead(pipe(short, piece: 9)) == "read: " + line)
        #expect(try ahead(MemorySource(short), .lenient) == nil)
        #expect(try ahead(MemorySource(document.bytes)) == nil)
    }

    @Test(arguments: [
        (1, 1, 1, true), (1, 1, 3, true), (1, 2, 1, true), (1, 2, 2, true), (1, 2, 6, true), (2, 1, 2, true), (3, 2, 6, true),
        (2, 1, 1, false), (2, 1, 5, false), (3, 1, 2, false), (2, 2, 2, false),
    ])
    func contradiction7ChannelsAreThoseOfTheTracksUnlessOneTrackMixesThem(tracks: Int, codec: Int, original: Int, isLegal: Bool) throws {
        var header = document(.none, codes: []).header
        (header.trackCount, header.channels, header.original.channels) = (tracks, codec, tracks * codec)
        let empty = EncodedAudio(header: header, tracks: [Codes](repeating: Codes(codebooks: 1), count: tracks), samples: 0)
        var file = TakenApart(try empty.bytes)
        file.sections[0].payload.replaceSubrange(46..<48, with: littleEndian(UInt16(original)))
        file.makeConsistent()
        header.original.channels = original
        if isLegal {
            #expect(try verdict(file.bytes) == nil)
            #expect(throws: Never.self) { try header.validate() }
        } else {
            #expect(strictError(file.bytes)?.description.contains("original channels") == true)
            #expect(throws: TokenStreamError.self) { try TokenFileReport(reading: MemorySource(file.bytes)) }
            #expect(throws: TokenStreamError.self) { try header.validate() }
        }
    }

    /// Sections swapped, repeated, dropped, moved in time and edited, with right checksums.
    @Test(arguments: [EntropyMode.none, .adaptive]) func readersAgreeOnForgedFiles(entropy: EntropyMode) throws {
        var random = SplitMix64(seed: 17)
        let segments = entropy == .none ? [CodeSegment(frame: 3, scale: 1)] : []
        let plain = TakenApart(try document(entropy, codes: (0..<50).map { $0 / 6 * 31 % 1024 }, segments: segments).bytes)
        func any(_ file: TakenApart) -> Int { Int.random(in: file.sections.indices, using: &random) }
        for _ in 0..<1500 {
            var file = plain
            for _ in 0..<Int.random(in: 1...3, using: &random) where file.sections.count > 1 {
                let place = any(file)
                switch Int.random(in: 0..<8, using: &random) {
                case 0: file.sections.swapAt(place, any(file))
                case 1: file.sections.insert(file.sections[place], at: any(file))
                case 2: file.sections.remove(at: place)
                case 3: file.sections[place].type = [1, 2, 3, 4, 5, 6, 0x8001].randomElement(using: &random)!
                case 4: file.sections[place].firstFrame &+= UInt64(Int.random(in: 0...3, using: &random) * 8)
                case 5: file.sections[place].sequence &+= 1
                case 6: file.sections[place].frameCount = UInt16.random(in: 0...9, using: &random)
                default:
                    guard let byte = file.sections[place].payload.indices.randomElement(using: &random) else { continue }
                    file.sections[place].payload[byte] ^= 1 << UInt8.random(in: 0...7, using: &random)
                }
            }
            let canBeConsistent = file.sections.allSatisfy { $0.type != 4 || $0.payload.count == 32 }
            if canBeConsistent, Bool.random(using: &random) { file.makeConsistent() }
            let refusal = strictError(file.bytes)?.description
            guard let report = try? TokenFileReport(reading: MemorySource(file.bytes)) else {
                #expect(refusal != nil)
                continue
            }
            #expect(report.flaws.first?.description == refusal)
        }
    }
}
