// A program that imports what a codec needs and no more: Tools/linkage/check.sh looks at what it links.
import Checkpoints
import Codecs
import Kernels

let folder = CommandLine.arguments.dropFirst().first ?? "Models/codetta-24k"
let codec = try CodecRegistry.load(ModelFolder(path: folder))
var encoder = try codec.makeEncoder(codebooks: 1)
var decoder = try codec.makeDecoder(codebooks: 1)
let second = AudioBlock(mono: [Float](repeating: 0, count: codec.description.sampleRate))
var audio = try decoder.push(encoder.push(second))
audio.append(try decoder.push(encoder.finish()))
audio.append(try decoder.finish())
print("\(codec.description.name): \(audio.sampleCount) samples")
