// A call that hangs up: audio is encoded and decoded while it comes, until the task is cancelled.
import Codetta
import Foundation

let model = try await Model("codetta-24k")
let rate = 48_000

// Stands for a microphone: 20 ms at a time, for ever.
let microphone = AsyncStream<AudioBlock> { continuation in
    let source = Task {
        for block in 0... {
            let times = (block * 960)..<(block * 960 + 960)
            continuation.yield(AudioBlock(mono: times.map { sin(Float($0 % rate) * 0.05) / 4 }))
            try await Task.sleep(for: .milliseconds(20))
        }
    }
    continuation.onTermination = { _ in source.cancel() }
}

let call = Task {
    var (chunks, samples) = (0, 0)
    do {
        let sent = AsyncThrowingStream<EncodedChunk, any Error> { line in
            Task {
                do {
                    for try await chunk in try model.encoding(microphone, sampleRate: rate, bitrate: .kilobits(3)) { line.yield(chunk) }
                    line.finish()
                } catch {
                    line.finish(throwing: error)
                }
            }
        }
        for try await audio in model.decoding(sent) {
            (chunks, samples) = (chunks + 1, samples + audio.sampleCount)
        }
    } catch is CancellationError {}
    return (chunks, samples)
}

try await Task.sleep(for: .seconds(2))
call.cancel()
let (chunks, samples) = await call.value
print("hung up after \(samples) samples at \(rate) Hz, heard in \(chunks) pieces")

// The same by hand: a value that takes pieces, whose copy is a checkpoint.
var encoder = try AudioEncoder(model: model, original: OriginalAudio(sampleRate: rate, channels: 1))
var decoder = try AudioDecoder(model: model, header: encoder.header)
let second = AudioBlock(mono: [Float](repeating: 0, count: rate))
var heard = try decoder.push(encoder.push(second)).sampleCount
heard += try decoder.push(encoder.finish()).sampleCount
heard += try decoder.finish(total: encoder.samples).sampleCount
print("\(encoder.samples) samples in, \(heard) out")
