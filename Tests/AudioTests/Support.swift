import Audio
import Foundation
import Kernels
import TestSupport

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

/// A WAV file field by field; every argument that is left out is what it should be.
func wave(
    data: [UInt8], tag: Int = 1, channels: Int = 1, rate: Int = 24_000, bits: Int = 16, frameBytes: Int? = nil,
    riffSize: Int? = nil, dataSize: Int? = nil, before: [UInt8] = [], after: [UInt8] = []
) -> [UInt8] {
    let frame = frameBytes ?? channels * bits / 8
    let format = littleEndian(tag, bytes: 2) + littleEndian(channels, bytes: 2) + littleEndian(rate, bytes: 4)
        + littleEndian(rate &* frame, bytes: 4) + littleEndian(frame, bytes: 2) + littleEndian(bits, bytes: 2)
    var body = Array("WAVE".utf8) + Array("fmt ".utf8) + littleEndian(16, bytes: 4) + format + before
    body += Array("data".utf8) + littleEndian(dataSize ?? data.count, bytes: 4) + data + after
    return Array("RIFF".utf8) + littleEndian(riffSize ?? body.count, bytes: 4) + body
}

func pcm16(_ values: [Int]) -> [UInt8] { values.flatMap { littleEndian($0, bytes: 2) } }
