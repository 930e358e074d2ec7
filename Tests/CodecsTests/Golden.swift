import Checkpoints
import Codecs
import Foundation
import Tensors
import TokenStream

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
        Bundle.module.resourceURL!.appendingPathComponent("Fixtures/\(name)").path
    }
}

/// A model of this repository.
func shippedModel(_ name: String) throws -> LoadedModel {
    let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try CodecRegistry.load(ModelFolder(path: root.appendingPathComponent("Models/\(name)").path))
}

extension Codec {
    /// Codes of `audio`, passed in pieces of `chunk` samples; nil = whole.
    func codes(of audio: [Float], codebooks: Int, chunk: Int? = nil) throws -> Codes {
        var encoder = try makeEncoder(codebooks: codebooks)
        var codes = Codes(codebooks: codebooks)
        for start in stride(from: 0, to: audio.count, by: chunk ?? max(audio.count, 1)) {
            let piece = audio[start..<min(audio.count, start + (chunk ?? audio.count))]
            codes.append(try encoder.encode(AudioBlock(mono: Array(piece))))
        }
        codes.append(try encoder.finish())
        return codes
    }

    /// Audio of `codes`, passed in pieces of `chunk` frames; nil = whole.
    func audio(of codes: Codes, chunk: Int? = nil) throws -> [Float] {
        var decoder = try makeDecoder(codebooks: codes.codebookCount)
        var audio: [Float] = []
        let count = codes.streams[0].count
        for start in stride(from: 0, to: count, by: chunk ?? max(count, 1)) {
            let range = start..<min(count, start + (chunk ?? count))
            audio += try decoder.decode(Codes(streams: codes.streams.map { Array($0[range]) })).channels[0]
        }
        return audio + (try decoder.finish().channels[0])
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
