import Audio
import Foundation
import TestSupport
import Testing

/// 1000 samples in 16 bits on one channel.
private let values = (0..<1000).map { ($0 * 7919) % 20_000 - 10_000 }
private let little = pcm16(values)
private let big = values.flatMap { littleEndian($0, bytes: 2).reversed() }

private func big(_ value: Int, _ bytes: Int) -> [UInt8] { littleEndian(value, bytes: bytes).reversed() }
private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
private func text(_ text: String, _ count: Int) -> [UInt8] { Array(text.utf8) + zeros(count - text.utf8.count) }

/// The older formats that libsndfile reads and that state a length, each with 1000 samples.
private let files: [(name: String, bytes: [UInt8])] = [
    ("nist", sphere(samples: 1000, data: little)),
    ("voc", text("Creative Voice File\u{1A}", 20) + [0x1A, 0, 0x14, 1, 0x1F, 0x11]
        + [9] + littleEndian(12 + little.count, bytes: 3) + littleEndian(16_000, bytes: 4) + [16, 1, 4, 0, 0, 0, 0, 0] + little + [0]),
    ("8svx", Array("FORM".utf8) + big(4 + 28 + 8 + 1000, 4) + Array("8SVXVHDR".utf8) + big(20, 4) + big(1000, 4) + big(0, 4) + big(0, 4)
        + big(16_000, 2) + [1, 0] + big(0x10000, 4) + Array("BODY".utf8) + big(1000, 4) + values.map { UInt8(truncatingIfNeeded: $0 >> 8) }),
    ("htk", big(1000, 4) + big(625, 4) + big(2, 2) + big(0, 2) + big),
    ("avr", Array("2BIT".utf8) + zeros(8) + big(0, 2) + big(16, 2) + big(0xFFFF, 2) + zeros(4) + big(16_000, 4) + big(1000, 4) + zeros(98) + big),
    ("wve", Array("ALawSoundFile**\0".utf8) + big(3856, 2) + big(1000, 4) + zeros(10) + little.prefix(1000)),
    ("mpc2k", [1, 4] + text("sound", 17) + [100, 0, 0] + zeros(4) + littleEndian(1000, bytes: 4) + littleEndian(1000, bytes: 4)
        + littleEndian(1000, bytes: 4) + [0, 1] + littleEndian(16_000, bytes: 2) + little),
    ("mat4", matrix4(rows: 1, columns: 1, name: "samplerate", [0, 0, 0, 0, 0, 0x40, 0xCF, 0x40], kind: 0)
        + matrix4(rows: 1, columns: 1000, name: "wavedata", little, kind: 30)),
    ("mat5", matlab5()),
    ("sds", sampleDump()),
    ("au", Array(".snd".utf8) + big(24, 4) + big(1000, 4) + big(23, 4) + big(8000, 4) + big(1, 4) + little.prefix(1000)),
]

private func sphere(samples: Int, data: [UInt8]) -> [UInt8] {
    text(
        """
        NIST_1A
           1024
        channel_count -i 1
        sample_rate -i 16000
        sample_n_bytes -i 2
        sample_byte_format -s2 01
        sample_coding -s3 pcm
        sample_count -i \(samples)
        end_head

        """, 1024) + data
}

private func matrix4(rows: Int, columns: Int, name: String, _ data: [UInt8], kind: Int) -> [UInt8] {
    [kind, rows, columns, 0, name.utf8.count + 1].flatMap { littleEndian($0, bytes: 4) } + Array(name.utf8) + [0] + data
}

private func matlab5() -> [UInt8] {
    func element(_ kind: Int, _ data: [UInt8]) -> [UInt8] {
        littleEndian(kind, bytes: 4) + littleEndian(data.count, bytes: 4) + data + zeros((8 - data.count % 8) % 8)
    }
    func matrix(_ type: Int, columns: Int, _ name: String, _ data: [UInt8]) -> [UInt8] {
        let size = littleEndian(1, bytes: 4) + littleEndian(columns, bytes: 4)
        return element(14, element(6, littleEndian(type, bytes: 4) + zeros(4)) + element(5, size) + element(1, Array(name.utf8)) + data)
    }
    return text("MATLAB 5.0 MAT-file, written by hand", 124) + [0, 1] + Array("IM".utf8)
        + matrix(6, columns: 1, "samplerate", littleEndian(2 << 16 | 4, bytes: 4) + littleEndian(16_000, bytes: 4))
        + matrix(10, columns: 1000, "wavedata", element(3, little))
}

private func sampleDump() -> [UInt8] {
    func seven(_ value: Int) -> [UInt8] { (0..<3).map { UInt8(value >> (7 * $0) & 0x7F) } }
    var bytes: [UInt8] = [0xF0, 0x7E, 0, 1, 0, 0, 16] + seven(62_500) + seven(1000) + seven(0) + seven(0) + [0, 0xF7]
    for packet in 0..<25 {
        var body: [UInt8] = [0x7E, 0, 2, UInt8(packet)]
        for value in values[(40 * packet)..<(40 * packet + 40)] {
            let unsigned = (value + 32_768) << 5
            body += [UInt8(unsigned >> 14 & 0x7F), UInt8(unsigned >> 7 & 0x7F), UInt8(unsigned & 0x7F)]
        }
        bytes += [0xF0] + body + [body.reduce(0, ^) & 0x7F, 0xF7]
    }
    return bytes
}

struct StatedLengthTests {
    @Test(arguments: files)
    func wholeFilesAreReadAndCutOnesAreNot(file: (name: String, bytes: [UInt8])) throws {
        let folder = try ScratchFolder(inMemory: true)
        let (audio, reader) = try readFile(folder.write(file.bytes, to: file.name))
        // Four bits per sample fill whole blocks.
        #expect(audio.sampleCount == (file.name == "au" ? 2040 : 1000), "\(file.name)")
        #expect(reader.warnings.isEmpty)
        for cut in [2, 200, 700] {
            let path = try folder.write(Array(file.bytes.dropLast(cut + (file.name == "voc" ? 1 : 0))), to: "cut")
            #expect(audioError { _ = try readFile(path) }?.kind == .badData, "\(file.name) less \(cut) bytes")
            // Of four bits a sample, libsndfile decodes whole blocks; what is left of an HTK file it does not recognise.
            if ["au", "htk"].contains(file.name) { continue }
            let (rest, lenient) = try readFile(path, options: .init(isLenient: true))
            #expect(rest.sampleCount < audio.sampleCount && !lenient.warnings.isEmpty, "\(file.name) less \(cut) bytes")
            // Nothing is made up: what is there is as it was.
            #expect(rest.channels[0].elementsEqual(audio.channels[0].prefix(rest.sampleCount)), "\(file.name) less \(cut) bytes")
        }
    }

    @Test func bytesBehindTheStatedSamplesAreNone() throws {
        let folder = try ScratchFolder(inMemory: true)
        let (audio, reader) = try readFile(folder.write(sphere(samples: 900, data: little), to: "long.sph"))
        #expect(audio.sampleCount == 900 && reader.totalSamples == 900)
    }

    @Test func theLastBlockOfACodedWAVEndsWhereItsHeaderSays() throws {
        let folder = try ScratchFolder(inMemory: true)
        // GSM 06.10: 320 samples in 65 bytes.
        var format = littleEndian(0x31, bytes: 2) + littleEndian(1, bytes: 2) + littleEndian(8000, bytes: 4) + littleEndian(1625, bytes: 4)
        format += littleEndian(65, bytes: 2) + littleEndian(0, bytes: 2) + littleEndian(2, bytes: 2) + littleEndian(320, bytes: 2)
        func file(_ stated: Int) -> [UInt8] {
            let fact = Array("fact".utf8) + littleEndian(4, bytes: 4) + littleEndian(stated, bytes: 4)
            let body = Array("WAVEfmt ".utf8) + littleEndian(20, bytes: 4) + format + fact + Array("data".utf8) + littleEndian(650, bytes: 4)
                + zeros(650)
            return Array("RIFF".utf8) + littleEndian(body.count, bytes: 4) + body
        }
        #expect(try readFile(folder.write(file(3000), to: "a.wav")).audio.sampleCount == 3000)
        // What is not within the last block is a mistake, and the blocks count.
        #expect(try readFile(folder.write(file(500), to: "b.wav")).audio.sampleCount == 3200)
        #expect(try readFile(folder.write(file(9000), to: "c.wav")).audio.sampleCount == 3200)
    }

    @Test func aCAFOfUnknownLengthIsReadToTheEnd() throws {
        let folder = try ScratchFolder(inMemory: true)
        let audio = noise(samples: 5000, channels: 1)
        try write(audio, to: folder.path("a.caf"))
        var bytes = try folder.bytes("a.caf")
        let data = try #require((0..<bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual("data".utf8) })
        bytes.replaceSubrange(data + 4..<data + 12, with: [UInt8](repeating: 0xFF, count: 8))
        #expect(try readFile(folder.write(bytes, to: "open.caf")).audio == audio)
        #expect(try readPiped(bytes).audio == audio)
    }
}

/// What a frame of a WAV takes is what the bits of its samples take, whatever the header says of the frame.
@Test(arguments: [(0, 16, 1), (1, 16, 1), (3, 16, 1), (4, 16, 1), (9, 16, 1), (2, 16, 2), (8, 16, 2), (0, 8, 1), (2, 8, 1), (8, 32, 1), (2, 32, 1)])
func theBitsOfASampleDecide(frameBytes: Int, bits: Int, channels: Int) throws {
    let folder = try ScratchFolder(inMemory: true)
    let data = Array(little.prefix(960))
    let plain = try readFile(folder.write(wave(data: data, channels: channels, bits: bits), to: "a.wav")).audio
    let odd = wave(data: data, channels: channels, bits: bits, frameBytes: frameBytes)
    #expect(try readFile(folder.write(odd, to: "b.wav")).audio == plain)
    #expect(try readPiped(odd).audio == plain)
}

/// Some take it for three bytes in four, others for floats.
@Test func twentyFourBitsInFourBytesAreRefusedByName() throws {
    let bytes = wave(data: zeros(400), bits: 24, frameBytes: 4)
    #expect("\(audioError { _ = try readPiped(bytes) }.map(String.init(describing:)) ?? "")".contains("24 bits and 4 bytes"))
}

@Test(arguments: ["a.wav", "a.flac", "a.aiff", "a.ogg", "a.caf", "a.w64", "a.au"])
func tagsAroundAnyContainerAreNotAudio(name: String) throws {
    let folder = try ScratchFolder(inMemory: true)
    try write(noise(samples: 5000, channels: 1), to: folder.path(name))
    let bytes = try folder.bytes(name)
    let plain = try readFile(folder.path(name)).audio
    let front = Array("ID3".utf8) + [4, 0, 0, 0, 0, 1, 0] + [UInt8](repeating: 0, count: 128)
    let back = Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)
    for tagged in [front + bytes, bytes + back, front + bytes + back] {
        let (audio, reader) = try readFile(folder.write(tagged, to: "tagged"))
        #expect(audio == plain && reader.warnings.isEmpty)
        #expect(try readPiped(tagged).audio == plain)
    }
}

/// Layers I and II, which the installed libraries do not write: frames without any bits, which are silence.
@Test(arguments: [(layer: 1, samples: 384), (layer: 2, samples: 1152)])
func theOlderLayersAreReadToTheEnd(layer: Int, samples: Int) throws {
    // MPEG 1, 32 kHz, one channel; 64 kb/s in layer I, 48 in II.
    let header: [UInt8] = [0xFF, layer == 1 ? 0xFF : 0xFD, layer == 1 ? 0x28 : 0x28, 0xC0]
    let bytes = layer == 1 ? 4 * (12 * 64_000 / 32_000) : 144 * 48_000 / 32_000
    let frame = header + [UInt8](repeating: 0, count: bytes - 4)
    let (audio, reader) = try readPiped(Array(repeatElement(frame, count: 50).joined()))
    #expect(audio.sampleCount == 50 * samples && reader.sampleRate == 32_000 && reader.warnings.isEmpty)
    #expect(audio.channels[0].allSatisfy { $0 == 0 })
}

/// What looks like headers of MPEG audio and is none, of every length.
@Test(arguments: [[0xFF, 0xF3, 0x00, 0xC0], [0xFF, 0xFB, 0x90, 0x00], [0xFF, 0xE3, 0xF0, 0x00], [0xFF, 0xFD, 0x00, 0x00]] as [[UInt8]])
func headersWithoutFramesAreRefused(header: [UInt8]) throws {
    let folder = try ScratchFolder(inMemory: true)
    for length in 1..<60 {
        let bytes = Array((header + [UInt8](repeating: 0x14, count: 60)).prefix(length))
        let path = try folder.write(bytes, to: "a")
        #expect(audioError { _ = try readFile(path) }?.kind == .badData, "\(length) bytes")
        #expect(audioError { _ = try readPiped(bytes) }?.kind == .badData, "\(length) bytes")
    }
}
