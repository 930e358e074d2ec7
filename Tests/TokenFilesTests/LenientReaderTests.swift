import Platform
import TestSupport
import Testing
import TokenFiles

/// A document of `chunks` chunks of 8 frames, the last one of 4.
private func document(chunks: Int, samplesKnown: Bool = false) -> EncodedAudio {
    smallDocument(frames: chunks * 8 - 4, samplesKnown: samplesKnown)
}

/// Reads a damaged version of `document` and checks what holds whatever the damage: frames in order without gaps or overlaps,
/// sound chunks as written, concealed ones as defined, and a log that agrees with the strict reader's verdict.
private func salvage(_ bytes: [UInt8], of document: EncodedAudio) throws -> ReadResult {
    let result = try readAll(bytes, .lenient)
    var next = 0
    var last = document.header.layout.codebooks.map { _ in 0 as Int32 }
    for chunk in result.chunks {
        #expect(chunk.firstFrame == next)
        next = chunk.frames.upperBound
        if chunk.isConcealed {
            for (k, stream) in chunk.tracks[0].streams.enumerated() {
                #expect(stream == Array(repeating: last[k], count: chunk.frameCount / document.header.layout.codebooks[k].stride))
            }
        } else {
            #expect(chunk.tracks == document.codes(chunk.frames))
            last = chunk.tracks[0].streams.map { $0.last ?? 0 }
        }
    }
    #expect(next == result.totals.frames)
    #expect(result.totals.concealedFrames == result.concealed.reduce(0) { $0 + $1.count })
    #expect(result.damage.isEmpty == (strictError(bytes) == nil))
    return result
}

@Test(arguments: [false, true])
func aFlippedBitCostsAtMostOneChunk(samplesKnown: Bool) throws {
    let document = document(chunks: 3, samplesKnown: samplesKnown)
    let bytes = try document.bytes
    for bit in 0..<bytes.count * 8 {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        let result = try salvage(damaged, of: document)
        #expect(!result.totals.isSalvaged)
        #expect(result.totals.frames == 20 && result.totals.samples == document.samples, "bit \(bit)")
        #expect(result.concealed.count <= 1, "bit \(bit)")
        #expect(result.damage.count >= 1)
    }
}

@Test func aTruncatedFileGivesItsWholeChunks() throws {
    let document = document(chunks: 3)
    let bytes = try document.bytes
    let sections = TakenApart(bytes).sections
    let bodyOffset = 16 + sections[0].bytes.count
    for length in 0..<bytes.count {
        let head = Array(bytes[..<length])
        guard length >= bodyOffset else {
            #expect(throws: TokenStreamError.self) { try readAll(head, .lenient) }
            continue
        }
        var end = bodyOffset
        let whole = sections[1...3].prefix {
            end += $0.bytes.count
            return end <= length
        }
        let frames = whole.reduce(0) { $0 + Int($1.frameCount) }
        let result = try salvage(head, of: document)
        #expect(result.totals.isSalvaged)
        #expect(result.totals.frames == frames)
        #expect(result.totals.samples == frames * 640)
        #expect(result.concealed.isEmpty)
    }
}

@Test func aTruncatedFileKeepsTheLengthThatItsHeaderKnows() throws {
    let document = document(chunks: 3, samplesKnown: true)
    let result = try salvage(try document.bytes.dropLast(64), of: document)
    #expect(result.totals.isSalvaged)
    #expect(result.totals.samples == document.samples)
}

@Test func missingChunksAreConcealedAndNamed() throws {
    let document = document(chunks: 14)
    let plain = TakenApart(try document.bytes)
    for missing in [1...1, 2...2, 5...8, 1...13, 14...14, 1...14] {
        var file = plain
        file.sections.removeSubrange(missing)
        let result = try salvage(file.bytes, of: document)
        #expect(result.totals.frames == 108 && result.totals.samples == document.samples && !result.totals.isSalvaged)
        let gap = (missing.lowerBound - 1) * 8..<min(missing.upperBound * 8, 108)
        #expect(result.concealed.first?.lowerBound == gap.lowerBound && result.concealed.last?.upperBound == gap.upperBound)
        #expect(result.damage.entries.contains(.missingFrames(first: gap.lowerBound, count: gap.count)))
    }
}

@Test func reorderedChunksReturnToTheirPlaces() throws {
    let document = document(chunks: 14)
    let plain = TakenApart(try document.bytes)
    for distance in 1...8 {
        var file = plain
        file.sections.insert(file.sections.remove(at: 2), at: 2 + distance)
        let result = try salvage(file.bytes, of: document)
        #expect(result.concealed.isEmpty)
        #expect(result.damage.count == 1)
    }
    var reversed = plain
    reversed.sections[3...9].reverse()
    #expect(try salvage(reversed.bytes, of: document).concealed.isEmpty)
}

@Test func aChunkThatComesTooLateIsConcealed() throws {
    let document = document(chunks: 14)
    var file = TakenApart(try document.bytes)
    file.sections.insert(file.sections.remove(at: 2), at: 12)
    let result = try salvage(file.bytes, of: document)
    #expect(result.concealed == [8..<16])
    #expect(result.totals.frames == 108)
}

@Test func repeatedChunksAreDropped() throws {
    let document = document(chunks: 6)
    let plain = TakenApart(try document.bytes)
    for (from, to) in [(1, 2), (2, 2), (2, 6), (6, 7), (4, 1)] {
        var file = plain
        file.sections.insert(file.sections[from], at: to)
        let result = try salvage(file.bytes, of: document)
        #expect(result.concealed.isEmpty)
        #expect(result.totals.frames == 44 && !result.totals.isSalvaged)
    }
}

@Test func bytesLostInsideAChunkCostThatChunk() throws {
    let document = document(chunks: 5)
    let bytes = try document.bytes
    let start = 16 + TakenApart(bytes).sections[..<3].reduce(0) { $0 + $1.bytes.count }
    for (offset, count) in [(33, 1), (40, 5), (2, 1), (0, 4), (20, 12)] {
        var damaged = bytes
        damaged.removeSubrange(start + offset..<start + offset + count)
        let result = try salvage(damaged, of: document)
        #expect(result.concealed == [16..<24])
        #expect(result.totals.frames == 36 && !result.totals.isSalvaged)
        damaged = bytes
        damaged.insert(contentsOf: [UInt8](repeating: 0xC0, count: count), at: start + offset)
        #expect(try salvage(damaged, of: document).totals.frames == 36)
    }
}

@Test func aLostIndexOrEndMarkLosesNoFrames() throws {
    let document = document(chunks: 5)
    let plain = TakenApart(try document.bytes)
    var noIndex = plain
    noIndex.sections.remove(at: 6)
    let first = try salvage(noIndex.bytes, of: document)
    #expect(first.concealed.isEmpty && !first.totals.isSalvaged && first.totals.samples == document.samples)
    var noEnd = plain
    noEnd.sections.remove(at: 7)
    let second = try salvage(noEnd.bytes, of: document)
    #expect(second.concealed.isEmpty && second.totals.isSalvaged && second.totals.frames == 36)
}

@Test func anotherFileAfterALostEndMarkIsNotMixedIn() throws {
    let document = document(chunks: 5)
    var file = TakenApart(try document.bytes)
    file.sections.removeLast(2)
    let result = try salvage(file.bytes + (try document.bytes), of: document)
    #expect(result.totals.isSalvaged && result.totals.frames == 36)
}

@Test func bytesAfterTheEndMarkAreIgnoredButReported() throws {
    let document = document(chunks: 2)
    let bytes = try document.bytes
    let result = try salvage(bytes + [1, 2, 3], of: document)
    #expect(result.damage.entries == [.trailingBytes(offset: bytes.count)])
    #expect(!result.totals.isSalvaged)
}

@Test func randomDamageKeepsOrderAndLength() throws {
    let document = document(chunks: 20, samplesKnown: true)
    let plain = try document.bytes
    let body = 16 + TakenApart(plain).sections[0].bytes.count
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 {
        var damaged = plain
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let place = Int.random(in: body..<damaged.count, using: &random)
            let length = min(Int.random(in: 1...60, using: &random), damaged.count - place)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: damaged.removeSubrange(place..<place + length)
            case 1: damaged.insert(contentsOf: damaged[place..<place + length], at: place)
            default: for i in place..<place + length { damaged[i] = UInt8.random(in: 0...255, using: &random) }
            }
            if damaged.count <= body { break }
        }
        let result = try salvage(damaged, of: document)
        #expect(result.totals.isSalvaged || (result.totals.frames == 156 && result.totals.samples == document.samples))
    }
}

@Test(arguments: [0, 5, 10, 20, 30], [1, 4])
func chunkLossKeepsTheExactLength(percent: Int, burst: Int) throws {
    let document = document(chunks: 100)
    let plain = TakenApart(try document.bytes)
    var random = SplitMix64(seed: UInt64(percent * 10 + burst))
    var file = plain
    file.sections = []
    var losing = 0
    for section in plain.sections {
        if section.type == 2 && losing == 0 && Int.random(in: 0..<100 * burst, using: &random) < percent { losing = burst }
        if section.type != 2 || losing == 0 { file.sections.append(section) }
        losing = section.type == 2 ? max(0, losing - 1) : losing
    }
    let result = try salvage(file.bytes, of: document)
    #expect(result.totals.frames == 796 && result.totals.samples == document.samples)
    let lost = plain.sections.count - file.sections.count
    #expect(abs(result.totals.concealedFrames - lost * 8) <= 4)
}

@Test func aForgedJumpIsNotConcealedForEver() throws {
    let document = document(chunks: 3)
    let plain = TakenApart(try document.bytes)
    var jump = plain
    jump.sections[2].firstFrame = 1 << 40
    #expect(try salvage(jump.bytes, of: document).totals.frames == 20)
    var total = plain
    total.sections[5].payload.replaceSubrange(0..<8, with: littleEndian(UInt64(1) << 40))
    total.sections[5].payload.replaceSubrange(24..<28, with: littleEndian(UInt32(1) << 31))
    #expect(try readAll(total.bytes, .lenient).totals.isSalvaged)
}

@Test func nestedSectionHeadersDoNotCostQuadraticTime() throws {
    // Every 32 bytes a sound header that claims 16 MiB: without a limit each one would be checksummed whole.
    let document = document(chunks: 2)
    var file = TakenApart(try document.bytes)
    var header = TakenApart.Section(type: 0x8001, payload: [UInt8](repeating: 0, count: 1 << 24)).bytes.prefix(32)
    header.replaceSubrange(24..<28, with: [1, 2, 3, 4])
    header.replaceSubrange(28..<32, with: littleEndian(CRC32C.checksum(header.prefix(28))))
    let end = file.sections.removeLast().bytes
    let nested = [UInt8](repeatElement(Array(header), count: 3 << 14).joined())
    let tail = [UInt8](repeating: 0, count: 1 << 24)
    let result = try readAll(file.bytes + nested + tail + end, .lenient)
    #expect(result.totals.frames == 12 && !result.totals.isSalvaged)
    #expect(result.damage.count < 200)
}

@Test func theLogIsBounded() throws {
    let document = document(chunks: 2)
    var file = TakenApart(try document.bytes)
    file.sections.insert(contentsOf: repeatElement(file.sections[1], count: 3000), at: 2)
    let result = try salvage(file.bytes, of: document)
    #expect(result.damage.count == 3000)
    #expect(result.damage.entries.count == DamageLog.capacity)
}
