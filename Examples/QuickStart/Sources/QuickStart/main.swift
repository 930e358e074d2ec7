import Codetta
import Foundation

let model = try await Model("codetta-24k")  // comes with the product CodettaModels; no network needed

let tone = (0..<44_101).map { sin(Float($0) / 20) / 4 }  // a second and one sample at 44.1 kHz
let codes = try model.encode(AudioBlock(channels: [tone, tone]), sampleRate: 44_100, bitrate: .kilobits(6))
let audio = try model.decode(codes)  // the same rate, the same channels, the very number of samples
print("\(codes.samples) samples in, \(audio.sampleCount) out, on \(audio.channelCount) channels at \(codes.sampleRate) Hz")

let (tokens, sound) = (URL(fileURLWithPath: "tone.codetta"), URL(fileURLWithPath: "tone.wav"))
try codes.write(to: tokens)
try await model.decode(tokens, to: sound) { print("\(Int(100 * $0.fraction)) %") }
