import Audio
import Foundation
import Kernels
import Platform
import TestSupport
import Testing

@Test(arguments: ["a.wav", "a.rf64", "a.au", "a.flac", "a.ogg", "a.opus", "a.aiff", "a.caf", "a.w64"])
func pipedInputReadsLikeTheFile(name: String) throws {
    let folder = try ScratchFolder(inMemory: true)
    try write(noise(samples: 40_000, channels: 2), to: folder.path(name))
    let (fromFile, _) = try readFile(folder.path(name))
    let (fromPipe, reader) = try readPiped(folder.bytes(name))
    #expect(fromPipe == fromFile && fromFile.sampleCount == 40_000)
    #expect(reader.warnings.isEmpty)
}

@Test func namedPipeIsReadByItsPath() throws {
    let folder = try ScratchFolder(inMemory: true)
    let audio = noise(samples: 5000, channels: 1)
    try write(audio, to: folder.path("a.wav"))
    let sent = try folder.bytes("a.wav")
    let fifo = folder.path("fifo")
    #expect(mkfifo(fifo, 0o600) == 0)
    Thread.detachNewThread {
        let descriptor = open(fifo, O_WRONLY)
        send(sent, to: descriptor)
        close(descriptor)
    }
    #expect(try readFile(fifo).audio == audio)
}

@Test func exoticWaveFromAPipeIsDecodedAfterAll() throws {
    // IMA ADPCM: one block of 1 sample in the header and 4 bytes of 2 nibbles each.
    let block: [UInt8] = [0x10, 0x27, 0, 0] + [0x11, 0x22, 0x33, 0x44]
    let format = littleEndian(0x11, bytes: 2) + littleEndian(1, bytes: 2) + littleEndian(8000, bytes: 4) + littleEndian(7111, bytes: 4)
        + littleEndian(8, bytes: 2) + littleEndian(4, bytes: 2) + littleEndian(2, bytes: 2) + littleEndian(9, bytes: 2)
    let body = Array("WAVEfmt ".utf8) + littleEndian(20, bytes: 4) + format + Array("data".utf8) + littleEndian(8, bytes: 4) + block
    let (audio, reader) = try readPiped(Array("RIFF".utf8) + littleEndian(body.count, bytes: 4) + body)
    #expect(reader.format.container == .wav && reader.format.sampleFormat == nil)
    #expect(audio.sampleCount == 9 && abs(audio.channels[0][0] - 10_000 / 32768) < 1e-4)
}

@Test(arguments: [false, true])
func liveSourceIsHeardBeforeItEnds(isRaw: Bool) throws {
    let pipe = POSIXPipe()
    defer { close(pipe.reading) }
    let values = (0..<1000).map { $0 }
    let header = isRaw ? [] : wave(data: [], riffSize: 0xFFFF_FFFF, dataSize: 0xFFFF_FFFF)
    send(header + pcm16(values) + [7], to: pipe.writing)
    let raw = RawFormat(sampleRate: 24_000, channelCount: 1, sampleFormat: .pcm16)
    let reader = try AudioReader(descriptor: pipe.reading, name: "live", options: .init(raw: isRaw ? raw : nil))
    // Nothing more is sent until these are out: waiting for the end would hang.
    var heard: [Float] = []
    while heard.count < 1000 { heard += try reader.read(upTo: 4096).channels[0] }
    #expect(heard == values.map { Float($0) / 32768 })
    send([0], to: pipe.writing)
    #expect(try reader.read(upTo: 4096).channels[0] == [7 / 32768])
    close(pipe.writing)
    #expect(try reader.read(upTo: 4096).isEmpty)
    #expect(try reader.read(upTo: 4096).isEmpty)
}

@Test func redirectedFileIsReadFromWhereItStands() throws {
    let folder = try ScratchFolder(inMemory: true)
    let audio = noise(samples: 3000, channels: 1)
    for name in ["a.wav", "a.flac"] {
        try write(audio, to: folder.path(name))
        let shifted = try folder.write([1, 2, 3, 4, 5] + folder.bytes(name), to: "shifted")
        let descriptor = open(shifted, O_RDONLY)
        defer { close(descriptor) }
        lseek(descriptor, 5, SEEK_SET)
        let reader = try AudioReader(descriptor: descriptor, name: "standard input")
        #expect(try reader.readAll() == audio)
    }
}

/// What a writer sends into a pipe.
private func piped(_ audio: AudioBlock, _ settings: AudioWriter.Settings, blocks: Int) throws -> [UInt8] {
    let pipe = POSIXPipe()
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var received: [UInt8] = []  // Read only after the semaphore.
    Thread.detachNewThread {
        received = receive(from: pipe.reading)
        close(pipe.reading)
        done.signal()
    }
    let writer = try AudioWriter(descriptor: pipe.writing, name: "pipe", settings: settings)
    try write(audio, with: writer, blocks: blocks)
    close(pipe.writing)
    done.wait()
    return received
}

private let writable = ContainerFormat.writable.flatMap { container in container.sampleFormats.map { (container, $0) } }

@Test(arguments: writable)
func pipedOutputIsTheFile(container: ContainerFormat, format: SampleFormat) throws {
    let folder = try ScratchFolder(inMemory: true)
    let audio = noise(samples: 9999, channels: 1)
    let settings = AudioWriter.Settings(
        sampleRate: 24_000, channelCount: 1, container: container, sampleFormat: format, totalSamples: 9999)
    try write(audio, to: folder.path("known"), container: container, format: format, total: 9999)
    try write(audio, to: folder.path("open"), container: container, format: format, blocks: 777)
    let file = try folder.bytes("known")
    #expect(try folder.bytes("open") == file)
    #expect(try piped(audio, settings, blocks: 1000) == file)
}

@Test func pipedWaveOfUnknownLengthReadsBack() throws {
    let audio = noise(samples: 5001, channels: 3)
    for (container, format) in [(ContainerFormat.wav, SampleFormat.pcm24), (.wav, .float), (.rf64, .pcm16), (.au, .pcm16), (.wav, .pcm16)] {
        let settings = AudioWriter.Settings(sampleRate: 48_000, channelCount: 3, container: container, sampleFormat: format)
        let sent = try piped(audio, settings, blocks: 640)
        let (back, reader) = try readPiped(sent)
        #expect(back == audio && reader.totalSamples == nil && reader.warnings.isEmpty)
        if container == .wav { #expect(sent[4..<8].allSatisfy { $0 == 0xFF }) }
    }
}

@Test func redirectedOutputKeepsWhatStandsBeforeAndAfter() throws {
    let folder = try ScratchFolder(inMemory: true)
    let audio = noise(samples: 3001, channels: 1)
    for (container, appends) in [(ContainerFormat.wav, false), (.wav, true), (.flac, false), (.flac, true)] {
        let path = try folder.write([9, 9], to: "out")
        let descriptor = open(path, O_RDWR | (appends ? O_APPEND : 0))
        lseek(descriptor, 2, SEEK_SET)
        let writer = try AudioWriter(
            descriptor: descriptor, name: "standard output",
            settings: .init(sampleRate: 24_000, channelCount: 1, container: container))
        try write(audio, with: writer, blocks: 1000)
        send([8, 8], to: descriptor)
        close(descriptor)
        let all = try folder.bytes("out")
        #expect(all.prefix(2) == [9, 9] && all.suffix(2) == [8, 8])
        let middle = try folder.write(Array(all.dropFirst(2).dropLast(2)), to: "middle")
        #expect(try readFile(middle).audio == audio)
    }
}

@Test func over4GiBGetsLongSizes() throws {
    let pipe = POSIXPipe()
    defer { close(pipe.reading) }
    let samples = 3 << 30
    let writer = try AudioWriter(
        descriptor: pipe.writing, name: "pipe", settings: .init(sampleRate: 48_000, channelCount: 2, totalSamples: samples))
    // The header goes out together with the first samples.
    try writer.write(noise(samples: 1024, channels: 2))
    close(pipe.writing)
    withExtendedLifetime(writer) {}
    let header = receive(from: pipe.reading)
    #expect(header.prefix(4).elementsEqual("RF64".utf8))
    #expect(audioError { _ = try readPiped(header) } == .truncated(
        file: "pipe", expected: samples * 4, found: 4096, unit: "bytes of samples"))
}

@Test func closedPipeIsReported() throws {
    let pipe = POSIXPipe()
    let writer = try AudioWriter(
        descriptor: pipe.writing, name: "pipe", settings: .init(sampleRate: 24_000, channelCount: 1))
    close(pipe.reading)
    #expect(audioError { try writer.write(noise(samples: 4096, channels: 1)) } == .brokenPipe(file: "pipe"))
    #expect(throws: UsedAfterEnd.self) { try writer.finish() }
    close(pipe.writing)
}
