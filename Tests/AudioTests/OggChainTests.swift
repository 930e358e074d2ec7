import Audio
import Foundation
import Kernels
import TestSupport
import Testing

/// Chained Ogg files (RFC 3533 §4) and FLAC in Ogg (RFC 9639 §10.1).
struct OggChainTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder(inMemory: true) }

    private func link(_ name: String, samples: Int, channels: Int = 1, rate: Int = 24_000) throws -> [UInt8] {
        try write(noise(samples: samples, channels: channels), to: folder.path(name), rate: rate, format: name.hasSuffix("opus") ? .opus : .vorbis)
        return try folder.bytes(name)
    }

    private func read(_ bytes: [UInt8]) throws -> (audio: AudioBlock, reader: AudioReader) {
        let piped = try readPiped(bytes)
        let result = try readFile(folder.write(bytes, to: "chain.ogg"))
        #expect(piped.audio == result.audio)
        return result
    }

    @Test func allLinksAreRead() throws {
        let (first, second) = (try link("a.ogg", samples: 20_000), try link("b.ogg", samples: 31_000))
        let (audio, reader) = try read(first + second + first)
        #expect(audio.sampleCount == 71_000 && reader.totalSamples == 71_000 && reader.warnings.isEmpty)
        // Each part is what it is alone.
        let alone = try readFile(folder.write(second, to: "alone.ogg")).audio
        #expect(audio.slice(20_000..<51_000) == alone)
    }

    @Test func linksOfOpusAreRead() throws {
        let bytes = try link("a.opus", samples: 48_000, rate: 48_000)
        #expect(try read(bytes + bytes).audio.sampleCount == 96_000)
    }

    @Test func linksComeAtTheRateAndWithTheChannelsOfTheFirst() throws {
        let (mono, stereo) = (try link("a.ogg", samples: 24_000), try link("b.ogg", samples: 16_000, channels: 2, rate: 16_000))
        let (audio, reader) = try read(mono + stereo)
        #expect(audio.sampleCount == 48_000 && reader.totalSamples == 48_000 && reader.channelCount == 1)
        let (back, reader2) = try read(stereo + mono)
        #expect(back.sampleCount == 32_000 && reader2.channelCount == 2 && reader2.sampleRate == 16_000)
        #expect(back.channel(0).suffix(15_000) == back.channel(1).suffix(15_000))
    }

    @Test func channelsThatCannotBeMixedAreRefusedByName() throws {
        let (two, three) = (try link("a.ogg", samples: 24_000, channels: 2), try link("b.ogg", samples: 24_000, channels: 3))
        #expect("\(audioError { _ = try read(two + three) }.map(String.init(describing:)) ?? "")".contains("parts with 2 and 3 channels"))
    }

    @Test func somethingBetweenTwoLinksHidesNone() throws {
        let bytes = try link("a.ogg", samples: 20_000)
        #expect(try read(bytes + Array("a player's note".utf8) + bytes).audio.sampleCount == 40_000)
    }

    @Test func aChainThatIsCutIsNoticed() throws {
        let bytes = try link("a.ogg", samples: 20_000)
        let path = try folder.write(Array((bytes + bytes).dropLast(100)), to: "cut.ogg")
        #expect(audioError { _ = try readFile(path) }?.kind == .badData)
    }

    @Test(arguments: [1, 2])
    func flacInOggIsReadAndChained(links: Int) throws {
        let sound = noise(samples: 20_000, channels: 2)
        try write(sound, to: folder.path("a.flac"))
        let stream = oggFLAC(try folder.bytes("a.flac"))
        let (audio, reader) = try read(Array(repeatElement(stream, count: links).joined()))
        #expect(audio.sampleCount == 20_000 * links && reader.totalSamples == 20_000 * links)
        #expect(audio.slice(0..<20_000) == sound && reader.format.container == .ogg)
        let path = try folder.write(Array(stream.dropLast(500)), to: "cut.oga")
        #expect(audioError { _ = try readFile(path) }?.kind == .badData)
    }

    /// `flac` in pages: the mapping's prefix in the first packet, everything else as it is.
    private func oggFLAC(_ flac: [UInt8]) -> [UInt8] {
        let header = 4 + 4 + 34
        var packets = [[0x7F] + Array("FLAC".utf8) + [1, 0, 0, 1] + flac[..<header]]
        for start in stride(from: header, to: flac.count, by: 20_000) { packets.append(Array(flac[start..<min(start + 20_000, flac.count)])) }
        return packets.enumerated().flatMap { i, packet in
            page(packet, flags: i == 0 ? 2 : i == packets.count - 1 ? 4 : 0, number: i)
        }
    }

    private func page(_ packet: [UInt8], flags: UInt8, number: Int) -> [UInt8] {
        let table = [UInt8](repeating: 255, count: packet.count / 255) + [UInt8(packet.count % 255)]
        var bytes = Array("OggS".utf8) + [0, flags] + littleEndian(0, bytes: 8) + littleEndian(7, bytes: 4) + littleEndian(number, bytes: 4)
        bytes += [0, 0, 0, 0, UInt8(table.count)] + table + packet
        var checksum: UInt32 = 0
        for byte in bytes {
            checksum ^= UInt32(byte) << 24
            for _ in 0..<8 { checksum = checksum & 0x8000_0000 == 0 ? checksum << 1 : checksum << 1 ^ 0x04C1_1DB7 }
        }
        bytes.replaceSubrange(22..<26, with: littleEndian(Int(checksum), bytes: 4))
        return bytes
    }
}
