import Audio
import Foundation
import Kernels
import Platform
import TestSupport
import Testing

@Test(arguments: ["x.opus", "x.OPUS", "x.Opus"])
func opusMeansOpus(name: String) throws {
    let folder = try ScratchFolder(inMemory: true)
    for count in [1, 100, 959, 960, 961, 30_000] {
        try folder.writeAudio(name, AudioBlock(mono: sine(440, rate: 24_000, samples: count)), rate: 24_000, format: nil, overwrite: true)
        let bytes = try folder.bytes(name)
        #expect(bytes.starts(with: Array("OggS".utf8)) && bytes[28..<36].elementsEqual(Array("OpusHead".utf8)))
        let (audio, rate) = try folder.readAudio(name)
        #expect(rate == 24_000 && audio.sampleCount == count)
    }
}

@Test(arguments: [
    (SampleFormat.opus, 7350, 8000), (.opus, 11_025, 12_000), (.opus, 22_050, 24_000), (.opus, 32_000, 48_000), (.opus, 44_100, 48_000),
    (.opus, 96_000, 48_000), (.opus, 48_000, 48_000), (.mp3, 7350, 8000), (.mp3, 9000, 11_025), (.mp3, 96_000, 48_000), (.mp3, 44_100, 44_100),
    (.vorbis, 7350, 7350), (.vorbis, 300_000, 192_000),
])
func ratesThatAFormatLacksAreResampledAndSaid(format: SampleFormat, rate: Int, stored: Int) throws {
    let folder = try ScratchFolder(inMemory: true)
    let count = 12_345
    let container: ContainerFormat = format == .mp3 ? .mp3 : .ogg
    let settings = AudioWriter.Settings(sampleRate: rate, channelCount: 2, container: container, sampleFormat: format)
    let writer = try AudioWriter(path: folder.path("a"), settings: settings)
    let tone = sine(Double(rate) / 20, rate: rate, samples: count)
    // In pieces, whose borders nobody may hear.
    for piece in stride(from: 0, to: count, by: 1000) {
        let part = Array(tone[piece..<min(piece + 1000, count)])
        try writer.write(AudioBlock(channels: [part, part]))
    }
    try writer.finish()
    #expect(writer.storedSampleRate == stored)
    #expect(writer.warnings == (rate == stored ? [] : [.resampled(from: rate, to: stored, format: format)]))
    let (audio, reader) = try readFile(folder.path("a"))
    #expect(reader.sampleRate == stored)
    #expect(audio.sampleCount == Resampler.outputLength(of: count, from: rate, to: stored))
    let level = audio.channels[0].reduce(0) { $0 + $1 * $1 } / Float(audio.sampleCount)
    #expect(abs(level - 0.125) < 0.02, "the tone has kept its level")
}

@Test func namesThatContradictWhatIsAskedForAreRefused() throws {
    let folder = try ScratchFolder(inMemory: true)
    let wrong: [(String, ContainerFormat?, SampleFormat?)] = [
        ("a.opus", nil, .vorbis), ("a.opus", .wav, nil), ("a.OPUS", .ogg, .vorbis), ("a.mp3", .wav, nil), ("a.mp3", nil, .pcm16),
    ]
    for (name, container, format) in wrong {
        let settings = AudioWriter.Settings(sampleRate: 24_000, channelCount: 1, container: container, sampleFormat: format)
        let error = audioError { _ = try AudioWriter(path: folder.path(name), settings: settings) }
        #expect(error?.kind == .usage, "\(name)")
    }
    #expect(try folder.entries().isEmpty)
    let opus = try OutputForm(fileExtension: "ogg", asked: OutputForm(named: "opus"), sampleFormat: nil, file: "a.ogg")
    #expect(opus == OutputForm(.ogg, sampleFormat: .opus))
    #expect(try OutputForm(fileExtension: "opus", asked: OutputForm(.ogg), sampleFormat: nil, file: "a").sampleFormat == .opus)
    #expect(try OutputForm(fileExtension: "", asked: nil, sampleFormat: .float, file: "a") == OutputForm(.wav, sampleFormat: .float))
}

@Test(arguments: [("a.aiff", "AIFF"), ("a.AIF", "AIFF"), ("a.aifc", "AIFC"), ("a.AIFC", "AIFC")])
func aifcIsAIFFCWhateverTheSamples(name: String, type: String) throws {
    let folder = try ScratchFolder(inMemory: true)
    let audio = noise(samples: 1001, channels: 1)
    try write(audio, to: folder.path(name), container: nil, format: nil)
    #expect(try folder.bytes(name)[8..<12].elementsEqual(Array(type.utf8)))
    #expect(try readFile(folder.path(name)).audio == audio)
}

@Test(arguments: [("a.oga", "OggS"), ("a.ogg", "OggS"), ("a.wave", "RIFF"), ("a.snd", ".snd"), ("a.CAF", "caff"), ("a.rf64", "RF64"), ("a.Flac", "fLaC")])
func everyNameGivesItsFormat(name: String, magic: String) throws {
    let folder = try ScratchFolder(inMemory: true)
    let audio = noise(samples: 5000, channels: 1)
    try write(audio, to: folder.path(name), container: nil, format: nil)
    #expect(try folder.bytes(name).starts(with: Array(magic.utf8)))
    #expect(try readFile(folder.path(name)).audio.sampleCount == 5000)
}

/// What a writer sends, one entry for each write.
private func writes(_ audio: AudioBlock, _ settings: AudioWriter.Settings, blocks: Int) throws -> [[UInt8]] {
    var ends: [Int32] = [0, 0]
    // Sockets of this kind keep writes apart, which a pipe may join.
    try #require(socketpair(AF_UNIX, SocketKind.sequencedPackets, 0, &ends) == 0)
    let (reading, writing) = (ends[0], ends[1])
    let done = DispatchSemaphore(value: 0)
    let found = Locked<[[UInt8]]>([])
    Thread.detachNewThread {
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        while case let got = buffer.withUnsafeMutableBytes({ read(reading, $0.baseAddress, $0.count) }), got > 0 {
            found.update { $0.append(Array(buffer[..<got])) }
        }
        close(reading)
        done.signal()
    }
    let writer = try AudioWriter(descriptor: writing, name: "socket", settings: settings)
    try write(audio, with: writer, blocks: blocks)
    close(writing)
    done.wait()
    return found.value
}

private enum SocketKind {
    #if canImport(Darwin)
        static let sequencedPackets = SOCK_DGRAM
    #else
        static let sequencedPackets = Int32(SOCK_SEQPACKET.rawValue)
    #endif
}

@Test(arguments: [ContainerFormat.wav, .rf64, .au, .caf, .aiff, .aifc, .w64, .flac, .ogg], [1, 640, 8192])
func theFirstWriteHoldsHeaderAndAudio(container: ContainerFormat, block: Int) throws {
    let count = block == 1 ? 3000 : 10_000
    let audio = AudioBlock(mono: sine(300, rate: 24_000, samples: count))
    for total in [count, nil] {
        let settings = AudioWriter.Settings(sampleRate: 24_000, channelCount: 1, container: container, totalSamples: total)
        let found = try writes(audio, settings, blocks: block)
        let first = try #require(found.first)
        // Readers such as sox look at what one read of up to a page gives them.
        #expect(first.count >= min(4096, found.reduce(0) { $0 + $1.count }), "\(container) \(first.count)")
        let folder = try ScratchFolder(inMemory: true)
        try folder.write(found.joined(), to: "all")
        #expect(try readFile(folder.path("all")).audio.sampleCount == count)
    }
    // All of a short one is one write.
    let short = AudioWriter.Settings(sampleRate: 24_000, channelCount: 1, container: container, totalSamples: 20)
    #expect(try writes(AudioBlock(mono: sine(300, rate: 24_000, samples: 20)), short, blocks: 1).count == 1)
}
