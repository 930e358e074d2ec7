import Checkpoints
import Foundation
import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// The test vectors of edition 2, which Tools/goldens/vectors.py makes with the second implementation of Docs/container.md.
@Suite struct VectorTests {
    private struct Recording: Decodable {
        let frames: Int
        let samples: Int
        let digest: String
        let tags: [String: String]
        let entropy: UInt8
        /// Of short ones alone.
        let tracks: [[[Int32]]]?
    }

    private struct Vector: Decodable {
        let recordings: [Recording]
        /// Frames per packet and page, pages per fresh model and entry; of files that a writer makes as they are.
        let pages: [Int]?
    }

    private struct Refusal: Decodable {
        /// The error's case.
        let kind: String
        /// The part or the field that the error names; nil where any will do.
        let what: String?

        func matches(_ error: TokenStreamError) -> Bool {
            let (kind, what) = Self.parts(of: error)
            return kind == self.kind && (self.what == nil || what == self.what)
        }

        private static func parts(of error: TokenStreamError) -> (kind: String, what: String?) {
            switch error {
            case .notCodetta: return ("notCodetta", nil)
            case .newerVersion: return ("newerVersion", nil)
            case .unknownSection: return ("unknownSection", nil)
            case .unknownEntropyMode: return ("unknownEntropyMode", nil)
            case .checksum(let part, _): return ("checksum", part)
            case .truncated(let part, _): return ("truncated", part)
            case .invalidField(let part, _, _, _, _): return ("invalidField", part)
            case .repeatedChunk: return ("repeatedChunk", nil)
            case .missingFrames: return ("missingFrames", nil)
            case .codeOutOfRange: return ("codeOutOfRange", nil)
            case .lostContext: return ("lostContext", nil)
            case .trailingBytes: return ("trailingBytes", nil)
            case .disagreement(let field, _, _, _): return ("disagreement", field)
            default: return ("another", nil)
            }
        }
    }

    private struct Expectations: Decodable {
        let sound: [String: Vector]
        let refused: [String: Refusal]
    }

    private static func expectations() throws -> Expectations {
        try JSONDecoder().decode(Expectations.self, from: Data(bytes("vectors.json")))
    }

    private static func folder() throws -> URL {
        try #require(Bundle.module.url(forResource: "Fixtures/edition2", withExtension: nil))
    }

    private static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder().appendingPathComponent(name))) }

    private static func names() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder().path)) ?? []).filter { $0.hasSuffix(".codetta") }.sorted()
    }

    private static let sound = names().filter { !$0.hasPrefix("invalid-") }
    private static let invalid = names().filter { $0.hasPrefix("invalid-") }

    @Test(arguments: sound) func vectorsReadAsTheSecondImplementationWroteThem(name: String) throws {
        let vector = try #require(try Self.expectations().sound[name])
        let model = try fixtureModel()
        let reader = try ContainerReader(source: MemorySource(Self.bytes(name)), entropyModel: { _ in model })
        for (index, expected) in vector.recordings.enumerated() {
            #expect(reader.header.entropy.rawValue == expected.entropy && reader.header.tags ?? [:] == expected.tags)
            var tracks = [Codes](repeating: Codes(codebooks: reader.header.layout.codebooks.count), count: reader.header.trackCount)
            while let chunk = try reader.next() {
                for (t, codes) in chunk.tracks.enumerated() { tracks[t].append(codes) }
            }
            let totals = try #require(reader.totals)
            #expect(totals.frames == expected.frames && totals.samples == expected.samples)
            #expect(totals.digest?.description == expected.digest)
            if let codes = expected.tracks { #expect(tracks.map(\.streams) == codes) }
            #expect(try reader.nextLink() == (index + 1 < vector.recordings.count))
        }
    }

    @Test(arguments: sound) func vectorsAreWrittenAgainByteForByte(name: String) throws {
        guard let pages = try Self.expectations().sound[name]?.pages else { return }
        let bytes = try Self.bytes(name)
        let model = try fixtureModel()
        let reader = try ContainerReader(source: MemorySource(bytes), entropyModel: { _ in model })
        var header = reader.header
        var chunks: [TokenChunk] = []
        while let chunk = try reader.next() { chunks.append(chunk) }
        header.paging?.layout = PageLayout(framesPerPacket: pages[0], framesPerPage: pages[1], pagesPerModel: pages[2], pagesPerEntry: pages[3])
        let sink = MemorySink()
        let writer = try ContainerWriter(header: header, sink: sink, entropyModel: header.entropy == .lm ? model : nil)
        for chunk in chunks { try writer.write(chunk.tracks) }
        try writer.finish(samples: try #require(reader.totals).samples)
        #expect(sink.bytes == bytes)
    }

    @Test(arguments: invalid) func whatTheSecondImplementationRefusesIsRefusedForTheSameReason(name: String) throws {
        let bytes = try Self.bytes(name)
        let expected = try #require(try Self.expectations().refused[name])
        let model = try fixtureModel()
        do {
            let reader = try ContainerReader(source: MemorySource(bytes), entropyModel: { _ in model })
            repeat { while try reader.next() != nil {} } while try reader.nextLink()
            Issue.record("\(name) is accepted")
        } catch let error as TokenStreamError {
            #expect(expected.matches(error), "\(name): \(error), expected \(expected.kind) \(expected.what ?? "")")
            // Where a report can be made at all, that is its first flaw.
            if let report = try? TokenFileReport(reading: MemorySource(bytes), entropyModel: { _ in model }) {
                #expect(report.flaws.first?.description == error.description)
            }
        }
    }

    @Test func theVectorsAreThere() throws {
        #expect(Self.sound.count >= 24 && Self.invalid.count >= 80)
        let expected = try Self.expectations()
        #expect(Set(expected.sound.keys) == Set(Self.sound) && Set(expected.refused.keys) == Set(Self.invalid))
    }
}
