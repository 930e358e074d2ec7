import TestSupport
import Testing
import TokenFiles
import Tokens

private func readECDC(_ source: any ByteSource) throws -> EncodedAudio {
    let reader = try ECDCReader(source: source)
    var codes = Codes(codebooks: reader.header.layout.codebooks.count)
    while let more = try reader.next() { codes.append(more) }
    return EncodedAudio(header: reader.header, tracks: [codes], samples: reader.samples)
}

@Suite struct ECDCTests {
    static let names = ["encodec_24khz.ecdc", "encodec_48khz.ecdc"]

    @Test(arguments: names) func theReferencesFilesAreRead(name: String) throws {
        let (bytes, expected) = (try ForeignFixture.bytes(name), try ForeignFixture.named(name))
        for source in [MemorySource(bytes) as any ByteSource, pipe(bytes, piece: 3)] {
            let document = try readECDC(source)
            #expect(document.tracks == expected.tracks && document.samples == expected.samples)
            #expect("\(document.header.codecName).ecdc" == name && document.header.modelType == "encodec")
        }
    }

    @Test(arguments: names) func theyAreWrittenByteForByte(name: String) throws {
        let bytes = try ForeignFixture.bytes(name)
        #expect(try ECDCTokens.encode(readECDC(MemorySource(bytes))) == bytes)
    }

    @Test(arguments: names) func everyCutIsRefused(name: String) throws {
        let bytes = try ForeignFixture.bytes(name)
        for count in 0..<bytes.count {
            #expect(!badData { _ = try readECDC(MemorySource(Array(bytes[..<count]))) }.isEmpty, "cut at \(count)")
        }
    }

    @Test func codesOfALanguageModelSayWhatToDo() throws {
        let bytes = try ForeignFixture.bytes("encodec_24khz-lm.ecdc")
        #expect(badData { _ = try readECDC(MemorySource(bytes)) }.contains("without --lm"))
    }

    private func file(_ json: String, _ rest: [UInt8] = [], version: UInt8 = 0) -> [UInt8] {
        Array("ECDC".utf8) + [version] + littleEndian(UInt32(json.utf8.count)).reversed() + Array(json.utf8) + rest
    }

    @Test(arguments: [
        ("{\"m\": \"encodec_24khz\", \"al\": -1, \"nc\": 2, \"lm\": false}", "al is -1"),
        ("{\"m\": \"encodec_24khz\", \"al\": 9223372036854775807, \"nc\": 2, \"lm\": false}", "al is"),
        ("{\"m\": \"encodec_24khz\", \"al\": 99999999999999, \"nc\": 2, \"lm\": false}", "truncated"),
        ("{\"m\": \"encodec_24khz\", \"al\": 1, \"nc\": 0, \"lm\": false}", "nc is 0"),
        ("{\"m\": \"encodec_24khz\", \"al\": 1, \"nc\": 33, \"lm\": false}", "1 to 32"),
        ("{\"m\": \"encodec_48khz\", \"al\": 1, \"nc\": 17, \"lm\": false}", "1 to 16"),
        ("{\"m\": \"my\\nmodel\", \"al\": 1, \"nc\": 2, \"lm\": false}", "\"mymodel\""),
        ("{\"m\": \"encodec_24khz\", \"al\": 1.5, \"nc\": 2, \"lm\": false}", "not JSON with"),
        ("{\"m\": \"encodec_24khz\", \"al\": 1, \"nc\": 2}", "not JSON with"), ("[1", "not JSON with"),
    ])
    func headersThatCannotBeAreRefused(json: String, words: String) {
        let line = badData { _ = try readECDC(MemorySource(file(json))) }
        #expect(line.contains(words), "\(line)")
    }

    @Test func otherFlawsAreNamed() throws {
        let json = "{\"m\": \"encodec_24khz\", \"al\": 1, \"nc\": 1, \"lm\": false}"
        #expect(try readECDC(MemorySource(file(json, [0xFF, 3]))).tracks == [Codes(streams: [[1023]])])
        func line(_ bytes: [UInt8]) -> String { badData { _ = try readECDC(MemorySource(bytes)) } }
        #expect(line(file(json, [0xFF, 7])).contains("padding"))
        #expect(line(file(json, [0xFF, 3, 0])).contains("unexpected bytes"))
        #expect(line(file(json, [0xFF, 3], version: 1)).contains("version 1"))
        #expect(line(Array("ECDC".utf8) + [0, 0xFF, 0xFF, 0xFF, 0xFF]).contains("at most 4096"))
        let stereo = "{\"m\": \"encodec_48khz\", \"al\": 1, \"nc\": 1, \"lm\": false}"
        #expect(line(file(stereo, [0x7F, 0xC0, 0, 0, 0, 0])).contains("scale"))
        #expect(line(file(stereo, [0xBF, 0x80, 0, 0, 0, 0])).contains("scale"))
    }

    @Test func noSamplesAreNoCodes() throws {
        let document = try readECDC(MemorySource(file("{\"m\": \"encodec_24khz\", \"al\": 0, \"nc\": 1, \"lm\": false}")))
        #expect(document.tracks[0].isEmpty && document.samples == 0)
        #expect(badData { _ = try ECDCTokens.encode(document) }.contains("without samples"))
    }

    @Test func codesOfOtherCodecsAreRefused() throws {
        #expect(badData { _ = try ECDCTokens.encode(smallDocument()) }.contains("EnCodec at 24 kHz"))
        var document = try readECDC(MemorySource(ForeignFixture.bytes("encodec_48khz.ecdc")))
        document.tracks[0].segments[1].frame -= 1
        #expect(badData { _ = try ECDCTokens.encode(document) }.contains("segments"))
    }

    /// At another original rate the file gets the length at the model's rate, of which the reference makes as many frames.
    @Test func theLengthIsThatAtTheModelsRate() throws {
        var document = try readECDC(MemorySource(ForeignFixture.bytes("encodec_24khz.ecdc")))
        document.header.original = OriginalAudio(sampleRate: 48000, channels: 1)
        document.samples = 2 * 12_001
        #expect(try readECDC(MemorySource(ECDCTokens.encode(document))).samples == 12_001)
        document.samples = 2 * 12_160
        #expect(try readECDC(MemorySource(ECDCTokens.encode(document))).samples == 12_160)
    }
}
