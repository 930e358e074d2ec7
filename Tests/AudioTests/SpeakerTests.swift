import Audio
import Kernels
import TestSupport
import Testing

/// Where the channels of a file are to be heard.
@Suite struct SpeakerFileTests {
    /// A WAV of WAVEFORMATEXTENSIBLE with this mask of speakers and a sample of each channel.
    private func wave(channels: Int, mask: UInt32, extensible: Bool = true) -> [UInt8] {
        func little(_ values: (UInt32, Int)...) -> [UInt8] {
            values.flatMap { value, count in (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) } }
        }
        let (count, frame) = (UInt32(channels), UInt32(2 * channels))
        var format = little((extensible ? 0xFFFE : 1, 2), (count, 2), (8000, 4), (8000 * frame, 4), (frame, 2), (16, 2))
        if extensible {
            format += little((22, 2), (16, 2), (mask, 4), (1, 2))
            format += [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71]
        }
        let body = Array("WAVEfmt ".utf8) + little((UInt32(format.count), 4)) + format + Array("data".utf8) + little((frame, 4))
            + [UInt8](repeating: 0, count: Int(frame))
        return Array("RIFF".utf8) + little((UInt32(body.count), 4)) + body
    }

    private func speakers(_ bytes: [UInt8]) throws -> [Speaker]? {
        let folder = try ScratchFolder()
        return try AudioReader(path: folder.write(bytes, to: "x.wav")).speakers
    }

    @Test func theMaskOfAWaveIsRead() throws {
        #expect(try speakers(wave(channels: 4, mask: 0xF)) == [.frontLeft, .frontRight, .frontCenter, .lowFrequency])
        #expect(try speakers(wave(channels: 8, mask: 0x63F))?.suffix(2) == [.sideLeft, .sideRight])
        #expect(try speakers(wave(channels: 2, mask: 0)) == nil)
        #expect(try speakers(wave(channels: 2, mask: 0x8000_0000)) == nil)
        #expect(try speakers(wave(channels: 2, mask: 3, extensible: false)) == nil)
    }

    @Test func theOrderOfOtherContainersIsRead() throws {
        let folder = try ScratchFolder()
        let path = try folder.writeAudio("x.ogg", AudioBlock(silence: 4000, channelCount: 6), rate: 48_000, format: nil)
        // Vorbis has the center second and low frequencies last.
        let speakers = try #require(try AudioReader(path: path).speakers)
        #expect(speakers[1] == .frontCenter && speakers[5] == .lowFrequency)
        // A layout of CAF, whose tag is that of 5.1 in the order of WAVE.
        func big(_ value: UInt64, _ count: Int) -> [UInt8] { (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } }
        var file = Array("caff".utf8) + big(1, 2) + big(0, 2) + Array("desc".utf8) + big(32, 8) + big(8000.0.bitPattern, 8)
        file += Array("lpcm".utf8) + big(0, 4) + big(12, 4) + big(1, 4) + big(6, 4) + big(16, 4)
        file += Array("chan".utf8) + big(12, 8) + big((121 << 16) | 6, 4) + big(0, 8)
        file += Array("data".utf8) + big(16, 8) + [UInt8](repeating: 0, count: 16)
        #expect(try AudioReader(path: folder.write(file, to: "x.caf")).speakers?[3] == .lowFrequency)
    }
}
