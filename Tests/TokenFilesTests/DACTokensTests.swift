import TestSupport
import Testing
import TokenFiles
import Tokens

@Suite struct DACTokensTests {
    @Test func theReferencesFileIsRead() throws {
        let expected = try ForeignFixture.named("whole.dac")
        let file = try DACTokens(ForeignFixture.bytes("whole.dac"))
        #expect(file.tracks == expected.tracks && file.samples == expected.samples && file.sampleRate == 44_100)
        #expect(file.loudness == -21.5)
    }

    @Test func whatIsWrittenComesBack() throws {
        let file = try DACTokens(ForeignFixture.bytes("whole.dac"))
        #expect(try DACTokens(file.encode()) == file)
        var long = file
        long.samples = 1 << 40
        #expect(try DACTokens(long.encode()).samples == 1 << 40)
    }

    @Test func theReferencesWindowsAreSegments() throws {
        let expected = try ForeignFixture.named("windows.dac")
        let file = try DACTokens(ForeignFixture.bytes("windows.dac"))
        #expect(file.tracks == expected.tracks && file.samples == expected.samples && file.sampleRate == 4000)
        #expect(file.tracks.count == 2 && file.tracks[1].segments.map(\.frame) == [0, 51, 102, 153, 204])
        #expect(try DACTokens(file.encode()) == file)
    }

    /// One window is not the same as codes of a whole: the reference decodes it without padding.
    @Test func aSingleWindowStaysOne() throws {
        let codes = Codes(streams: [[1, 2, 3]], segments: [CodeSegment(frame: 0, scale: 1)])
        let file = DACTokens(tracks: [codes], samples: 5, sampleRate: 4000)
        #expect(try DACTokens(file.encode()) == file)
    }

    @Test(arguments: [0, -1, 2, 50, 254, 256, 510, Int32.max]) func windowsThatDoNotMakeUpTheCodesAreRefused(length: Int32) throws {
        var bytes = try DACTokens(ForeignFixture.bytes("windows.dac")).encode()
        let field = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("chunk_length".utf8)) })
        let number = try #require(bytes[field...].firstIndex(of: UInt8(ascii: "J"))) + 1
        #expect(Array(bytes[number..<number + 4]) == [51, 0, 0, 0])
        bytes.replaceSubrange(number..<number + 4, with: littleEndian(UInt32(bitPattern: length)))
        #expect(badData { _ = try DACTokens(bytes) }.contains("chunk_length"))
    }

    @Test func segmentsThatAreNoWindowsAreRefused() throws {
        func line(_ segments: [[CodeSegment]]) -> String {
            let tracks = segments.map { Codes(streams: [[1, 2, 3, 4]], segments: $0) }
            return badData { _ = try DACTokens(tracks: tracks, samples: 1, sampleRate: 44_100).encode() }
        }
        func windows(_ frames: Int..., scale: Float = 1) -> [CodeSegment] { frames.map { CodeSegment(frame: $0, scale: scale) } }
        #expect(line([windows(0, 2), windows(0, 2)]) == "")
        for segments in [
            [windows(0, 3)], [windows(0, 2, 3)], [windows(2)], [windows(1, 2)], [windows(0, 2, scale: 0.5)], [windows(0, 0)],
            [windows(0, 2), windows(0)], [windows(), windows(0, 2)],
        ] {
            #expect(line(segments).contains("windows of one length"))
        }
    }

    @Test(arguments: ["whole.dac", "windows.dac", "ours"]) func everyCutIsRefused(name: String) throws {
        let bytes = try name == "ours" ? DACTokens(ForeignFixture.bytes("whole.dac")).encode() : ForeignFixture.bytes(name)
        for count in 0..<bytes.count { #expect(!badData { _ = try DACTokens(Array(bytes[..<count])) }.isEmpty, "cut at \(count)") }
        #expect(badData { _ = try DACTokens(bytes + [0]) }.contains("follow"))
    }

    /// The format has no checksum: a flipped bit may make other codes, but never a crash, nor text in several lines.
    @Test func aFlippedBitIsAnErrorOrOtherCodes() throws {
        let bytes = try ForeignFixture.bytes("whole.dac")
        var refused = 0
        for bit in 0..<8 * bytes.count {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            do {
                _ = try DACTokens(damaged)
            } catch {
                #expect(!"\(error)".contains("\n"))
                refused += 1
            }
        }
        #expect(refused > 4 * bytes.count)
    }

    /// The header of an array of one object around `pickle`.
    private func npy(_ pickle: [UInt8], shape: String = "()") -> [UInt8] {
        let text = "{'descr': '|O', 'fortran_order': False, 'shape': \(shape), }\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0] + littleEndian(UInt16(text.utf8.count)) + Array(text.utf8) + pickle
    }

    @Test(arguments: [
        // os.system("id"), as a pickle would run it.
        ("\u{80}\u{2}cos\nsystem\nX\u{2}\u{0}\u{0}\u{0}id\u{85}R.", "not a dict"), ("\u{80}\u{2}N.", "not a dict"),
        ("\u{80}\u{5}N.", "protocol 5"), ("\u{80}\u{2}i", "0x69"), ("\u{80}\u{2}R", "missing"), ("\u{80}\u{2}t", "mark"),
        ("\u{80}\u{2}NN.", "one value"), ("\u{80}\u{2}Na", "list"), ("\u{80}\u{2}Ns", "missing"), ("\u{80}\u{2}NNNs", "dict"),
        ("\u{80}\u{2}h\u{7}", "memo 7"), ("\u{80}\u{2}NNb", "state"), ("\u{80}\u{2}B\u{FF}\u{FF}\u{FF}\u{FF}", "too early"),
        ("\u{80}\u{4}\u{8e}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}", "too early"), ("\u{80}\u{2}\u{8a}\u{9}", "9 bytes"),
        ("\u{80}\u{2}c", "does not end"), ("\u{80}\u{2}X\u{1}\u{0}\u{0}\u{0}\u{FF}", "UTF-8"),
    ])
    func otherPicklesAreRefusedAndNeverRun(pickle: String, words: String) {
        let line = badData { _ = try DACTokens(npy(pickle.unicodeScalars.map { UInt8($0.value) })) }
        #expect(line.contains(words), "\(line)")
    }

    @Test func aPickleOfManyOperationsIsRefused() {
        let nested = [0x80, 2, UInt8(ascii: "N")] + [UInt8](repeating: 0x85, count: 1 << 20) + [UInt8(ascii: ".")]
        #expect(badData { _ = try DACTokens(npy(nested)) }.contains("1000 operations"))
        #expect(badData { _ = try DACTokens(npy([0x80, 2, 0x4E, 0x2E], shape: "(2,)")) }.contains("one object"))
    }

    @Test func codesThatDoNotFitAreRefused() throws {
        func line(_ tracks: [Codes]) -> String {
            badData { _ = try DACTokens(tracks: tracks, samples: 1, sampleRate: 44_100).encode() }
        }
        #expect(line([Codes(streams: [[65_536]])]).contains("65536"))
        #expect(line([Codes(streams: [[1], [1, 2]])]).contains("several rates"))
        #expect(line([]).contains("without samples"))
        #expect(badData { _ = try DACTokens(smallDocument()) }.contains("codes of DAC"))
    }
}
