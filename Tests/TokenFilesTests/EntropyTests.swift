import Foundation
import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// Codes with something to learn: a code repeats its stream's last one, follows the codebook below, or is drawn afresh.
private func patternedTracks(
    _ layout: CodeLayout, tracks: Int, frames: Int, using random: inout SplitMix64
) -> [Codes] {
    var result = randomTracks(layout, tracks: tracks, frames: frames, using: &random)
    for track in result.indices {
        for (k, codebook) in layout.codebooks.enumerated() {
            for t in result[track].streams[k].indices.dropFirst() where Int.random(in: 0..<4, using: &random) > 0 {
                let last = result[track].streams[k][t - 1]
                result[track].streams[k][t] = t % 5 == 0 ? Int32((Int(last) * 7 + k) % codebook.size) : last
            }
        }
    }
    return result
}

private func document(
    sizes: [Int], strides: [Int]? = nil, tracks: Int = 1, frames: Int, perChunk: Int, seed: UInt64, patterned: Bool = true
) -> EncodedAudio {
    var random = SplitMix64(seed: seed)
    let layout = CodeLayout(
        codebooks: sizes.enumerated().map { .init(size: $1, stride: strides?[$0] ?? 1) }, hopLength: 10, sampleRate: 1000)
    let header = TokenHeader(
        codecName: "entropy", modelType: "test", weights: .zero, layout: layout, trackCount: tracks,
        original: OriginalAudio(sampleRate: 1000, channels: tracks), entropy: .adaptive, framesPerChunk: perChunk)
    let make = patterned ? patternedTracks : randomTracks
    return EncodedAudio(
        header: header, tracks: make(layout, tracks, frames, &random), samples: max(0, frames * 10 - 3))
}

extension EncodedAudio {
    fileprivate var packed: EncodedAudio {
        var copy = self
        copy.header.entropy = .none
        return copy
    }
}

/// 72 chunks, so that the model starts afresh once.
private let small = document(sizes: [5, 1000, 64], strides: [4, 2, 1], tracks: 2, frames: 288, perChunk: 4, seed: 1)

@Test func adaptiveCodingReturnsTheCodesOfAnyLayout() throws {
    let sizes = [2, 3, 5, 255, 256, 257, 1000, 1024, 4096, 40000, 65535, 65536]
    for seed in 0..<60 as Range<UInt64> {
        var random = SplitMix64(seed: seed)
        let strides = [[1], [1, 2, 4], [1, 3], [2], [1, 5, 7]].randomElement(using: &random)!
        let count = Int.random(in: 1...8, using: &random)
        let chosen = (0..<count).map { _ in strides.randomElement(using: &random)! }
        let superframe = CodeLayout(
            codebooks: chosen.map { .init(size: 2, stride: $0) }, hopLength: 1, sampleRate: 1).superframe
        let file = document(
            sizes: (0..<count).map { _ in sizes.randomElement(using: &random)! }, strides: chosen,
            tracks: Int.random(in: 1...3, using: &random), frames: superframe * [0, 1, 2, 40].randomElement(using: &random)!,
            perChunk: superframe * Int.random(in: 1...9, using: &random), seed: seed, patterned: seed % 3 > 0)
        let bytes = try file.bytes
        #expect(try EncodedAudio(source: MemorySource(bytes)) == file, "seed \(seed)")
        #expect(bytes.count <= (try file.packed.bytes.count), "seed \(seed)")
        #expect(try readAll(pipe(bytes, piece: 7)).chunks == readAll(bytes).chunks)
        #expect(try readAll(bytes, .lenient).damage.isEmpty)
    }
}

@Test func everyCodebookSizeIsCodedToItsLastCode() throws {
    for size in Array(2...40) + [1 << 20, 1 << 31] {
        let codes: [Int32] = [0, Int32(size - 1), Int32(size / 2), Int32(size - 1), 0, Int32(size - 1), Int32(size - 1)]
        var file = document(sizes: [size], frames: codes.count, perChunk: 5, seed: 0)
        file.tracks = [Codes(streams: [codes])]
        #expect(try EncodedAudio(source: MemorySource(file.bytes)) == file)
    }
}

@Test func adaptiveBytesDoNotDependOnHowCodesAreWritten() throws {
    let sink = MemorySink()
    let writer = try ContainerWriter(header: small.header, sink: sink)
    for start in stride(from: 0, to: 288, by: 32) { try writer.write(small.codes(start..<start + 32)) }
    try writer.finish(samples: small.samples)
    #expect(sink.bytes == (try small.bytes))
}

@Test func patternsShrinkAndNoiseDoesNotGrow() throws {
    let pattern = document(sizes: [1024, 1024], frames: 2000, perChunk: 100, seed: 3)
    #expect(Double(try pattern.bytes.count) < 0.7 * Double(try pattern.packed.bytes.count))
    let noise = document(sizes: [1024, 1024], frames: 2000, perChunk: 100, seed: 3, patterned: false)
    #expect(try noise.bytes.count == noise.packed.bytes.count)
    var constant = pattern
    constant.tracks = [Codes(streams: [[Int32]](repeating: Array(repeating: 1023, count: 2000), count: 2))]
    // Of a chunk of 250 bytes little is left but its 40 bytes of framing.
    #expect(try constant.bytes.count < 20 * (40 + 6) + 400)
}

@Test func adaptiveFilesNameTheirVersionAndMode() throws {
    let report = try TokenFileReport(reading: MemorySource(small.bytes))
    #expect(report.formatVersion == "1.1" && report.header.entropy == .adaptive && report.isSound)
    #expect(EntropyMode.adaptive.name == "adaptive")
}

@Test func everyFlippedBitOfAnAdaptiveFileIsRefused() throws {
    let bytes = try document(sizes: [5, 300], frames: 12, perChunk: 4, seed: 2).bytes
    for bit in 0..<bytes.count * 8 {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(strictError(damaged) != nil, "bit \(bit)")
    }
    for length in bytes.indices { #expect(strictError(Array(bytes[..<length])) != nil, "length \(length)") }
}

@Test func forgedPayloadsAreRefusedOrTheOnlyCodingOfTheirCodes() throws {
    var steady = document(sizes: [5, 1000], frames: 24, perChunk: 8, seed: 4)
    steady.tracks = [Codes(streams: [Array(repeating: 2, count: 24), (0..<24).map { $0 % 12 == 5 ? 17 : 700 }])]
    let plain = TakenApart(try steady.bytes)
    var (refused, accepted) = (0, 0)
    func forge(_ section: Int, _ payload: [UInt8]) throws {
        var file = plain
        file.sections[section].payload = payload
        file.makeConsistent()
        do {
            let document = try EncodedAudio(source: MemorySource(file.bytes))
            // No second payload stands for the same codes, packed or not.
            #expect(try document.bytes == file.bytes)
            accepted += 1
        } catch is TokenStreamError {
            refused += 1
        }
    }
    for section in 1...3 {
        let payload = plain.sections[section].payload
        #expect(payload.count < 13)
        for bit in 0..<payload.count * 8 {
            var forged = payload
            forged[bit / 8] ^= 1 << UInt8(bit % 8)
            try forge(section, forged)
        }
        for length in 0...14 { try forge(section, Array((payload + Array(repeating: 0x5A, count: 14)).prefix(length))) }
        for length in 0...14 { for byte in [0, 0x80, 0xFF] as [UInt8] { try forge(section, Array(repeating: byte, count: length)) } }
    }
    #expect(refused > 50 && accepted > 3)
}

@Test func seekingDecodesFromTheLastFreshModel() throws {
    let reader = try ContainerReader(source: MemorySource(small.bytes))
    for frame in [287, 256, 255, 0, 268, 3, 128, 259] {
        #expect(try reader.seek(toFrame: frame) == frame / 4 * 4)
        var end = frame / 4 * 4
        while let chunk = try reader.next() {
            #expect(chunk.firstFrame == end && chunk.tracks == small.codes(chunk.frames))
            end = chunk.frames.upperBound
        }
        #expect(end == 288 && reader.totals?.samples == small.samples)
    }
}

@Test func aLostChunkCostsTheRestOfItsModelAndNoLength() throws {
    let plain = TakenApart(try small.bytes)
    var lost = plain
    lost.sections.remove(at: 2 + 10)
    let cut = try readAll(lost.bytes, .lenient)
    let place = plain.sections[..<12].reduce(16) { $0 + $1.bytes.count } + 32
    var flipped = plain.bytes
    flipped[place] ^= 4
    let repaired = try readAll(flipped, .lenient)
    #expect(repaired.totals.concealedFrames == 0 && repaired.damage.count == 1)
    #expect(repaired.chunks.allSatisfy { $0.tracks == small.codes($0.frames) })
    flipped[place] ^= 0x11
    for read in [cut, try readAll(flipped, .lenient)] {
        #expect(read.totals.frames == 288 && read.totals.samples == small.samples)
        #expect(read.totals.concealedFrames == 212 && read.concealed.first?.lowerBound == 44)
        for chunk in read.chunks {
            #expect(chunk.isConcealed == (44..<256).contains(chunk.firstFrame))
            if !chunk.isConcealed { #expect(chunk.tracks == small.codes(chunk.frames)) }
        }
    }
    #expect(strictError(lost.bytes) != nil && strictError(flipped) != nil)
}

@Test func chunksOutOfOrderAreDecodedInOrder() throws {
    var file = TakenApart(try small.bytes)
    file.sections.swapAt(6, 8)
    let read = try readAll(file.bytes, .lenient)
    #expect(read.totals.concealedFrames == 0 && read.chunks.allSatisfy { $0.tracks == small.codes($0.frames) })
}
