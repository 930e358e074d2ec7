import Checkpoints
import Codecs
import Kernels
import TokenLM

private let folder: ScratchFolder = {
    let folder = ScratchFolder("checkpoint")
    folder.write(Array("{}".utf8), to: "config.json")
    folder.copy(repository + "/Tests/CodecsTests/Fixtures/tiny-lyra/model.safetensors", to: "a.safetensors")
    return folder
}()

/// Safetensors files, indexes of shards and model cards.
func readCheckpoint(_ choice: UInt8, _ input: [UInt8]) throws {
    switch choice % 4 {
    case 0: try loadAll(input)
    case 1, 2: try loadAll(withHeaderLength(input))
    default:
        if choice.says(2) {
            folder.write(input, to: "model.safetensors.index.json")
            _ = try ModelFolder(path: folder.path).checkpoint()
        } else {
            _ = ModelCard(text: String(decoding: input, as: UTF8.self))
        }
    }
}

private func loadAll(_ bytes: [UInt8]) throws {
    folder.write(bytes, to: "input.safetensors")
    let checkpoint = try Checkpoint(path: folder.file("input.safetensors"))
    for name in checkpoint.names {
        guard let info = checkpoint.info(name) else { fatalError("\(name) is listed but not there") }
        if let tensor = try? checkpoint.load(name) {
            require(tensor.values.count == info.elementCount && tensor.values.allSatisfy(\.isFinite), "\(name) is not what it says")
        }
        _ = try? checkpoint.loadIntegers(name)
    }
    var count = 0
    try checkpoint.forEachChunk { count += $0.count }
    require(count == bytes.count, "the chunks are not the file")
}

/// The header's length, up to the last `}`, put before `text`.
private func withHeaderLength(_ text: [UInt8]) -> [UInt8] {
    let length = (text.lastIndex(of: UInt8(ascii: "}")) ?? text.count - 1) + 1
    return little(UInt64(length)) + text
}

/// Every published family and the language models, as tests have them.
private let models: [(fixture: String, folder: ScratchFolder)] = [
    "CodecsTests/Fixtures/tiny-dac", "CodecsTests/Fixtures/tiny-encodec-causal",
    "CodecsTests/Fixtures/tiny-encodec-centred", "CodecsTests/Fixtures/tiny-lyra", "CodecsTests/Fixtures/tiny-waveform",
    "TokenLMTests/Fixtures/tiny-lm", "TokenLMTests/Fixtures/tiny-masked",
].enumerated().map { index, name in
    let folder = ScratchFolder("model-\(index)")
    folder.copy("\(repository)/Tests/\(name)/model.safetensors", to: "model.safetensors")
    return (name, folder)
}

/// A config beside the weights of a small model of the family that it is a mutation of. What loads must code a little audio.
func loadModel(_ choice: UInt8, _ input: [UInt8]) throws {
    let (fixture, folder) = models[Int(choice) % models.count]
    folder.write(input, to: "config.json")
    let model = try ModelFolder(path: folder.path)
    if fixture.hasPrefix("TokenLM") {
        _ = try TokenLanguageModel(folder: model)
        return
    }
    let codec = try CodecRegistry.load(model)
    let description = codec.description
    let codebooks = description.layout.codebooks.count
    var encoder = try codec.makeEncoder(codebooks: codebooks)
    let ramp = (0..<500).map { Float($0 % 97) / 97 - 0.5 }
    var codes = try encoder.push(AudioBlock(channels: Array(repeating: ramp, count: description.channels)))
    codes.append(try encoder.finish())
    for (stream, codebook) in zip(codes.streams, description.layout.codebooks) {
        require(stream.allSatisfy { $0 >= 0 && Int($0) < codebook.size }, "the encoder made a code outside its codebook")
    }
    var decoder = try codec.makeDecoder(codebooks: codebooks)
    var audio = try decoder.push(codes)
    audio.append(try decoder.finish())
    require(audio.sampleCount >= 500, "500 samples came back as \(audio.sampleCount)")
}
