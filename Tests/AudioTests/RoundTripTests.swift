import Audio
import Foundation
import Kernels
import TestSupport
import Testing

/// How far a sample may move through a format that stores samples one by one.
private func tolerance(_ format: SampleFormat, _ sample: Float) -> Float {
    switch format {
    case .pcmS8, .pcmU8: return 0.5 / 128
    // Half of the widest step of the segment that the sample is in, or of the smallest segment.
    case .mulaw, .alaw: return max(abs(sample) / 28, 1.0 / 1024)
    default: return 0
    }
}

private let lossless = ContainerFormat.allCases.flatMap { container in
    container.sampleFormats.filter { $0.bytesPerSample != nil }.map { (container, $0) }
}

@Test(arguments: lossless)
func storedSamplesComeBack(container: ContainerFormat, format: SampleFormat) throws {
    let folder = try ScratchFolder(inMemory: true)
    for rate in [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] {
        for channels in [1, 2] {
            for samples in [0, 1, 100, rate == 24_000 ? 100_000 : 1000] {
                let audio = noise(samples: samples, channels: channels)
                let path = folder.path("\(rate)-\(channels)-\(samples)")
                try write(audio, to: path, rate: rate, container: container, format: format)
                let raw = RawFormat(sampleRate: rate, channelCount: channels, sampleFormat: format)
                let (back, reader) = try readFile(path, options: .init(raw: container == .raw ? raw : nil))
                #expect(reader.sampleRate == rate && reader.channelCount == channels)
                // A reader has one name for both kinds of AIFF.
                #expect(reader.format.container == (container == .aifc ? .aiff : container) && reader.format.sampleFormat == format)
                #expect(back.channelCount == channels && back.sampleCount == samples)
                #expect(reader.totalSamples == samples || container == .flac && samples == 0)
                #expect(reader.warnings.isEmpty)
                var wrong = 0
                for (x, y) in zip(audio.channels.joined(), back.channels.joined()) where abs(x - y) > tolerance(format, x) {
                    wrong += 1
                }
                #expect(wrong == 0, "\(container) \(format) \(rate) Hz \(channels) ch \(samples)")
            }
        }
    }
}

@Test(arguments: [("a.ogg", SampleFormat.vorbis), ("a.opus", .opus)])
func compressedFilesKeepRateLengthAndSound(name: String, format: SampleFormat) throws {
    try expectRateLengthAndSound(name, format)
}

@Test(.enabled(if: ContainerFormat.mp3.sampleFormats.contains(.mp3), "needs a libsndfile that writes MP3 (1.1 or later)"))
func mp3FilesKeepRateLengthAndSound() throws { try expectRateLengthAndSound("a.mp3", .mp3) }

private func expectRateLengthAndSound(_ name: String, _ format: SampleFormat) throws {
    let folder = try ScratchFolder(inMemory: true)
    let container = try #require(ContainerFormat(fileExtension: String(name.drop { $0 != "." }.dropFirst())))
    try #require(container.sampleFormats.contains(format))
    for (rate, channels) in [(24_000, 1), (48_000, 2)] {
        let tone = sine(440, rate: rate, samples: rate)
        let audio = AudioBlock(channels: Array(repeating: tone, count: channels))
        let path = folder.path("\(channels)" + name)
        try write(audio, to: path, rate: rate)
        let (back, reader) = try readFile(path)
        #expect(reader.sampleRate == rate && reader.channelCount == channels)
        #expect(reader.format.sampleFormat == format)
        // MP3 has no field for the length that every decoder honours.
        #expect(container == .mp3 ? abs(back.sampleCount - rate) < 4000 : back.sampleCount == rate)
        let middle = back.channels[0][rate / 4..<rate / 2]
        let power = middle.reduce(0) { $0 + Double($1 * $1) } / Double(middle.count)
        #expect(abs(power - 0.125) < 0.01)
    }
}

@Test func compressedFilesOfFewSamplesKeepTheirLength() throws {
    let folder = try ScratchFolder(inMemory: true)
    for name in ["a.ogg", "a.opus", "a.flac"] {
        for samples in [0, 1, 100] {
            let path = folder.path("\(samples)" + name)
            if name == "a.opus" && samples == 0 {
                #expect(audioError { try write(noise(samples: 0, channels: 1), to: path) }?.kind == .usage)
                continue
            }
            try write(noise(samples: samples, channels: 1), to: path)
            let (back, _) = try readFile(path)
            #expect(back.sampleCount == samples, "\(name)")
        }
    }
}

@Test func pcm16SurvivesEveryValue() throws {
    let folder = try ScratchFolder(inMemory: true)
    let data = pcm16(Array(-32768...32767))
    let source = try folder.write(wave(data: data), to: "all.wav")
    let (audio, _) = try readFile(source)
    for name in ["copy.wav", "copy.flac", "copy.aiff"] {
        try write(audio, to: folder.path(name))
        #expect(try readFile(folder.path(name)).audio == audio, "\(name)")
    }
    #expect(try folder.bytes("copy.wav") == wave(data: data))
    #expect(try readFile(folder.path("copy.flac")).reader.format.sampleFormat == .pcm16)
}

@Test(arguments: [SampleFormat.mulaw, .alaw])
func everyCompandedCodeSurvives(format: SampleFormat) throws {
    let folder = try ScratchFolder(inMemory: true)
    // 0x7F is the negative zero of μ-law, which becomes the positive one.
    let codes = (0...255).map { UInt8($0) }.filter { format != .mulaw || $0 != 0x7F }
    let options = AudioReader.Options(raw: RawFormat(sampleRate: 8000, channelCount: 1, sampleFormat: format))
    let (audio, _) = try readFile(folder.write(codes, to: "codes"), options: options)
    try write(audio, to: folder.path("again"), rate: 8000, container: .raw, format: format)
    #expect(try folder.bytes("again") == codes)
    // Levels of ITU-T G.711: the largest is 8031 · 4 for μ-law, 4032 · 8 for A-law.
    let largest: Float = format == .mulaw ? 32124 : 32256
    #expect(audio.channels[0].max() == largest / 32768)
}

@Test func libsndfileAgreesOnG711() throws {
    let folder = try ScratchFolder(inMemory: true)
    let codes = (0...255).map { UInt8($0) }
    for (format, encoding) in [(SampleFormat.mulaw, "mulaw"), (.alaw, "alaw")] {
        let raw = RawFormat(sampleRate: 8000, channelCount: 1, sampleFormat: format)
        let (ours, _) = try readFile(folder.write(codes, to: encoding), options: .init(raw: raw))
        // libsndfile writes and reads the CAF; the codes come from its own tables.
        try write(ours, to: folder.path(encoding + ".caf"), rate: 8000, format: format)
        let (theirs, _) = try readFile(folder.path(encoding + ".caf"))
        #expect(theirs == ours)
    }
}

@Test func overFullScaleIsClampedOnlyForIntegersAndCounted() throws {
    let folder = try ScratchFolder(inMemory: true)
    let audio = AudioBlock(mono: [1.5, -1.5, 1, -1, 0.25])
    for (format, expected) in [(SampleFormat.pcm16, [32767 / 32768, -1, 32767 / 32768, -1, 0.25] as [Float]), (.float, audio.channels[0])] {
        let settings = AudioWriter.Settings(sampleRate: 24_000, channelCount: 1, sampleFormat: format)
        let writer = try AudioWriter(path: folder.path("\(format).wav"), settings: settings)
        try writer.write(audio)
        try writer.finish()
        #expect(writer.clippedSamples == (format == .float ? 0 : 2))
        #expect(writer.peak == 1.5)
        let (back, reader) = try readFile(folder.path("\(format).wav"))
        #expect(back.channels[0] == expected)
        #expect(reader.peak == expected.map(abs).max())
    }
}

@Test func roundingIsToNearestWithTiesToEven() throws {
    let folder = try ScratchFolder(inMemory: true)
    let steps: [Float] = [0.4, 0.5, 0.6, 1.5, 2.5, -0.5, -1.5, -2.5]
    try write(AudioBlock(mono: steps.map { $0 / 32768 }), to: folder.path("a.wav"))
    #expect(try folder.bytes("a.wav").suffix(16).elementsEqual(pcm16([0, 0, 1, 2, 2, 0, -2, -2])))
}

@Test func formatNamesAreParsed() {
    for format in SampleFormat.allCases { #expect(SampleFormat(named: format.rawValue.uppercased()) == format) }
    for container in ContainerFormat.allCases { #expect(ContainerFormat(named: container.rawValue.uppercased()) == container) }
    for (name, format) in [("s16le", SampleFormat.pcm16), ("s24le", .pcm24), ("s32le", .pcm32), ("f32le", .float), ("u8", .pcmU8), ("ulaw", .mulaw)] {
        #expect(SampleFormat(named: name) == format)
    }
    #expect(SampleFormat(named: "pcm17") == nil && ContainerFormat(named: "avi") == nil)
    #expect(ContainerFormat(named: "opus") == .ogg && SampleFormat(impliedBy: "opus") == .opus)
    #expect(ContainerFormat.writable.contains(.flac) && ContainerFormat.writable.contains(.ogg))
}

@Test func sampleFormatIsKeptWhereTheContainerHasIt() {
    #expect(ContainerFormat.wav.sampleFormat(closestTo: .pcm24) == .pcm24)
    #expect(ContainerFormat.flac.sampleFormat(closestTo: .float) == .pcm24)
    #expect(ContainerFormat.wav.sampleFormat(closestTo: .vorbis) == .pcm16)
    #expect(ContainerFormat.flac.sampleFormat(closestTo: .mulaw) == .pcm16)
    #expect(ContainerFormat.wav.sampleFormat(closestTo: nil) == .pcm16)
    #expect(ContainerFormat.ogg.sampleFormat(closestTo: .pcm16) == .vorbis)
}

@Test func downmixIsTheMean() {
    let block = AudioBlock(channels: [[1, 0.5, -1], [0, 0.5, 1], [0.5, 0.5, 0]])
    #expect(block.mean().channels == [[0.5, 0.5, 0]])
    #expect(AudioBlock(mono: [0.3]).mean() == AudioBlock(mono: [0.3]))
    #expect(AudioBlock(channelCount: 2).mean() == AudioBlock(channelCount: 1))
}
