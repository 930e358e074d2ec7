import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// Recordings one behind the other, and tags.
@Suite struct ChainTests {
    /// A small recording of edition 2.
    private func recording(
        _ entropy: EntropyMode = .none, frames: Int = 20, firstFrame: Int = 0, tags: [String: String]? = nil
    ) -> EncodedAudio {
        var document = smallDocument(frames: frames)
        document.header.entropy = entropy
        document.header.tags = tags
        document.header.paging = Paging(PageLayout(framesPerPacket: 4, framesPerPage: 8, pagesPerModel: 2, pagesPerEntry: 1))
        document.header.paging?.firstFrame = firstFrame
        return document
    }

    private let tags = ["title": "Ein Gespräch", "speaker": "A", "x-lab.take_2": ""]

    private func read(_ reader: ContainerReader) throws -> [Codes] {
        var tracks = [Codes](noneOf: reader.header)
        while let chunk = try reader.next() { tracks.append(tracks: chunk.tracks) }
        return tracks
    }

    private func chainError(_ bytes: [UInt8]) -> TokenStreamError? {
        do {
            let reader = try ContainerReader(source: MemorySource(bytes))
            repeat { while try reader.next() != nil {} } while try reader.nextLink()
            return nil
        } catch {
            return error as? TokenStreamError ?? .usage("\(error)")
        }
    }

    @Test(arguments: [0, 1, 3])
    func everyRecordingOfAChainIsRead(piece: Int) throws {
        let documents = [recording(), recording(.adaptive, frames: 0), recording(.adaptive, frames: 12, firstFrame: 400, tags: tags)]
        let bytes = try documents.flatMap { try $0.bytes }
        let reader = try ContainerReader(source: piece == 0 ? MemorySource(bytes) : pipe(bytes, piece: piece))
        for (index, document) in documents.enumerated() {
            // What is left of a recording is passed over.
            if index != 1 { #expect(try read(reader) == document.tracks) }
            #expect(reader.header.entropy == document.header.entropy && reader.header.tags == document.header.tags)
            if index != 1 { #expect(reader.totals?.samples == document.samples) }
            #expect(try reader.nextLink() == (index < 2))
        }
        let report = try TokenFileReport(reading: MemorySource(bytes))
        #expect(report.isSound && report.recordings == 3 && report.totals.frames == 32)
        #expect(throws: TokenStreamError.chained) { try EncodedAudio(source: MemorySource(bytes)) }
    }

    @Test func seekingStaysWithinTheRecording() throws {
        let documents = [recording(frames: 20), recording(.adaptive, frames: 40), recording(frames: 8)]
        let reader = try ContainerReader(source: MemorySource(try documents.flatMap { try $0.bytes }))
        for document in documents {
            let frames = document.header.layout.frames(of: document.tracks)
            #expect(try reader.ending() == TokenEnding(frames: frames, samples: document.samples))
            for frame in [frames - 1, 0, frames / 2, frames] {
                let first = try reader.seek(toFrame: frame)
                let chunk = try reader.next()
                #expect(frame == frames ? chunk == nil && first == frames : chunk?.frames.contains(frame) == true)
                if let chunk { #expect(chunk.tracks == document.codes(chunk.frames)) }
            }
            #expect(throws: TokenStreamError.self) { try reader.seek(toFrame: frames + 1) }
            _ = try reader.seek(toFrame: frames)
            _ = try reader.nextLink()
        }
    }

    @Test func recordingsOfEditionOneStandAlone() throws {
        let old = try smallDocument().bytes
        let new = try recording().bytes
        for bytes in [old + new, old + old, new + old, new + [0], new + new.prefix(16), new + new.dropLast(1)] as [[UInt8]] {
            #expect(chainError(bytes)?.kind == .badData)
        }
        #expect(chainError(new + new) == nil)
    }

    @Test func everyFlippedBitOfAChainIsDetected() throws {
        let bytes = try recording(frames: 4, tags: tags).bytes + recording(.adaptive, frames: 4).bytes
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(chainError(damaged)?.kind == .badData, "bit \(bit) of \(bytes.count * 8)")
        }
        let joint = try recording(frames: 4, tags: tags).bytes.count
        for length in 0..<bytes.count where length != joint {
            #expect(chainError(Array(bytes[..<length]))?.kind == .badData, "\(length) of \(bytes.count) bytes")
        }
    }

    /// Damage in one recording costs nothing in the next.
    @Test(arguments: [EntropyMode.none, .adaptive])
    func aLenientReaderFindsTheNextRecording(entropy: EntropyMode) throws {
        let (first, second) = (recording(entropy), recording(entropy, frames: 12, tags: tags))
        let (head, tail) = (try first.bytes, try second.bytes)
        for byte in 40..<head.count {
            var damaged = head + tail
            for offset in byte..<min(head.count, byte + 6) { damaged[offset] ^= 0x5A }
            guard let reader = try? ContainerReader(source: MemorySource(damaged), mode: .lenient) else { continue }
            while try reader.next() != nil {}
            guard try reader.nextLink() else {
                Issue.record("no recording behind damage at \(byte)")
                continue
            }
            #expect(try read(reader) == second.tracks, "behind damage at \(byte)")
            #expect(!reader.damage.isEmpty)
        }
    }

    // MARK: Tags

    @Test func tagsAreReadAndWrittenAlone() throws {
        for entropy in [EntropyMode.none, .adaptive] {
            let plain = try recording(entropy, frames: 40).bytes
            let tagged = try recording(entropy, frames: 40, tags: tags).bytes
            #expect(try rewritten(plain) { $0 = tags } == tagged)
            #expect(try rewritten(tagged) { $0 = [:] } == plain)
            #expect(try rewritten(tagged) { _ in } == tagged)
            // The index still leads to the pages.
            let reader = try ContainerReader(source: MemorySource(tagged))
            #expect(reader.header.tags == tags)
            #expect(try reader.seek(toFrame: 33) == 32)
            #expect(try reader.next()?.tracks == recording(entropy, frames: 40).codes(32..<40))
        }
        // Of a chain those of the first recording change.
        let other = try recording(frames: 8, tags: ["title": "b"]).bytes
        let chain = try recording().bytes + other
        #expect(try rewritten(chain) { $0["title"] = "a" } == (try recording(tags: ["title": "a"]).bytes) + other)
    }

    @Test func tagsThatTheFormatDoesNotAllowAreRefused() throws {
        let long = String(repeating: "a", count: TokenTags.lengthLimit)
        for tags in [["": "a"], ["Title": "a"], ["title": "a\0b"], ["a b": ""], ["é": ""], ["title": long], [String(repeating: "k", count: 256): ""]] {
            #expect(throws: TokenStreamError.self) { try rewritten(try recording().bytes) { $0 = tags } }
            #expect(throws: TokenStreamError.self) { try recording(tags: tags).bytes }
        }
        #expect(try rewritten(try recording().bytes) { $0 = ["title": String(long.dropLast(5))] }.count > TokenTags.lengthLimit)
        #expect(throws: TokenStreamError.self) { try rewritten(try smallDocument().bytes) { $0 = tags } }
        var damaged = try recording(tags: tags).bytes
        damaged[damaged.count / 2] ^= 1
        #expect(throws: TokenStreamError.self) { try rewritten(damaged) { _ in } }
        #expect(throws: TokenStreamError.self) { try rewritten(Array(try recording(tags: tags).bytes.dropLast())) { _ in } }
    }

    private func rewritten(_ bytes: [UInt8], _ change: (inout [String: String]) -> Void) throws -> [UInt8] {
        let sink = MemorySink()
        try TagEditor.rewrite(MemorySource(bytes), to: sink, change: change)
        return sink.bytes
    }
}
