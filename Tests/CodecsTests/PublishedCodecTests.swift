import Checkpoints
import Codecs
import Foundation
import Tensors
import Testing
import TokenStream

/// A tiny model as transformers saved it, with what transformers made of clips: written by Tools/goldens/published.py.
private struct PublishedGolden {
    /// Every one has a hop of 40 samples and a second of 4000.
    static let names = ["tiny-dac", "tiny-encodec-causal", "tiny-encodec-centred"]
    static let lengths = [1, 39, 41, 4000]

    let codec: any Codec
    private let file: SafetensorsFile

    init(_ name: String) throws {
        codec = try CodecRegistry.load(ModelFolder(path: Golden.path(name))).codec
        file = try SafetensorsFile(path: Golden.path("\(name).safetensors"))
    }

    func audio(_ samples: Int) throws -> AudioBlock { try block("audio.\(samples)") }

    func codes(_ samples: Int) throws -> Codes {
        let (shape, values) = try file.loadIntegers("codes.\(samples)")
        return Codes(streams: (0..<shape[0]).map { k in values[(k * shape[1])..<((k + 1) * shape[1])].map { Int32($0) } })
    }

    /// How much farther the second-nearest codewords were, relative to the nearest.
    func margins(_ samples: Int) throws -> [Float] { try file.load("margins.\(samples)").values }

    /// What the reference decodes from the first codebooks, by their number.
    func outputs(_ samples: Int) throws -> [(codebooks: Int, audio: AudioBlock)] {
        try (1...codec.description.layout.codebooks.count).compactMap { count in
            let name = "output.\(samples).\(count)"
            return file.header.tensors.contains { $0.name == name } ? (count, try block(name)) : nil
        }
    }

    private func block(_ name: String) throws -> AudioBlock {
        let tensor = try file.load(name)
        let count = tensor.shape[1]
        return AudioBlock(channels: (0..<tensor.shape[0]).map { Array(tensor.values[($0 * count)..<(($0 + 1) * count)]) })
    }
}

@Suite struct PublishedCodecTests {
    @Test(arguments: PublishedGolden.names, PublishedGolden.lengths)
    func codesEqualTheReferences(name: String, samples: Int) throws {
        let golden = try PublishedGolden(name)
        #expect(try golden.margins(samples).allSatisfy { $0 > 5e-4 })
        let codes = try golden.codes(samples)
        #expect(try golden.codec.codes(of: golden.audio(samples), codebooks: codes.codebookCount) == codes)
    }

    @Test(arguments: PublishedGolden.names, PublishedGolden.lengths)
    func audioEqualsTheReferencesAtEveryBitrate(name: String, samples: Int) throws {
        let golden = try PublishedGolden(name)
        let codes = try golden.codes(samples)
        let outputs = try golden.outputs(samples)
        #expect(outputs.last?.codebooks == codes.codebookCount && outputs.count > 1)
        for (codebooks, expected) in outputs {
            let audio = try golden.codec.block(of: codes.prefix(codebooks))
            #expect(audio.sampleCount == codes.streams[0].count * 40)
            for (channel, reference) in zip(audio.channels, expected.channels) {
                #expect(relativeError(Array(channel.prefix(reference.count)), reference) < 1e-5)
                // DAC's odd strides give a little less than whole frames.
                #expect(channel.count - reference.count <= 2)
                #expect(channel.dropFirst(reference.count).allSatisfy { $0 == 0 })
            }
        }
    }

    @Test(arguments: PublishedGolden.names, [1, 7, 40, 41, 1009])
    func piecesGiveWhatTheWholeGives(name: String, chunk: Int) throws {
        let golden = try PublishedGolden(name)
        let (audio, codes) = (try golden.audio(4000), try golden.codes(4000))
        #expect(try golden.codec.codes(of: audio, codebooks: codes.codebookCount, chunk: chunk) == codes)
        let whole = try golden.codec.block(of: codes)
        #expect(try golden.codec.block(of: codes, chunk: chunk) == whole)
    }

    @Test(arguments: PublishedGolden.names) func noSamplesAreNoFrames(name: String) throws {
        let golden = try PublishedGolden(name)
        let empty = AudioBlock(channelCount: golden.codec.description.channels)
        #expect(try golden.codec.codes(of: empty, codebooks: 1) == Codes(codebooks: 1))
        #expect(try golden.codec.block(of: Codes(codebooks: 1)) == empty)
    }

    /// Fed sample by sample, the decoder is never further behind than the stated latency, and once as far.
    @Test(arguments: PublishedGolden.names) func theLatencyIsTheOneStated(name: String) throws {
        let golden = try PublishedGolden(name)
        let audio = try golden.audio(4000)
        var encoder = try golden.codec.makeEncoder(codebooks: 1)
        var decoder = try golden.codec.makeDecoder(codebooks: 1)
        var (decoded, greatest) = (0, 0)
        for taken in 1...4000 {
            let codes = try encoder.encode(audio.slice((taken - 1)..<taken))
            decoded += try decoder.decode(codes).sampleCount
            greatest = max(greatest, taken - decoded)
        }
        #expect(golden.codec.description.latency == greatest + 1)
    }

    @Test(arguments: PublishedGolden.names) func theOriginalRepositorysNamesLoad(name: String) throws {
        let golden = try PublishedGolden(name)
        let file = try SafetensorsFile(path: Golden.path("\(name)/model.safetensors"))
        var writer = SafetensorsWriter()
        for tensor in file.header.tensors {
            let original = name == "tiny-dac" ? originalDACName(tensor.name) : originalEnCodecName(tensor.name)
            writer.add(original, try file.load(tensor.name))
        }
        let renamed = try loadTinyModel(name, weights: Data(writer.serialized())).codec
        let codes = try golden.codes(41)
        #expect(try renamed.codes(of: golden.audio(41), codebooks: codes.codebookCount) == codes)
        #expect(try renamed.block(of: codes) == golden.codec.block(of: codes))
    }

    @Test(arguments: [
        ("tiny-dac", "downsampling_ratios", "[]"),
        ("tiny-dac", "downsampling_ratios", "[2, 0, 4]"),
        ("tiny-dac", "downsampling_ratios", "[64, 64, 64]"),
        ("tiny-dac", "encoder_hidden_size", "9000000000000000000"),
        ("tiny-dac", "decoder_hidden_size", "36"),
        ("tiny-dac", "n_codebooks", "0"),
        ("tiny-dac", "codebook_dim", nil),
        ("tiny-encodec-causal", "upsampling_ratios", "[5, 4, -2]"),
        ("tiny-encodec-causal", "num_filters", "0"),
        ("tiny-encodec-causal", "compress", "5"),
        ("tiny-encodec-causal", "dilation_growth_rate", "1000"),
        ("tiny-encodec-causal", "kernel_size", "0"),
        ("tiny-encodec-causal", "num_lstm_layers", "0"),
        ("tiny-encodec-causal", "pad_mode", "\"circular\""),
        ("tiny-encodec-causal", "codebook_dim", "16"),
        ("tiny-encodec-causal", "target_bandwidths", "[]"),
        ("tiny-encodec-causal", "target_bandwidths", "[1e300]"),
        ("tiny-encodec-causal", "normalize", "true"),
        ("tiny-encodec-causal", "chunk_length_s", "1.0"),
        ("tiny-encodec-centred", "norm_type", "\"time_group_norm\""),
        ("tiny-encodec-centred", "trim_right_ratio", "0.5"),
    ])
    func aBadFieldIsNamed(name: String, field: String, value: String?) throws {
        do {
            _ = try loadTinyModel(name, changes: [field: value])
            Issue.record("loaded with \(field) = \(value ?? "nothing")")
        } catch let error as CheckpointError {
            #expect(error.kind == .badConfig)
            #expect(error.description.contains(field), "\(error)")
        }
    }

    @Test(arguments: [
        ("tiny-dac", "n_codebooks", "5", "quantizer.quantizers.4.codebook.weight"),
        ("tiny-dac", "downsampling_ratios", "[2, 5]", "decoder.block.2.conv_t1.weight"),
        ("tiny-encodec-causal", "num_lstm_layers", "3", "encoder.layers.10.lstm.weight_ih_l2"),
        ("tiny-encodec-causal", "use_conv_shortcut", "false", "decoder.layers.4.shortcut.conv.bias"),
    ])
    func weightsThatDoNotFitAreListed(name: String, field: String, value: String, tensor: String) throws {
        do {
            _ = try loadTinyModel(name, changes: [field: value])
            Issue.record("loaded with \(field) = \(value)")
        } catch CheckpointError.mismatch(let mismatch) {
            #expect(mismatch.problems.contains { "\($0)".contains("\(tensor) ") }, "\(mismatch)")
        }
    }
}

/// A Hugging Face name of the tiny DAC, which has three ratios, as the original repository has it.
private func originalDACName(_ name: String) -> String {
    let parts = name.split(separator: ".").map(String.init)
    let list = parts[0] == "encoder" ? "encoder.block" : "decoder.model"
    let units = ["snake1", "conv1", "snake2", "conv2"]
    switch parts[1] {
    case "conv1": return "\(list).0.\(parts[2])"
    case "snake1": return "\(list).4.\(parts[2])"
    case "conv2": return "\(list).5.\(parts[2])"
    case "block":
        let block = "\(list).\((Int(parts[2]) ?? 0) + 1).block"
        if let unit = parts[3].hasPrefix("res_unit") ? parts[3].last?.wholeNumberValue : nil {
            let place = parts[0] == "encoder" ? unit - 1 : unit + 1
            return "\(block).\(place).block.\(units.firstIndex(of: parts[4]) ?? -1).\(parts[5])"
        }
        let places = ["encoder.snake1": 3, "encoder.conv1": 4, "decoder.snake1": 0, "decoder.conv_t1": 1]
        return "\(block).\(places["\(parts[0]).\(parts[3])"] ?? -1).\(parts[4])"
    default: return name
    }
}

/// A Hugging Face name of a tiny EnCodec as the original repository has it, with weight norm's older spelling.
private func originalEnCodecName(_ name: String) -> String {
    let isTransposed = [3, 6, 7, 9, 11].contains { name.hasPrefix("decoder.layers.\($0).conv.") }
    return name.replacingOccurrences(of: ".conv.", with: isTransposed ? ".convtr.convtr." : ".conv.conv.")
        .replacingOccurrences(of: "coder.layers.", with: "coder.model.")
        .replacingOccurrences(of: "quantizer.layers.", with: "quantizer.vq.layers.")
        .replacingOccurrences(of: ".codebook.", with: "._codebook.")
        .replacingOccurrences(of: "parametrizations.weight.original0", with: "weight_g")
        .replacingOccurrences(of: "parametrizations.weight.original1", with: "weight_v")
}
