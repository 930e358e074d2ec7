import Audio
import Foundation
import Kernels
import TestSupport
import Testing

private let values = (0..<500).map { ($0 * 7919) % 20_000 - 10_000 }
private let sound = wave(data: pcm16(values))
private let expected = values.map { Float($0) / 32768 }

@Test func missingUnreadableAndDirectoryAreNoInput() throws {
    let folder = try ScratchFolder(inMemory: true)
    let missing = folder.path("missing.wav")
    #expect(audioError { _ = try AudioReader(path: missing) } == .notFound(file: missing))
    #expect(audioError { _ = try AudioReader(path: folder.path) } == .isDirectory(file: folder.path))
    #expect(audioError { _ = try AudioReader(path: folder.path) }?.kind == .noInput)
    #expect(audioError { _ = try AudioReader(descriptor: 9999, name: "closed") }?.kind == .noInput)
    let below = try folder.write([1], to: "plain") + "/below.wav"
    #expect(audioError { _ = try AudioReader(path: below) }?.kind == .noInput)
    if getuid() != 0 {
        let locked = try folder.write(sound, to: "locked.wav")
        chmod(locked, 0)
        #expect(audioError { _ = try AudioReader(path: locked) }?.kind == .noInput)
    }
}

@Test func nothingAndNonsenseAreBadData() throws {
    let folder = try ScratchFolder(inMemory: true)
    let empty = try folder.write([], to: "empty.wav")
    #expect(audioError { _ = try AudioReader(path: empty) } == .empty(file: empty))
    #expect(audioError { _ = try readPiped([]) } == .empty(file: "pipe"))
    let text = Array(String(repeating: "This is not audio. ", count: 10_000).utf8)
    for input in [text, Array(text.prefix(5)), [UInt8](repeating: 0, count: 200_000)] {
        let path = try folder.write(input, to: "text.wav")
        guard case .notAudio = audioError({ _ = try AudioReader(path: path) }) else { Issue.record("accepted"); continue }
        guard case .notAudio = audioError({ _ = try readPiped(input) }) else { Issue.record("accepted"); continue }
    }
}

@Test func waveCutAnywhereIsNeverASuccess() throws {
    let folder = try ScratchFolder(inMemory: true)
    for length in Array(1..<60) + Array(stride(from: 61, to: sound.count, by: 37)) + [sound.count - 1] {
        let cut = Array(sound.prefix(length))
        let path = try folder.write(cut, to: "cut.wav")
        #expect(audioError { _ = try readFile(path) }?.kind == .badData, "file of \(length) bytes")
        #expect(audioError { _ = try readPiped(cut) }?.kind == .badData, "pipe of \(length) bytes")
        guard length >= 44 else { continue }
        for (audio, reader) in [try readFile(path, options: .init(isLenient: true)), try readPiped(cut, options: .init(isLenient: true))] {
            #expect(audio.channels[0].elementsEqual(expected.prefix((length - 44) / 2)))
            #expect(reader.warnings.contains { if case .truncated = $0 { true } else { false } })
        }
    }
}

@Test(arguments: ["a.aiff", "a.caf", "a.w64", "a.flac", "a.au", "a.ogg"])
func otherContainersCutAnywhereAreNeverASuccess(name: String) throws {
    let folder = try ScratchFolder(inMemory: true)
    try write(noise(samples: 20_000, channels: 1), to: folder.path(name))
    let whole = try folder.bytes(name)
    for length in Array(stride(from: 1, to: whole.count, by: whole.count / 60)) + [whole.count - 1] {
        let cut = try folder.write(Array(whole.prefix(length)), to: "cut")
        let error = audioError {
            // Ogg has no length to fall short of: a cut between two pages can only be a warning.
            let (_, reader) = try readFile(cut)
            #expect(reader.warnings == [.noEndOfStream], "\(length) of \(whole.count) bytes")
        }
        #expect(error == nil ? name == "a.ogg" : error?.kind == .badData, "\(length) of \(whole.count) bytes")
        if let (audio, reader) = try? readFile(cut, options: .init(isLenient: true)) {
            #expect(audio.sampleCount < 20_000 && !reader.warnings.isEmpty)
        }
    }
}

@Test func flippedBitsInFLACAreNoticed() throws {
    let folder = try ScratchFolder(inMemory: true)
    try write(noise(samples: 20_000, channels: 1), to: folder.path("a.flac"))
    let whole = try folder.bytes("a.flac")
    for offset in stride(from: 200, to: whole.count, by: whole.count / 40) {
        var damaged = whole
        damaged[offset] ^= 4
        let path = try folder.write(damaged, to: "damaged.flac")
        #expect(audioError { _ = try readFile(path) }?.kind == .badData, "byte \(offset)")
        let reader = try AudioReader(path: path, options: .init(isLenient: true))
        _ = try reader.readAll()
        _ = try reader.read(upTo: 1)
        #expect(reader.warnings.count == 1)
    }
}

@Test func flacOfUnknownLengthIsReadToTheEnd() throws {
    let folder = try ScratchFolder(inMemory: true)
    let audio = noise(samples: 20_000, channels: 1)
    try write(audio, to: folder.path("a.flac"))
    var open = try folder.bytes("a.flac")
    // The low 36 bits of bytes 18 to 25 of the file hold the number of samples.
    open[21] &= 0xF0
    for i in 22..<26 { open[i] = 0 }
    for (back, reader) in [try readFile(folder.write(open, to: "open.flac")), try readPiped(open)] {
        #expect(back == audio && reader.totalSamples == nil)
    }
}

@Test func oggCutBetweenPagesIsNoticed() throws {
    let folder = try ScratchFolder(inMemory: true)
    try write(noise(samples: 100_000, channels: 1), to: folder.path("a.ogg"))
    let whole = try folder.bytes("a.ogg")
    let pages = whole.indices.dropLast(3).filter { whole[$0..<$0 + 4].elementsEqual("OggS".utf8) }
    let last = try #require(pages.last)
    let (audio, reader) = try readFile(folder.write(Array(whole[..<last]), to: "cut.ogg"))
    #expect(reader.warnings == [.noEndOfStream])
    #expect(audio.sampleCount < 100_000)
}

@Test(arguments: [0, 0xFFFF_FFFF, 0x7FFF_F000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFDB])
func unknownLengthIsReadToTheEnd(size: Int) throws {
    let folder = try ScratchFolder(inMemory: true)
    let open = wave(data: pcm16(values), riffSize: size == 0 ? 0 : min(size + 36, 0xFFFF_FFFF), dataSize: size)
    for (audio, reader) in [try readFile(folder.write(open, to: "open.wav")), try readPiped(open)] {
        #expect(audio.channels[0] == expected)
        #expect(reader.warnings.isEmpty)
    }
    // A live source that was stopped inside a sample.
    let (audio, reader) = try readPiped(open + [1])
    #expect(audio.sampleCount == expected.count && reader.warnings == [.incompleteLastSample(bytes: 1)])
    #expect(reader.totalSamples == nil)
}

@Test func headerThatWasNeverCompletedIsReadToTheEnd() throws {
    let folder = try ScratchFolder(inMemory: true)
    let open = wave(data: pcm16(values), riffSize: 36, dataSize: 0)
    #expect(try readFile(folder.write(open, to: "open.wav")).audio.channels[0] == expected)
}

@Test func noSamplesAreAValidStream() throws {
    let folder = try ScratchFolder(inMemory: true)
    for bytes in [wave(data: []), wave(data: [], after: Array("LIST".utf8) + littleEndian(4, bytes: 4) + [1, 2, 3, 4])] {
        for (audio, reader) in [try readFile(folder.write(bytes, to: "none.wav")), try readPiped(bytes)] {
            #expect(audio == AudioBlock(channelCount: 1))
            #expect(reader.warnings.isEmpty && reader.samplesRead == 0)
        }
    }
}

@Test func chunksAroundTheSamplesAreNotSamples() throws {
    let folder = try ScratchFolder(inMemory: true)
    let odd = Array("junk".utf8) + littleEndian(3, bytes: 4) + [1, 2, 3, 0]
    let bytes = wave(data: pcm16(values), before: odd, after: odd)
    for (audio, reader) in [try readFile(folder.write(bytes, to: "chunks.wav")), try readPiped(bytes)] {
        #expect(audio.channels[0] == expected && reader.totalSamples == values.count)
    }
}

@Test func absurdHeadersAreRefused() throws {
    let folder = try ScratchFolder(inMemory: true)
    let data = [UInt8](repeating: 0, count: 800)
    for rate in [0, 1, 999, 768_001, 4_000_000_000, 0xFFFF_FFFF] {
        let path = try folder.write(wave(data: data, rate: rate), to: "rate.wav")
        #expect(audioError { _ = try AudioReader(path: path) } == .sampleRate(file: path, found: rate))
    }
    for channels in [0, 65, 65_535] {
        let path = try folder.write(wave(data: data, channels: channels, frameBytes: 2), to: "channels.wav")
        #expect(audioError { _ = try AudioReader(path: path) } == .channelCount(file: path, found: channels))
    }
    for (bits, frame) in [(0, 0), (0, 2), (64, 8), (65_535, 2)] {
        let path = try folder.write(wave(data: data, channels: 1, bits: bits, frameBytes: frame), to: "bits.wav")
        #expect(audioError { _ = try AudioReader(path: path) }?.kind == .badData, "\(bits) bits in \(frame) bytes")
    }
    let early = Array("RIFF".utf8) + littleEndian(50, bytes: 4) + Array("WAVEdata".utf8) + littleEndian(4, bytes: 4) + [0, 0, 0, 0]
    #expect(audioError { _ = try readPiped(early) }?.kind == .badData)
    let exotic = try folder.write(wave(data: data, tag: 0x1234), to: "exotic.wav")
    #expect(audioError { _ = try AudioReader(path: exotic) }?.kind == .badData)
}

@Test func everyHeaderByteMayBeAnything() throws {
    let folder = try ScratchFolder(inMemory: true)
    try write(noise(samples: 300, channels: 2), to: folder.path("a.aiff"))
    try write(noise(samples: 300, channels: 2), to: folder.path("a.caf"))
    try write(noise(samples: 300, channels: 2), to: folder.path("a.au"))
    try write(noise(samples: 300, channels: 2), to: folder.path("a.flac"))
    for name in ["a.wav", "a.aiff", "a.caf", "a.au", "a.flac"] {
        let whole = name == "a.wav" ? sound : try folder.bytes(name)
        for offset in 0..<min(64, whole.count) {
            for value: UInt8 in [0, 0xFF, whole[offset] ^ 0x80] {
                var damaged = whole
                damaged[offset] = value
                let path = try folder.write(damaged, to: "damaged")
                // Success or a typed refusal; anything else ends the process.
                let error = audioError { _ = try readFile(path, options: .init(isLenient: offset % 2 == 0)) }
                #expect(error == nil || error?.kind == .badData, "\(name) byte \(offset): \(error.map(String.init(describing:)) ?? "")")
            }
        }
    }
}

@Test func nonFiniteSamplesAreRefusedOrZeroedAndCounted() throws {
    let folder = try ScratchFolder(inMemory: true)
    var samples = [Float](repeating: 0.5, count: 10_000)
    samples[9001] = .nan
    samples[9003] = .infinity
    let data = samples.flatMap { littleEndian(Int($0.bitPattern), bytes: 4) }
    let path = try folder.write(wave(data: data, tag: 3, channels: 2, bits: 32), to: "nan.wav")
    #expect(audioError { _ = try readFile(path) } == .nonFinite(file: path, sample: 4500, channel: 1))
    let (audio, reader) = try readFile(path, options: .init(sanitizes: true))
    #expect(reader.sanitizedSamples == 2 && reader.peak == 0.5)
    #expect(audio.channels[1][4500] == 0 && audio.channels[1][4501] == 0 && audio.channels[0][4500] == 0.5)
}

@Test func rawPCMIsTakenAsDescribed() throws {
    let folder = try ScratchFolder(inMemory: true)
    let raw = RawFormat(sampleRate: 16_000, channelCount: 2, sampleFormat: .pcm16)
    let path = try folder.write(pcm16(values), to: "a.raw")
    for (audio, reader) in [try readFile(path, options: .init(raw: raw)), try readPiped(pcm16(values), options: .init(raw: raw))] {
        #expect(reader.sampleRate == 16_000 && audio.channelCount == 2)
        #expect(audio.channels[1].elementsEqual(stride(from: 1, to: 500, by: 2).map { expected[$0] }))
    }
    let odd = try folder.write(pcm16(values) + [1], to: "odd.raw")
    #expect(audioError { _ = try readFile(odd, options: .init(raw: raw)) }?.kind == .badData)
    #expect(try readFile(odd, options: .init(isLenient: true, raw: raw)).reader.warnings == [.incompleteLastSample(bytes: 1)])
    let impossible = RawFormat(sampleRate: 16_000, channelCount: 1, sampleFormat: .opus)
    #expect(audioError { _ = try AudioReader(path: path, options: .init(raw: impossible)) }?.kind == .usage)
    let nowhere = RawFormat(sampleRate: 0, channelCount: 1, sampleFormat: .pcm16)
    #expect(audioError { _ = try AudioReader(path: path, options: .init(raw: nowhere)) }?.kind == .usage)
}

@Test func everyErrorIsOneLineThatNamesItsFile() {
    let file = "some file.wav"
    let errors: [AudioError] = [
        .notFound(file: file), .unreadable(file: file, reason: "r"), .isDirectory(file: file), .empty(file: file),
        .headerOnly(file: file), .notAudio(file: file, reason: "r"), .foreignFormat(file: file, format: "f"),
        .missingProgram(file: file, program: "p"), .malformed(file: file, offset: 1, reason: "r"),
        .truncated(file: file, expected: 2, found: 1, unit: "bytes"),
        .sampleRate(file: file, found: 1), .channelCount(file: file, found: 0), .nonFinite(file: file, sample: 1, channel: 0),
        .cannotCreate(file: file, reason: "r"), .alreadyExists(file: file), .unknownContainer(file),
        .unsupportedOutput(file: file, reason: "r"), .io(file: file, operation: "writing", reason: "r"),
        .brokenPipe(file: file), .lengthMismatch(file: file, declared: 1, written: 2),
        .blockChannels(file: file, expected: 1, found: 2),
    ]
    for error in errors { #expect(error.description.contains(file) && !error.description.contains("\n")) }
}
