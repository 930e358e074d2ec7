import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

@Test(arguments: [0, 4, 20])
func everyFlippedBitIsDetected(frames: Int) throws {
    let bytes = try smallDocument(frames: frames).bytes
    for bit in 0..<bytes.count * 8 {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        let error = strictError(damaged)
        #expect(error?.kind == .badData, "bit \(bit) of \(bytes.count * 8): \(String(describing: error))")
    }
}

@Test(arguments: [0, 20])
func everyTruncationIsNamed(frames: Int) throws {
    let bytes = try smallDocument(frames: frames).bytes
    for length in 0..<bytes.count {
        guard case .truncated(_, let offset) = strictError(Array(bytes[..<length])) else {
            Issue.record("\(length) of \(bytes.count) bytes: \(String(describing: strictError(Array(bytes[..<length]))))")
            continue
        }
        #expect(offset == length)
    }
}

@Test func everyWrongByteAndSwapOfTwoBytesIsDetected() throws {
    let bytes = try smallDocument().bytes
    var random = SplitMix64(seed: 3)
    for _ in 0..<3000 {
        var damaged = bytes
        let (i, j) = (Int.random(in: bytes.indices, using: &random), Int.random(in: bytes.indices, using: &random))
        if Bool.random(using: &random) {
            damaged.swapAt(i, j)
        } else {
            damaged[i] = UInt8.random(in: 0...255, using: &random)
        }
        if damaged != bytes { #expect(strictError(damaged) != nil) }
    }
}

@Test func trailingBytesAreRefused() throws {
    let bytes = try smallDocument().bytes
    for tail in [[0], [UInt8](repeating: 0, count: 100), bytes] {
        #expect(strictError(bytes + tail) == .trailingBytes(offset: bytes.count))
    }
}

@Test func otherFilesAreNotCodetta() {
    for text in ["RIFF....WAVEfmt ....", "{}", "ECDC", "\u{93}NUMPY"] {
        guard case .notCodetta = strictError(Array(text.utf8)) else {
            Issue.record("\(text): \(String(describing: strictError(Array(text.utf8))))")
            continue
        }
    }
    #expect(strictError([]) == .truncated(part: "the magic", offset: 0))
}

@Test func newerMajorVersionsAreRefusedAndMinorOnesRead() throws {
    var file = TakenApart(try smallDocument().bytes)
    file.setVersion(major: 1, minor: 9)
    file.makeConsistent()
    #expect(strictError(file.bytes) == nil)
    #expect(try TokenFileReport(reading: MemorySource(file.bytes)).formatVersion == "1.9")
    for (major, minor) in [(0, 0), (2, 1), (3, 0), (300, 0)] as [(UInt16, UInt16)] {
        file.setVersion(major: major, minor: minor)
        let error = TokenStreamError.newerVersion(major: Int(major), minor: Int(minor))
        #expect(strictError(file.bytes) == error)
        #expect(throws: error) { try readAll(file.bytes, .lenient) }
    }
}

@Test func unknownOptionalSectionsAreSkippedAndCriticalOnesRefused() throws {
    let document = smallDocument()
    let plain = TakenApart(try document.bytes)
    for place in 1..<plain.sections.count - 1 {
        var file = plain
        file.sections.insert(.init(type: 0x8123, frameCount: 9, firstFrame: 77, payload: [1, 2, 3]), at: place)
        file.makeConsistent()
        for mode in [ContainerReader.Mode.strict, .lenient] {
            let read = try readAll(file.bytes, mode)
            #expect(read.skippedSections == 1)
            #expect(read.damage.isEmpty)
            #expect(read.chunks.map(\.tracks) == (try readAll(plain.bytes)).chunks.map(\.tracks))
        }
        file.sections[place].type = 0x0123
        file.makeConsistent()
        let offset = 16 + file.sections[..<place].reduce(0) { $0 + $1.bytes.count }
        let expected = TokenStreamError.unknownSection(type: 0x123, offset: offset, major: 1, minor: 0)
        #expect(strictError(file.bytes) == expected)
        #expect(throws: expected) { try readAll(file.bytes, .lenient) }
    }
}

@Test func sectionsOutOfPlaceAreRefused() throws {
    let plain = TakenApart(try smallDocument().bytes)
    let last = plain.sections.count - 1
    func forged(_ change: (inout [TakenApart.Section]) -> Void) -> TokenStreamError? {
        var file = plain
        change(&file.sections)
        if file.sections.contains(where: { $0.type == 3 }) { file.makeConsistent() }
        return strictError(file.bytes)
    }
    #expect(forged { $0.insert($0[0], at: 1) } != nil, "second header")
    #expect(forged { $0.remove(at: 0) } != nil, "no header")
    #expect(forged { $0.insert($0[last - 1], at: last) } != nil, "second index")
    #expect(forged { $0.remove(at: last - 1) } != nil, "no index")
    #expect(forged { $0.insert(.init(type: 0x8001, payload: []), at: last) } != nil, "section after the index")
    #expect(forged { $0.swapAt(2, last - 1) } != nil, "chunk after the index")
    #expect(forged { $0.swapAt(1, 2) } != nil, "chunks swapped")
    #expect(forged { $0.remove(at: 2) } != nil, "chunk missing")
    #expect(forged { $0.insert($0[2], at: 2) } != nil, "chunk repeated")
    #expect(forged { $0.remove(at: last) } == .truncated(part: "the end mark", offset: plain.bytes.count - 64), "no end")
}

@Test func aChunkOfAnotherFileIsRefused() throws {
    var other = smallDocument()
    other.tracks[0].streams[2][9] ^= 1
    var file = TakenApart(try smallDocument().bytes)
    file.sections[2] = TakenApart(try other.bytes).sections[2]
    #expect(strictError(file.bytes) == .checksum(part: "the file as a whole", offset: 0))
}

@Test func forgedFieldsAreRefused() throws {
    let plain = TakenApart(try smallDocument(samplesKnown: true).bytes)
    let last = plain.sections.count - 1
    func forged(_ index: Int, _ change: (inout TakenApart.Section) -> Void) -> TokenStreamError? {
        var file = plain
        change(&file.sections[index])
        file.makeConsistent()
        return strictError(file.bytes)
    }
    func put(_ bytes: [UInt8], at offset: Int) -> (inout TakenApart.Section) -> Void {
        { $0.payload.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
    }
    #expect(forged(1) { _ in } == nil)
    // Section headers.
    #expect(forged(0) { $0.frameCount = 4 } != nil)
    #expect(forged(last) { $0.firstFrame = 8 } != nil)
    #expect(forged(1) { $0.frameCount = 4 } != nil)
    #expect(forged(1) { $0.frameCount = 0 } != nil)
    #expect(forged(1) { $0.frameCount = 16 } != nil)
    #expect(forged(2) { $0.firstFrame = 4 } != nil)
    #expect(forged(2) { $0.firstFrame = UInt64.max - 7 } != nil)
    #expect(forged(2) { $0.firstFrame = 16 } != nil)
    #expect(forged(2) { $0.payload.append(0) } != nil)
    #expect(forged(2) { $0.payload.removeLast() } != nil)
    // Header.
    #expect(forged(0, put([3], at: 62)) == .unknownEntropyMode(3))
    #expect(forged(0, put(littleEndian(UInt64(5)), at: 48)) != nil, "sample count unlike the end mark's")
    #expect(forged(0, put(littleEndian(UInt64(1) << 63), at: 48)) != nil, "sample count of 2⁶³")
    #expect(forged(0, put(littleEndian(UInt16.max), at: 58)) != nil, "65535 codebooks")
    #expect(forged(0, put(littleEndian(UInt32.max), at: 64)) != nil, "codebook of 2³² − 1")
    #expect(forged(0, put(littleEndian(UInt32.max), at: 68)) != nil, "stride of 2³² − 1")
    #expect(forged(0) { $0.payload.append(0) } != nil, "longer header")
    #expect(forged(0) { $0.payload.removeLast() } != nil, "shorter header")
    let name = 64 + 3 * 8 + 1
    #expect(forged(0, put([0xFF], at: name)) != nil, "not UTF-8")
    #expect(forged(0, put([0xC1, 0xA1], at: name)) != nil, "overlong UTF-8")
    // End mark.
    #expect(forged(last, put(littleEndian(UInt64(24)), at: 0)) != nil, "more frames")
    #expect(forged(last, put(littleEndian(UInt64(16)), at: 0)) != nil, "fewer frames")
    #expect(forged(last, put(littleEndian(UInt64(1) << 63), at: 0)) != nil, "2⁶³ frames")
    #expect(forged(last, put(littleEndian(UInt64(1) << 63), at: 8)) != nil, "2⁶³ samples")
    #expect(forged(last, put(littleEndian(UInt64(1)), at: 8)) != nil, "samples unlike the header's")
    #expect(forged(last, put(littleEndian(UInt32(4)), at: 24)) != nil, "more chunks")
}

@Test func forgedIndexesAndEndOffsetsAreRefused() throws {
    let plain = TakenApart(try smallDocument().bytes)
    let last = plain.sections.count - 1
    let before = plain.sections[..<last].reduce(into: plain.preamble) { $0 += $1.bytes }
    for (index, offset) in [(last, 16), (last - 1, 0), (last - 1, 4), (last - 1, 8), (last - 1, 24)] {
        var file = plain
        file.sections[index].payload[offset] ^= 1
        let covered = index == last ? before : file.sections[..<last].reduce(into: file.preamble) { $0 += $1.bytes }
        file.sections[last].payload.replaceSubrange(28..<32, with: littleEndian(CRC32C.checksum(covered)))
        #expect(strictError(file.bytes) != nil, "section \(index), byte \(offset)")
    }
}

@Test func paddingBitsAndCodesOutOfRangeAreRefused() throws {
    // Two codes of five codewords: six bits, of which the upper two of the byte are padding.
    let header = TokenHeader(
        codecName: "a", modelType: "b", weights: .zero, layout: CodeLayout(uniform: 1, size: 5, hopLength: 1, sampleRate: 1),
        original: OriginalAudio(sampleRate: 1, channels: 1), framesPerChunk: 2)
    let document = EncodedAudio(header: header, tracks: [Codes(streams: [[4, 1, 2, 3]])], samples: 4)
    let plain = TakenApart(try document.bytes)
    #expect(plain.sections[1].payload == [0b001_100])
    func forged(_ byte: UInt8) -> TokenStreamError? {
        var file = plain
        file.sections[2].payload = [byte]
        file.makeConsistent()
        return strictError(file.bytes)
    }
    #expect(forged(0b011_010) == nil)
    #expect(forged(0b101_010) == .codeOutOfRange(track: 0, codebook: 0, frame: 3, code: 5, size: 5))
    for bit in 6...7 {
        guard case .invalidField("chunk", "padding", _, _, _) = forged(0b011_010 | 1 << UInt8(bit)) else {
            Issue.record("padding bit \(bit) is accepted")
            continue
        }
    }
}

@Test func errorsTellWhereAndWhatOnOneLine() throws {
    let bytes = try smallDocument().bytes
    for length in stride(from: 0, to: bytes.count, by: 5) {
        let text = strictError(Array(bytes[..<length])).map { "\($0)" } ?? ""
        #expect(text.contains("\(length)") && text.contains("truncated") && !text.contains("\n"))
    }
    #expect("\(TokenStreamError.newerVersion(major: 2, minor: 0))".contains("format version 2.0 needs a newer codetta"))
}
