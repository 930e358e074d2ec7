import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// A document of edition 2 with random shapes: ragged strides, several tracks, any cut into packets and pages, range-coded or packed.
private func randomDocument(_ seed: UInt64, firstFrame: Int = 0) -> EncodedAudio {
    var random = SplitMix64(seed: seed)
    let sizes = [2, 3, 5, 255, 256, 257, 1024, 40000]
    let strides = [[1], [1, 2, 4], [1, 3], [2]].randomElement(using: &random)!
    let layout = CodeLayout(
        codebooks: (0..<Int.random(in: 1...6, using: &random)).map { _ in
            .init(size: sizes.randomElement(using: &random)!, stride: strides.randomElement(using: &random)!)
        },
        hopLength: Int.random(in: 1...2000, using: &random), sampleRate: [8000, 24000, 44100].randomElement(using: &random)!)
    let frames = [0, 1, 2, Int.random(in: 3...60, using: &random)].randomElement(using: &random)! * layout.superframe
    let tracks = Int.random(in: 1...3, using: &random)
    let channels = Int.random(in: 1...2, using: &random)
    let samples = randomSamples(layout, frames: frames, using: &random)
    var header = TokenHeader(
        codecName: ["test-a", "tëst", "other"].randomElement(using: &random)!, modelType: "test",
        weights: [.zero, SHA256.hash([UInt8(seed % 256)])].randomElement(using: &random)!, layout: layout,
        channels: channels, trackCount: tracks,
        original: OriginalAudio(
            sampleRate: layout.sampleRate, channels: tracks == 1 ? Int.random(in: 1...8, using: &random) : tracks * channels,
            subtype: ["", "pcm24", "a-law of old"].randomElement(using: &random)!,
            sampleCount: Bool.random(using: &random) ? samples : nil),
        entropy: [.none, .adaptive].randomElement(using: &random)!)
    let packet = layout.superframe * Int.random(in: 1...5, using: &random)
    var paging = Paging(
        PageLayout(
            framesPerPacket: packet, framesPerPage: packet * Int.random(in: 1...4, using: &random),
            pagesPerModel: Int.random(in: 1...4, using: &random), pagesPerEntry: Int.random(in: 1...3, using: &random)))
    paging.firstFrame = firstFrame * layout.superframe
    header.paging = paging
    return EncodedAudio(
        header: header, tracks: randomTracks(layout, tracks: tracks, frames: frames, using: &random), samples: samples)
}

/// Two ragged tracks in pages of eight frames, small enough for exhaustive tests.
private func small(_ entropy: EntropyMode = .none, frames: Int = 20, packet: Int = 4, page: Int = 8, samplesKnown: Bool = false) -> EncodedAudio {
    var document = smallDocument(frames: frames, samplesKnown: samplesKnown)
    document.header.entropy = entropy
    document.header.paging = Paging(PageLayout(framesPerPacket: packet, framesPerPage: page, pagesPerModel: 2, pagesPerEntry: 1))
    return document
}

/// What a file keeps of a header.
private func kept(_ header: TokenHeader) -> TokenHeader {
    var kept = header
    kept.weights = .zero
    kept.framesPerChunk = 1
    kept.paging = nil
    return kept
}

@Suite struct PageTests {
    @Test func documentsRoundTrip() throws {
        for seed in 0..<300 as Range<UInt64> {
            let document = randomDocument(seed, firstFrame: Int(seed % 3) * 500)
            let bytes = try document.bytes
            let read = try EncodedAudio(source: MemorySource(bytes))
            #expect(read.tracks == document.tracks && read.samples == document.samples, "seed \(seed)")
            #expect(kept(read.header) == kept(document.header) && read.header.weights.agrees(with: document.header.weights), "seed \(seed)")
            #expect(read.header.paging?.firstFrame == document.header.paging?.firstFrame)
        }
    }

    @Test func bytesDoNotDependOnHowCodesAreWritten() throws {
        for seed in 300..<360 as Range<UInt64> {
            let document = randomDocument(seed)
            let sink = MemorySink()
            let writer = try ContainerWriter(header: document.header, sink: sink)
            var random = SplitMix64(seed: seed)
            let superframe = document.header.layout.superframe
            var frame = 0
            let frames = document.header.layout.frames(of: document.tracks)
            while frame < frames {
                let end = min(frames, frame + Int.random(in: 1...9, using: &random) * superframe)
                try writer.write(document.codes(frame..<end))
                frame = end
            }
            try writer.finish(samples: document.samples)
            #expect(sink.bytes == (try document.bytes), "seed \(seed)")
        }
    }

    @Test func readingInPiecesAndLenientlyGivesTheSame() throws {
        for seed in 0..<30 as Range<UInt64> {
            let bytes = try randomDocument(seed).bytes
            let whole = try readAll(bytes)
            for piece in [1, 7, 1000] {
                let read = try readAll(pipe(bytes, piece: piece))
                #expect(read.chunks == whole.chunks && read.totals == whole.totals)
            }
            let lenient = try readAll(bytes, .lenient)
            #expect(lenient.chunks == whole.chunks && lenient.totals == whole.totals && lenient.damage.isEmpty)
        }
    }

    @Test(arguments: [EntropyMode.none, .adaptive], [0, 4, 20])
    func everyFlippedBitIsDetected(entropy: EntropyMode, frames: Int) throws {
        let bytes = try small(entropy, frames: frames).bytes
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(strictError(damaged)?.kind == .badData, "bit \(bit) of \(bytes.count * 8)")
        }
    }

    @Test(arguments: [EntropyMode.none, .adaptive], [0, 20])
    func everyTruncationIsNamed(entropy: EntropyMode, frames: Int) throws {
        let bytes = try small(entropy, frames: frames).bytes
        for length in 0..<bytes.count {
            guard case .truncated(_, let offset) = strictError(Array(bytes[..<length])) else {
                Issue.record("\(length) of \(bytes.count) bytes: \(String(describing: strictError(Array(bytes[..<length]))))")
                continue
            }
            #expect(offset == length)
        }
    }

    /// Packed codes lose the page at most; range-coded ones a page at most whose one bit cannot be put right, and with it those up to the next fresh model.
    @Test(arguments: [(EntropyMode.none, 8), (.adaptive, 16)])
    func aFlippedBitCostsAtMost(entropy: EntropyMode, frames: Int) throws {
        let document = small(entropy, frames: 28)
        let bytes = try document.bytes
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let result = try readAll(damaged, .lenient)
            var next = 0
            for chunk in result.chunks {
                #expect(chunk.firstFrame == next, "bit \(bit)")
                next = chunk.frames.upperBound
                if !chunk.isConcealed { #expect(chunk.tracks == document.codes(chunk.frames), "bit \(bit)") }
            }
            #expect(next == 28 && result.totals.concealedFrames <= frames && !result.damage.isEmpty, "bit \(bit)")
        }
    }

    @Test(arguments: [EntropyMode.none, .adaptive])
    func lostPagesAreConcealed(entropy: EntropyMode) throws {
        let document = small(entropy, frames: 60)
        let bytes = try document.bytes
        let pages = PageSurgery(bytes).blocks
        // The third page starts a model afresh.
        let lost = pages.enumerated().filter { $0.offset != 3 }.flatMap { bytes[$0.element] }
        let result = try readAll(Array(bytes[..<16]) + lost, .lenient)
        #expect(result.totals.frames == 60 && !result.totals.isSalvaged)
        let expected: [Range<Int>] = entropy == .none ? [16..<24] : [16..<24, 24..<32]
        #expect(result.concealed.flatMap { $0 } == expected.flatMap { $0 })
        #expect(strictError(Array(bytes[..<16]) + lost)?.kind == .badData)
    }

    @Test func swappedRepeatedAndMissingBlocksAreRefused() throws {
        for entropy in [EntropyMode.none, .adaptive] {
            let bytes = try small(entropy, frames: 40).bytes
            let blocks = PageSurgery(bytes).blocks
            for i in blocks.indices {
                var order = Array(blocks.indices)
                order.remove(at: i)
                #expect(verdict(PageSurgery(bytes).joined(order)) != nil, "without block \(i)")
                order = Array(blocks.indices)
                order.insert(i, at: i)
                #expect(verdict(PageSurgery(bytes).joined(order)) != nil, "block \(i) twice")
                for j in blocks.indices where j > i {
                    order = Array(blocks.indices)
                    order.swapAt(i, j)
                    #expect(verdict(PageSurgery(bytes).joined(order)) != nil, "blocks \(i) and \(j)")
                }
            }
        }
    }

    /// What a strict reader refuses a file for, which is the first flaw of a report.
    private func verdict(_ bytes: [UInt8]) -> String? {
        let refusal = strictError(bytes)?.description
        if let report = try? TokenFileReport(reading: MemorySource(bytes)) { #expect(report.flaws.first?.description == refusal) }
        return refusal
    }

    /// Without a tail or segments the bound is that of edition 1, for the samples that are kept and those that are skipped together.
    @Test(arguments: [0, 50]) func framesFarBeyondTheSamplesAreRefused(skipped: Int) throws {
        let layout = CodeLayout(uniform: 1, size: 16, hopLength: 10, sampleRate: 1000)
        var header = TokenHeader(
            codecName: "a", modelType: "b", weights: .zero, layout: layout, original: OriginalAudio(sampleRate: 1000, channels: 1))
        header.paging = Paging(PageLayout(framesPerPacket: 1, framesPerPage: 8, pagesPerModel: 1, pagesPerEntry: 4))
        header.paging?.skippedSamples = skipped
        let document = EncodedAudio(header: header, tracks: [Codes(streams: [Array(repeating: 1, count: 100)])], samples: 900)
        for (samples, isSound) in [(660 - skipped, true), (1000 - skipped, true), (659 - skipped, false), (1001 - skipped, false)] {
            let bytes = PageSurgery(try document.bytes).stating(samples: samples)
            let refusal = verdict(bytes)
            #expect((refusal == nil) == isSound, "\(samples)")
            let reader = try ContainerReader(source: MemorySource(bytes))
            var ahead: String?
            do { try reader.checkLengthAhead() } catch { ahead = "\(error)" }
            #expect(ahead == (samples < 660 - skipped ? refusal : nil), "\(samples)")
            if isSound { while try reader.next() != nil {} }
            var other = document
            other.samples = samples
            #expect(((try? other.bytes) != nil) == isSound, "\(samples)")
        }
    }

    @Test(arguments: [EntropyMode.none, .adaptive], [0, 400])
    func seekingFindsThePageOfEveryFrame(entropy: EntropyMode, firstFrame: Int) throws {
        var document = small(entropy, frames: 100)
        document.header.paging?.firstFrame = firstFrame
        let reader = try ContainerReader(source: MemorySource(try document.bytes))
        for frame in Array(0..<100).reversed() + [3, 99, 0] {
            #expect(try reader.seek(toFrame: frame) == frame / 8 * 8)
            var chunk = try #require(try reader.next())
            #expect(chunk.frames.contains(frame) && chunk.tracks == document.codes(chunk.frames))
            guard frame % 10 == 0 else { continue }
            while let more = try reader.next() {
                #expect(more.firstFrame == chunk.frames.upperBound && more.tracks == document.codes(more.frames))
                chunk = more
            }
            #expect(reader.totals?.samples == document.samples)
        }
        #expect(try reader.seek(toFrame: 100) == 100)
        #expect(try reader.next() == nil)
        #expect(throws: TokenStreamError.usage("cannot seek to frame 101 of 100")) { try reader.seek(toFrame: 101) }
    }

    @Test func theIndexOfALongFileStaysBounded() throws {
        _ = try seekInALongFile(Paging(PageLayout(framesPerPacket: 1, framesPerPage: 1, pagesPerModel: 1, pagesPerEntry: 1)))
    }

    /// The digest before the index is of the codes alone.
    @Test func theDigestIsTheSameHoweverTheCodesAreCoded() throws {
        func digest(_ document: EncodedAudio) throws -> ContentDigest? { try readAll(try document.bytes).totals.digest }
        let digests = Set([
            try digest(small(frames: 20)), try digest(small(.adaptive, frames: 20)), try digest(small(frames: 20, packet: 8, page: 16)),
        ])
        #expect(digests.count == 1)
        var other = small(frames: 20)
        other.tracks[1].streams[2][19] ^= 1
        #expect(try digest(other) != digests.first)
    }

    @Test func aShortFileHasFewBytesAroundItsCodes() throws {
        let layout = CodeLayout(uniform: 3, size: 1024, hopLength: 480, sampleRate: 24_000)
        var header = TokenHeader(
            codecName: "codetta-24k", modelType: "soundstream", weights: SHA256.hash([1]), layout: layout,
            original: OriginalAudio(sampleRate: 24_000, channels: 1, subtype: "pcm16", sampleCount: 96_000))
        header.paging = Paging(PageLayout(.archive, layout: layout, trackCount: 1, entropy: .none))
        let codes = Codes(streams: Array(repeating: Array(repeating: 5, count: 200), count: 3))
        let sink = MemorySink()
        let writer = try ContainerWriter(header: header, sink: sink)
        try writer.write([codes])
        try writer.finish(samples: 96_000)
        #expect(sink.bytes.count - writer.payloadByteCount <= 112)
    }

    @Test func segmentsAndSkippedSamplesComeBack() throws {
        let layout = CodeLayout(uniform: 2, size: 16, hopLength: 10, sampleRate: 1000)
        var header = TokenHeader(
            codecName: "a", modelType: "b", weights: .zero, layout: layout, trackCount: 2, original: OriginalAudio(sampleRate: 2000, channels: 2))
        var paging = Paging(PageLayout(framesPerPacket: 2, framesPerPage: 6, pagesPerModel: 1, pagesPerEntry: 2))
        paging.skippedSamples = 77
        paging.tailFrames = 6
        header.paging = paging
        var random = SplitMix64(seed: 1)
        var tracks = randomTracks(layout, tracks: 2, frames: 20, using: &random)
        tracks[0].segments = [CodeSegment(frame: 0, scale: 0.5), CodeSegment(frame: 7, scale: 2)]
        tracks[1].segments = [CodeSegment(frame: 13, scale: 1)]
        for entropy in [EntropyMode.none, .adaptive] {
            header.entropy = entropy
            // Of 400 samples that the frames span, 77 are skipped and at most 120 stand for nothing.
            for samples in [203, 323] {
                let read = try EncodedAudio(source: MemorySource(try EncodedAudio(header: header, tracks: tracks, samples: samples).bytes))
                #expect(read.tracks == tracks && read.samples == samples)
                #expect(read.header.paging?.skippedSamples == 77 && read.header.paging?.tailFrames == 6)
            }
            for samples in [202, 325] {
                #expect(throws: TokenStreamError.self) { try EncodedAudio(header: header, tracks: tracks, samples: samples).bytes }
            }
        }
    }

    @Test func presetsSuitTheirPurpose() {
        let layout = CodeLayout(uniform: 6, size: 1024, hopLength: 480, sampleRate: 24_000)
        let stream = PageLayout(.stream, layout: layout, trackCount: 1, entropy: .none)
        #expect(stream.framesPerPacket == 1 && stream.framesPerPage == 25)
        #expect(PageLayout(.stream, layout: layout, trackCount: 1, entropy: .lm).framesPerPacket == 5)
        let archive = PageLayout(.archive, layout: layout, trackCount: 1, entropy: .none)
        #expect(archive.framesPerPage == 200 && archive.framesPerPacket == 200 && archive.pagesPerModel == 32)
        let ragged = CodeLayout(codebooks: [4, 2, 1].map { .init(size: 4096, stride: $0) }, hopLength: 512, sampleRate: 24_000)
        for preset in PageLayout.Preset.allCases {
            let pages = PageLayout(preset, layout: ragged, trackCount: 2, entropy: .adaptive)
            #expect(pages.framesPerPacket % 4 == 0 && pages.framesPerPage % pages.framesPerPacket == 0)
        }
    }
}

/// The blocks of a sound file of edition 2, found by their sync words and lengths.
private struct PageSurgery {
    let bytes: [UInt8]
    var blocks: [Range<Int>] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var offset = 16
        while offset < bytes.count {
            var place = offset + 2
            func varint() -> Int {
                var (value, shift) = (0, 0)
                while bytes[place] & 0x80 != 0 {
                    value |= Int(bytes[place] & 0x7F) << shift
                    (place, shift) = (place + 1, shift + 7)
                }
                defer { place += 1 }
                return value | Int(bytes[place]) << shift
            }
            let kind = bytes[place]
            place += 1
            if kind == 2 {
                place += 1
                _ = varint()
                _ = varint()
            }
            let length = varint()
            let end = place + 2 + length + 4
            blocks.append(offset..<end)
            offset = end
        }
    }

    /// The file whose end mark has another number of samples, of two bytes as before.
    func stating(samples: Int) -> [UInt8] {
        var bytes = bytes
        // Sync, kind, length, check and the frames take seven bytes.
        let end = blocks[blocks.count - 1]
        bytes.replaceSubrange(end.lowerBound + 7..<end.lowerBound + 9, with: [UInt8(samples & 0x7F) | 0x80, UInt8(samples >> 7)])
        bytes.replaceSubrange((end.upperBound - 4)..., with: littleEndian(CRC32C.checksum(bytes[end.lowerBound..<end.upperBound - 4])))
        return bytes
    }

    func joined(_ order: [Int]) -> [UInt8] { Array(bytes[..<16]) + order.flatMap { bytes[blocks[$0]] } }
}
