import Kernels
import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

@Test func crcMatchesPublishedVectors() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum([]) == 0)
    // RFC 3720, appendix B.4.
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(Array(0..<32)) == 0x46DD_794E)
}

@Test func crcAndSHAAreIndependentOfPieces() {
    var random = SplitMix64(seed: 1)
    let bytes = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &random) }
    for _ in 0..<50 {
        var (crc, sha) = (CRC32C(), SHA256())
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 0...200, using: &random))
            crc.update(piece)
            sha.update(piece)
            rest = rest.dropFirst(piece.count)
        }
        #expect(crc.value == CRC32C.checksum(bytes))
        #expect(sha.finalize() == SHA256.hash(bytes))
    }
}

@Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
])
func shaMatchesNISTExamples(_ text: String, _ expected: String) {
    #expect(SHA256.hash(Array(text.utf8)).description == expected)
    // Without the processor's own instructions.
    var portable = SHA256(usesInstructions: false)
    portable.update(Array(text.utf8))
    #expect(portable.finalize().description == expected)
}

@Test func shaOfAMillionLettersMatchesNIST() {
    let hash = SHA256.hash([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
    #expect(hash.description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
}

@Test func digestReadsItsOwnTextOnly() {
    let digest = SHA256.hash([1, 2, 3])
    #expect(ContentDigest(hex: digest.description) == digest)
    #expect(ContentDigest(hex: String(digest.description.dropLast())) == nil)
    #expect(ContentDigest(hex: String(digest.description.dropLast()) + "g") == nil)
    #expect(ContentDigest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
    #expect(ContentDigest.zero.bytes == [UInt8](repeating: 0, count: 32))
}

@Test func bitsRoundTripAtEveryWidth() throws {
    var random = SplitMix64(seed: 2)
    for _ in 0..<200 {
        let values = (0..<Int.random(in: 0...40, using: &random)).map { _ -> (UInt32, Int) in
            let bits = Int.random(in: 0...32, using: &random)
            return (UInt32(truncatingIfNeeded: UInt64.random(in: 0..<(1 << UInt64(bits)), using: &random)), bits)
        }
        var writer = BitWriter()
        for (value, bits) in values { writer.write(value, bits: bits) }
        let bytes = writer.finish()
        #expect(bytes.count == (values.reduce(0) { $0 + $1.1 } + 7) / 8)
        var reader = BitReader(bytes)
        for (value, bits) in values { #expect(try reader.read(bits: bits) == value) }
        try reader.finish()
    }
}

@Test func bitsAreLeastSignificantFirst() {
    var writer = BitWriter()
    writer.write(0b101, bits: 3)
    writer.write(0x3FF, bits: 10)
    #expect(writer.finish() == [0b1111_1101, 0b0001_1111])
}

@Test func bitReaderRefusesWhatIsNotThere() throws {
    var reader = BitReader([0x81])
    #expect(try reader.read(bits: 7) == 1)
    #expect(throws: TokenStreamError.self) { try reader.finish() }
    #expect(throws: TokenStreamError.truncated(part: "packed bits", offset: 1)) { try reader.read(bits: 2) }
    var unread = BitReader([0, 0])
    _ = try unread.read(bits: 1)
    #expect(throws: TokenStreamError.trailingBytes(offset: 1)) { try unread.finish() }
}

@Test func absurdStridesDoNotTrap() {
    let layout = CodeLayout(
        codebooks: [.init(size: 2, stride: Int.max), .init(size: 2, stride: Int.max - 1)], hopLength: 1, sampleRate: 1)
    #expect(layout.superframe == Int.max)
}
