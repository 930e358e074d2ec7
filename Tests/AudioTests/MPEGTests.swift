import Audio
import Foundation
import Kernels
import TestSupport
import Testing

/// What the test knows of an MP3 file: its frames by their headers, and the tag of its first frame.
private struct MP3 {
    var bytes: [UInt8]
    /// Offset of each frame, the tag's first.
    var frames: [Int]
    /// Offset of the text "Info" or "Xing".
    var tag: Int

    static let canWrite = ContainerFormat.mp3.sampleFormats.contains(.mp3)

    /// Encodes noise with the installed library. MPEG 2: 576 samples per frame.
    init(samples: Int, channels: Int = 1, rate: Int = 24_000) throws {
        try self.init(noise(samples: samples, channels: channels), rate: rate)
    }

    init(_ audio: AudioBlock, rate: Int = 24_000) throws {
        let folder = try ScratchFolder(inMemory: true)
        try write(audio, to: folder.path("a.mp3"), rate: rate)
        bytes = try folder.bytes("a.mp3")
        frames = []
        var offset = 0
        while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
            frames.append(offset)
            let index = Int(bytes[offset + 2] >> 4)
            let kilobits = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160][index]
            offset += 72_000 * kilobits / rate + Int(bytes[offset + 2] >> 1 & 1)
        }
        let header = Array(bytes.prefix(200))
        tag = try #require((0..<190).first { ["Info", "Xing"].contains(String(decoding: header[$0..<$0 + 4], as: UTF8.self)) })
    }

    var audioFrames: Int { frames.count - 1 }
    /// Samples of all frames that hold audio.
    var decoded: Int { 576 * audioFrames }
    /// Samples that the encoder and the decoder put in front.
    var delay: Int {
        let at = tag + 8 + 4 + 4 + 100 + 4 + 21
        return Int(bytes[at]) << 4 + Int(bytes[at + 1] >> 4) + 529
    }
    var withoutTag: [UInt8] { Array(bytes[frames[1]...]) }

    func replacing(_ field: [UInt8], at offset: Int) -> [UInt8] {
        var changed = bytes
        changed.replaceSubrange(offset..<offset + field.count, with: field)
        return changed
    }
}

private func bigEndian(_ value: Int) -> [UInt8] { littleEndian(value, bytes: 4).reversed() }

private func id3v2(_ count: Int) -> [UInt8] {
    let size = (0..<4).map { UInt8(count >> (7 * (3 - $0)) & 0x7F) }
    return Array("ID3".utf8) + [3, 0, 0] + size + [UInt8](repeating: UInt8(ascii: "x"), count: count)
}

private let id3v1 = Array("TAG".utf8) + [UInt8](repeating: 0xFF, count: 125)

private func ape(_ content: [UInt8]) -> [UInt8] {
    func mark(_ flags: [UInt8]) -> [UInt8] {
        Array("APETAGEX".utf8) + littleEndian(2000, bytes: 4) + littleEndian(content.count + 32, bytes: 4) + littleEndian(1, bytes: 4) + flags
            + [UInt8](repeating: 0, count: 8)
    }
    return mark([0, 0, 0, 0xA0]) + content + mark([0, 0, 0, 0x80])
}

@Suite(.enabled(if: MP3.canWrite))
struct MPEGTests {
    private let mp3: MP3
    private let folder: ScratchFolder

    init() throws {
        mp3 = try MP3(samples: 20_000)
        folder = try ScratchFolder(inMemory: true)
    }

    /// Reads as a file and through a pipe, which must agree.
    private func read(_ bytes: [UInt8], options: AudioReader.Options = .init()) throws -> (audio: AudioBlock, reader: AudioReader) {
        let piped = try readPiped(bytes, options: options)
        let result = try readFile(folder.write(bytes, to: "a.mp3"), options: options)
        #expect(piped.audio == result.audio && piped.reader.warnings == result.reader.warnings)
        return result
    }

    @Test func aWholeFileGivesTheVeryLength() throws {
        let (audio, reader) = try read(mp3.bytes)
        #expect(audio.sampleCount == 20_000 && reader.sampleRate == 24_000 && reader.warnings.isEmpty)
        #expect(reader.totalSamples == nil && reader.estimatedSamples == 20_000)
        #expect(reader.format.container == .mp3)
    }

    @Test func withoutATagEveryFrameIsRead() throws {
        let (audio, reader) = try read(mp3.withoutTag)
        #expect(audio.sampleCount == mp3.decoded && reader.warnings.isEmpty)
        #expect(reader.totalSamples == nil && (reader.estimatedSamples ?? 0) > 0)
    }

    @Test(arguments: [0.5, 3])
    func aWrongNumberOfFramesIsNotBelieved(factor: Double) throws {
        let claim = Int(Double(mp3.audioFrames) * factor)
        let (audio, reader) = try read(mp3.replacing(bigEndian(claim), at: mp3.tag + 8))
        #expect(audio.sampleCount == mp3.decoded - mp3.delay && reader.warnings.isEmpty)
    }

    @Test func aTagOfFraunhofersWithAWrongNumberIsNotBelieved() throws {
        var bytes = mp3.replacing([UInt8](repeating: 0, count: 4), at: mp3.tag)
        let claim = Array("VBRI".utf8) + [0, 1, 0, 0, 0, 50] + bigEndian(bytes.count) + bigEndian(2 * mp3.audioFrames)
        bytes.replaceSubrange(36..<36 + claim.count, with: claim)
        #expect(try read(bytes).audio.sampleCount == mp3.decoded)
    }

    @Test func joinedFilesAreReadToTheEnd() throws {
        // The second tag's frame is one of silence to every decoder.
        let (audio, reader) = try read(mp3.bytes + mp3.bytes)
        #expect(audio.sampleCount == 2 * mp3.decoded + 576 - mp3.delay && reader.warnings.isEmpty)
        #expect(try read(mp3.withoutTag + mp3.withoutTag).audio.sampleCount == 2 * mp3.decoded)
    }

    @Test func joinedFilesComeAtTheRateAndWithTheChannelsOfTheFirst() throws {
        let other = try MP3(samples: 16_000, channels: 2, rate: 16_000)
        let (audio, reader) = try read(mp3.withoutTag + other.withoutTag)
        #expect(reader.sampleRate == 24_000 && reader.channelCount == 1)
        #expect(audio.sampleCount == mp3.decoded + Resampler.outputLength(of: other.decoded, from: 16_000, to: 24_000))
        #expect(try read(other.withoutTag + mp3.withoutTag).reader.channelCount == 2)
    }

    /// Frames of one bitrate remain what they are when their headers do not tell it.
    @Test func freeFormatIsReadAsFramesOfItsLength() throws {
        let mp3 = try MP3(AudioBlock(mono: (0..<100_000).map { $0 < 3000 ? Float(sin(0.1 * Double($0))) / 2 : 0 }))
        func bitrate(_ frame: Int) -> UInt8 { mp3.bytes[frame + 2] >> 4 }
        let runs = mp3.frames.dropFirst().reduce(into: [[Int]]()) { runs, frame in
            if let last = runs.last?.last, bitrate(last) == bitrate(frame) { runs[runs.count - 1].append(frame) } else { runs.append([frame]) }
        }
        let run = try #require(runs.max { $0.count < $1.count })
        try #require(run.count >= 6, "\(runs.map { $0.count })")
        let end = mp3.frames.first { $0 > run[run.count - 1] } ?? mp3.bytes.count
        var bytes = mp3.bytes
        for frame in run { bytes[frame + 2] &= 0x0F }
        let (audio, reader) = try read(Array(bytes[run[0]..<end]))
        let same = try read(Array(mp3.bytes[run[0]..<end]))
        #expect(audio == same.audio && audio.sampleCount == 576 * run.count && reader.warnings == same.reader.warnings)
        for length in 1...16 { #expect(throws: AudioError.self) { try read(Array(bytes[run[0]..<run[0] + length])) } }
        // A frame that is lost costs no other.
        bytes.replaceSubrange(run[3]..<run[3] + 4, with: [1, 2, 3, 4])
        let damaged = try read(Array(bytes[run[0]..<end]))
        #expect(damaged.audio.sampleCount == 576 * (run.count - 1) && !damaged.reader.warnings.isEmpty)
    }

    @Test func tagsAreNotAudioWhereverTheyStand() throws {
        // A picture in a tag is full of bytes that look like headers of frames.
        let picture = Array(mp3.bytes[600..<4000])
        let tags: [([UInt8], [UInt8])] = [
            (id3v2(300), []), (id3v2(200_000), []), (id3v2(30) + id3v2(40), []), ([], id3v1), ([], ape(picture) + id3v1), (id3v2(70), ape(picture)),
            ([], [UInt8](repeating: 0, count: 3000)),
        ]
        for (front, back) in tags {
            let (audio, reader) = try read(front + mp3.bytes + back)
            #expect(audio.sampleCount == 20_000 && reader.warnings.isEmpty)
        }
        let (audio, reader) = try read(mp3.withoutTag + id3v1 + id3v2(500) + mp3.withoutTag)
        #expect(audio.sampleCount == 2 * mp3.decoded && reader.warnings.isEmpty)
    }

    @Test func bytesThatAreNoAudioAreNoted() throws {
        let cut = mp3.frames[10] - mp3.frames[1]
        let bytes = mp3.withoutTag
        let (audio, reader) = try read(Array(bytes[..<cut]) + [UInt8](repeating: 0xAB, count: 777) + bytes[cut...])
        #expect(audio.sampleCount == mp3.decoded)
        #expect(reader.warnings == [.damaged(reason: "passed over 777 byte(s) that are no MPEG audio")])
    }

    @Test func aFileThatBeginsInsideAFrameIsFound() throws {
        let bytes = Array(mp3.withoutTag[10...])
        let (audio, _) = try readFile(folder.write(bytes, to: "late.mp3"))
        #expect(audio.sampleCount == mp3.decoded - 576)
    }

    @Test func aCutThatTwoNumbersOfTheTagAgreeOnIsNoticed() throws {
        let cut = Array(mp3.bytes[..<(mp3.bytes.count / 2)])
        let path = try folder.write(cut, to: "cut.mp3")
        #expect(audioError { _ = try readFile(path) } == .truncated(file: path, expected: mp3.bytes.count, found: cut.count, unit: "bytes"))
        let (audio, reader) = try read(cut, options: .init(isLenient: true))
        #expect(audio.sampleCount > 5000 && audio.sampleCount < 20_000)
        #expect(reader.warnings.first == .truncated(expected: mp3.bytes.count, found: cut.count, unit: "bytes"))
    }

    @Test func theBeginningOfALastFrameCounts() throws {
        let (audio, reader) = try read(Array(mp3.withoutTag.dropLast(20)))
        #expect(audio.sampleCount == mp3.decoded)
        #expect(reader.warnings == [.damaged(reason: "the last frame is incomplete")])
    }

    @Test func mpegInWAVIsReadAndItsLengthIsAPromise() throws {
        let inside = mp3.withoutTag
        let after = Array("LIST".utf8) + littleEndian(8, bytes: 4) + Array("INFOISFT".utf8)
        let bytes = wave(data: inside + (inside.count % 2 == 0 ? [] : [0]), tag: 0x55, bits: 0, frameBytes: 1, dataSize: inside.count, after: after)
        let (audio, reader) = try read(bytes)
        #expect(audio.sampleCount == mp3.decoded && reader.warnings.isEmpty)
        let path = try folder.write(Array(bytes[..<(bytes.count - 2000)]), to: "cut.wav")
        #expect(audioError { _ = try readFile(path) }?.kind == .badData)
    }

    @Test func everyCutIsRefused() throws {
        for length in stride(from: 1, to: mp3.bytes.count, by: mp3.bytes.count / 80) {
            let path = try folder.write(Array(mp3.bytes[..<length]), to: "cut.mp3")
            let error = audioError { _ = try readFile(path) }
            #expect(error?.kind == .badData, "\(length) bytes")
        }
    }
}
