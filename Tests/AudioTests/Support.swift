import Audio
import Foundation
import Kernels

/// A folder that vanishes with the test.
final class ScratchFolder {
    let path: String

    init() throws {
        // Memory where there is some: thousands of little files are synced to disk otherwise.
        let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
        path = parent + "audioio-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func file(_ name: String, bytes: [UInt8]) throws -> String {
        let file = self.file(name)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// A small generator with a fixed sequence for each seed (SplitMix64).
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

/// Noise in −0.9…0.9 on a grid of 2⁻¹⁵, which every PCM format from 16 bits up holds exactly.
func noise(samples: Int, channels: Int, seed: UInt64 = 1) -> AudioBlock {
    var random = Random(state: seed)
    return AudioBlock(
        channels: (0..<channels).map { _ in
            (0..<samples).map { _ in Float(Int.random(in: -29491...29491, using: &random)) / 32768 }
        })
}

func sine(_ frequency: Double, rate: Int, samples: Int, amplitude: Double = 0.5) -> [Float] {
    (0..<samples).map { Float(amplitude * sin(2 * .pi * frequency * Double($0) / Double(rate))) }
}

func write(
    _ audio: AudioBlock, to path: String, rate: Int = 24_000, container: ContainerFormat? = nil,
    format: SampleFormat? = nil, total: Int? = nil, blocks: Int = 1 << 20
) throws {
    let settings = AudioWriter.Settings(
        sampleRate: rate, channelCount: audio.channelCount, container: container, sampleFormat: format, totalSamples: total)
    let writer = try AudioWriter(path: path, settings: settings)
    try write(audio, with: writer, blocks: blocks)
}

func write(_ audio: AudioBlock, with writer: AudioWriter, blocks: Int) throws {
    for start in stride(from: 0, to: audio.sampleCount, by: blocks) {
        try writer.write(audio.slice(start..<min(start + blocks, audio.sampleCount)))
    }
    try writer.finish()
}

/// The error that `body` throws, or nil.
func audioError(_ body: () throws -> Void) -> AudioError? {
    do { try body() } catch { return error as? AudioError }
    return nil
}

/// A pipe whose two ends are plain descriptors.
struct POSIXPipe {
    let reading: Int32
    let writing: Int32

    init() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "no pipe")
        (reading, writing) = (ends[0], ends[1])
    }

    /// Writes `bytes` from another thread, then closes the writing end.
    func feed(_ bytes: [UInt8]) {
        let writing = self.writing
        Thread.detachNewThread {
            send(bytes, to: writing)
            close(writing)
        }
    }
}

/// Writes all of `bytes`, or until the reader goes away.
func send(_ bytes: [UInt8], to descriptor: Int32) {
    var done = 0
    while done < bytes.count {
        let sent = bytes[done...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        if sent <= 0 { return }
        done += sent
    }
}

/// Everything that comes out of `descriptor` up to its end.
func receive(from descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let got = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if got <= 0 { return all }
        all += buffer[..<got]
    }
}

/// Reads `bytes` through a pipe.
func readPiped(_ bytes: [UInt8], options: AudioReader.Options = .init()) throws -> (audio: AudioBlock, reader: AudioReader) {
    let pipe = POSIXPipe()
    pipe.feed(bytes)
    defer { close(pipe.reading) }
    let reader = try AudioReader(descriptor: pipe.reading, name: "pipe", options: options)
    return (try reader.readAll(), reader)
}

func readFile(_ path: String, options: AudioReader.Options = .init()) throws -> (audio: AudioBlock, reader: AudioReader) {
    let reader = try AudioReader(path: path, options: options)
    return (try reader.readAll(), reader)
}

func little(_ value: Int, bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

/// A WAV file field by field; every argument that is left out is what it should be.
func wave(
    data: [UInt8], tag: Int = 1, channels: Int = 1, rate: Int = 24_000, bits: Int = 16, frameBytes: Int? = nil,
    riffSize: Int? = nil, dataSize: Int? = nil, before: [UInt8] = [], after: [UInt8] = []
) -> [UInt8] {
    let frame = frameBytes ?? channels * bits / 8
    let format = little(tag, bytes: 2) + little(channels, bytes: 2) + little(rate, bytes: 4)
        + little(rate &* frame, bytes: 4) + little(frame, bytes: 2) + little(bits, bytes: 2)
    var body = Array("WAVE".utf8) + Array("fmt ".utf8) + little(16, bytes: 4) + format + before
    body += Array("data".utf8) + little(dataSize ?? data.count, bytes: 4) + data + after
    return Array("RIFF".utf8) + little(riffSize ?? body.count, bytes: 4) + body
}

func pcm16(_ values: [Int]) -> [UInt8] { values.flatMap { little($0, bytes: 2) } }
