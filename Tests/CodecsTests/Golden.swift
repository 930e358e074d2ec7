import Checkpoints
import Codecs
import Foundation
import Kernels
import Spectral
import TestSupport
import Testing
import Tokens

/// A fixture that Tools/train/golden.py wrote: what PyTorch makes of one clip.
struct Golden {
    let audio: [Float]
    /// `[codebooks][frames]`.
    let codes: [[Int32]]
    /// Per code: how much farther the second-nearest codeword was, relative to the nearest.
    let margins: [[Float]]
    /// Decoded from all codebooks.
    let output: [Float]
    /// Decoded from the first half of the codebooks.
    let outputHalf: [Float]

    init(_ name: String) throws {
        let file = try SafetensorsFile(path: Self.path("\(name).safetensors"))
        audio = try file.load("audio").values
        output = try file.load("output").values
        outputHalf = try file.load("output_half").values
        let (shape, values) = try file.loadIntegers("codes")
        codes = (0..<shape[0]).map { k in values[(k * shape[1])..<((k + 1) * shape[1])].map { Int32($0) } }
        let margin = try file.load("margins").values
        margins = (0..<shape[0]).map { k in Array(margin[(k * shape[1])..<((k + 1) * shape[1])]) }
    }

    static func path(_ name: String) -> String {
        Bundle.module.fixture(name)
    }
}

/// A model of this repository.
func shippedModel(_ name: String) throws -> any Codec {
    try CodecRegistry.load(ModelFolder(path: PackageFolder.path("Models/\(name)")))
}

/// A tiny model of the fixtures after fields of its config got other values, or none, and it other weights.
/// - Parameter mayAdd: whether fields may be new to the config.
func loadTinyModel(
    _ name: String, changes: [String: String?] = [:], mayAdd: Bool = false, weights: Data? = nil
) throws -> any Codec {
    try withTinyModel(name, changes: changes, mayAdd: mayAdd, weights: weights) { try CodecRegistry.load($0) }
}

/// What `load` makes of the folder of such a model, which is there for so long.
func withTinyModel<Model>(
    _ name: String, changes: [String: String?] = [:], mayAdd: Bool = false, weights: Data? = nil,
    load: (ModelFolder) throws -> Model
) throws -> Model {
    let good = try Data(contentsOf: URL(fileURLWithPath: Golden.path("\(name)/config.json")))
    var config = try #require(JSONSerialization.jsonObject(with: good) as? [String: Any])
    for (field, value) in changes {
        #expect(config[field] != nil || mayAdd)
        config[field] = try value.map { try JSONSerialization.jsonObject(with: Data($0.utf8), options: .fragmentsAllowed) }
    }
    let folder = try ScratchFolder()
    try folder.write(JSONSerialization.data(withJSONObject: config), to: "config.json")
    let file = URL(fileURLWithPath: Golden.path("\(name)/model.safetensors"))
    try folder.write(weights ?? Data(contentsOf: file), to: "model.safetensors")
    return try withExtendedLifetime(folder) { try load(ModelFolder(path: folder.path)) }
}

extension Codec {
    /// Codes of `audio`, passed in pieces of `chunk` samples; nil = whole.
    func codes(of audio: AudioBlock, codebooks: Int, chunk: Int? = nil) throws -> Codes {
        var encoder = try makeEncoder(codebooks: codebooks)
        var codes = Codes(codebooks: codebooks)
        let count = audio.sampleCount
        for start in stride(from: 0, to: count, by: chunk ?? max(count, 1)) {
            codes.append(try encoder.push(audio.slice(start..<min(count, start + (chunk ?? count)))))
        }
        codes.append(try encoder.finish())
        return codes
    }

    func codes(of audio: [Float], codebooks: Int, chunk: Int? = nil) throws -> Codes {
        try codes(of: AudioBlock(mono: audio), codebooks: codebooks, chunk: chunk)
    }

    /// Audio of `codes`, passed in pieces of `chunk` frames; nil = whole. Of each codebook a piece has the codes that begin in it.
    func block(of codes: Codes, chunk: Int? = nil) throws -> AudioBlock {
        var decoder = try makeDecoder(codebooks: codes.codebookCount)
        var audio = AudioBlock(channelCount: description.channels)
        let strides = description.layout.codebooks.map(\.stride)
        let count = codes.streams[0].count * strides[0]
        for start in stride(from: 0, to: count, by: chunk ?? max(count, 1)) {
            let end = min(count, start + (chunk ?? count))
            let streams = zip(codes.streams, strides).map { stream, stride in
                Array(stream[((start + stride - 1) / stride)..<((end + stride - 1) / stride)])
            }
            let segments = codes.segments.filter { (start..<end).contains($0.frame) }
                .map { CodeSegment(frame: $0.frame - start, scale: $0.scale) }
            audio.append(try decoder.push(Codes(streams: streams, segments: segments)))
        }
        audio.append(try decoder.finish())
        return audio
    }

    func audio(of codes: Codes, chunk: Int? = nil) throws -> [Float] {
        try block(of: codes, chunk: chunk).channels[0]
    }
}

/// Root mean square of a − b over that of b.
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
    var error = 0.0
    var energy = 0.0
    for (x, y) in zip(a, b) {
        error += Double(x - y) * Double(x - y)
        energy += Double(y) * Double(y)
    }
    return (error / energy).squareRoot()
}

extension CodecRegistry {
    /// As module Codetta loads models.
    static func load(_ folder: ModelFolder) throws -> any Codec { try load(folder, transforms: .standard) }
}
