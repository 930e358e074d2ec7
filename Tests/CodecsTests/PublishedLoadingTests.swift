import Checkpoints
import Codecs
import Foundation
import Testing

/// What checkpoints of published codecs may look like, and how those that do not fit are refused.
@Suite struct PublishedLoadingTests {
    @Test func aFamilyLoadsItsOwnModelsAlone() throws {
        let folder = try ModelFolder(path: Golden.path("tiny-dac"))
        let golden = try PublishedGolden("tiny-dac")
        #expect(try DACCodec(folder).codes(of: golden.audio(41), codebooks: 1) == golden.codec.codes(of: golden.audio(41), codebooks: 1))
        #expect(throws: CodecError.otherFamily(model: "tiny-dac", modelType: "dac", expected: ["encodec"])) { try EnCodecCodec(folder) }
        #expect {
            try withTinyModel("tiny-dac", changes: ["codebook_dim": "5"]) { try DACCodec($0) }
        } throws: { "\($0)".contains("quantizer") }
    }

    @Test(arguments: PublishedGolden.renamed) func theOriginalRepositorysNamesLoad(name: String) throws {
        let golden = try PublishedGolden(name)
        let file = try SafetensorsFile(path: Golden.path("\(name)/model.safetensors"))
        var writer = SafetensorsWriter()
        for tensor in file.header.tensors {
            let original = name == "tiny-dac" ? originalDACName(tensor.name) : originalEnCodecName(tensor.name)
            writer.add(original, try file.load(tensor.name))
        }
        let renamed = try loadTinyModel(name, weights: Data(writer.serialized()))
        let codes = try golden.codes(41)
        #expect(try renamed.codes(of: golden.audio(41), codebooks: codes.codebookCount) == codes)
        #expect(try renamed.block(of: codes) == golden.codec.block(of: codes))
    }

    /// Published configs state the rate of the codes and the rotary embedding's base elsewhere than transformers 5.
    @Test(arguments: [("100", true), ("100.0", true), ("200.0", false), ("1e-300", false), ("0", false)])
    func mimisFrameRateMayBeStated(rate: String, isGood: Bool) throws {
        let golden = try PublishedGolden("tiny-mimi")
        let changes = ["frame_rate": rate, "rope_theta": "10000.0", "rope_parameters": nil]
        func load() throws -> any Codec { try loadTinyModel("tiny-mimi", changes: changes, mayAdd: true) }
        guard isGood else {
            #expect { try load() } throws: { "\($0)".contains("frame_rate") }
            return
        }
        #expect(try load().codes(of: golden.audio(41), codebooks: 4) == golden.codes(41))
    }

    /// A published checkpoint may spell weight norm otherwise than the reference saves it today.
    @Test(arguments: [("weight_g", "weight_v"), ("", "weight")]) func snacLoadsInEverySpellingOfWeightNorm(
        gain: String, direction: String
    ) throws {
        let golden = try PublishedGolden("tiny-snac")
        let file = try SafetensorsFile(path: Golden.path("tiny-snac/model.safetensors"))
        var writer = SafetensorsWriter()
        for tensor in file.header.tensors where !(gain.isEmpty && tensor.name.hasSuffix("weight.original0")) {
            var values = try file.load(tensor.name)
            if gain.isEmpty && tensor.name.hasSuffix("weight.original1") {
                values = folded(values, gains: try file.load(tensor.name.replacingOccurrences(of: "original1", with: "original0")).values)
            }
            let name = tensor.name.replacingOccurrences(of: "parametrizations.weight.original0", with: gain)
                .replacingOccurrences(of: "parametrizations.weight.original1", with: direction)
            writer.add(name, values)
        }
        let codec = try loadTinyModel("tiny-snac", weights: Data(writer.serialized()))
        let codes = try golden.codes(4000)
        #expect(try codec.codes(of: golden.audio(4000), codebooks: 3) == codes)
        #expect(try relativeError(codec.block(of: codes).channels[0], golden.codec.block(of: codes).channels[0]) < 1e-5)
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
        ("tiny-encodec-causal", "chunk_length_s", "1e9"),
        ("tiny-encodec-segments", "chunk_length_s", "0.001"),
        ("tiny-encodec-segments", "overlap", nil),
        ("tiny-encodec-segments", "overlap", "1.0"),
        ("tiny-encodec-segments", "norm_type", "\"layer_norm\""),
        ("tiny-encodec-causal", "num_lstm_layers", nil),
        ("tiny-encodec-centred", "norm_type", "\"time_group_norm\""),
        ("tiny-encodec-centred", "trim_right_ratio", "0.5"),
        ("tiny-mimi", "upsampling_ratios", "[5, 0]"),
        ("tiny-mimi", "hidden_size", "-16"),
        ("tiny-mimi", "hidden_act", "\"relu\""),
        ("tiny-mimi", "num_attention_heads", "3"),
        ("tiny-mimi", "num_attention_heads", "0"),
        ("tiny-mimi", "num_key_value_heads", "3"),
        ("tiny-mimi", "head_dim", "5"),
        ("tiny-mimi", "num_hidden_layers", "4000000000"),
        ("tiny-mimi", "intermediate_size", "0"),
        ("tiny-mimi", "sliding_window", "0"),
        ("tiny-mimi", "norm_eps", "0"),
        ("tiny-mimi", "rope_parameters", "{\"rope_type\": \"yarn\", \"rope_theta\": 10000.0}"),
        ("tiny-mimi", "rope_parameters", "{\"rope_theta\": -1}"),
        ("tiny-mimi", "upsample_groups", "3"),
        ("tiny-mimi", "codebook_dim", "4"),
        ("tiny-mimi", "num_quantizers", "1"),
        ("tiny-mimi", "num_semantic_quantizers", "4"),
        ("tiny-mimi", "audio_channels", "3"),
        ("tiny-snac", "encoder_rates", "[2, 5, 1]"),
        ("tiny-snac", "decoder_rates", "[4, 5, 4]"),
        ("tiny-snac", "decoder_dim", "12"),
        ("tiny-snac", "encoder_dim", "1000000000000000000"),
        ("tiny-snac", "vq_strides", "[4, 3, 1]"),
        ("tiny-snac", "vq_strides", "[]"),
        ("tiny-snac", "vq_strides", "[4, 0]"),
        ("tiny-snac", "codebook_size", "1"),
        ("tiny-snac", "codebook_dim", "0"),
        ("tiny-snac", "attn_window_size", "4"),
        ("tiny-snac-attention", "attn_window_size", "0"),
        ("tiny-snac-attention", "decoder_dim", "32"),
        ("tiny-wavtokenizer", "dim", "48"),
        ("tiny-wavtokenizer", "intermediate_dim", "-1"),
        ("tiny-wavtokenizer", "num_layers", "0"),
        ("tiny-wavtokenizer", "adanorm_num_embeddings", "0"),
        ("tiny-wavtokenizer", "n_fft", "20"),
        ("tiny-wavtokenizer", "n_fft", "161"),
        ("tiny-wavtokenizer", "hop_length", "20"),
        ("tiny-wavtokenizer", "padding", "\"center\""),
        ("tiny-wavtokenizer", "codebook_size", "1"),
        ("tiny-vocos-encodec", "bandwidths", "[]"),
        ("tiny-vocos-encodec", "bandwidths", "[0.4, 0.8, 0.9]"),
        ("tiny-vocos-encodec", "bandwidths", "[0.4, 0.8, 1e300]"),
        ("tiny-vocos-encodec", "adanorm_num_embeddings", "2"),
        ("tiny-vocos-encodec", "adanorm_num_embeddings", "null"),
        ("tiny-vocos-encodec", "n_fft", "30"),
        ("tiny-vocos-encodec", "padding", "\"center\""),
        ("tiny-vocos-encodec", "hop_length", "20"),
        ("tiny-vocos-encodec", "hidden_size", "0"),
        ("tiny-languagecodec", "num_quantizers", "2"),
        ("tiny-languagecodec", "num_quantizers", nil),
        ("tiny-languagecodec", "hidden_size", "2"),
        ("tiny-languagecodec", "sampling_rate", "1"),
        ("tiny-xcodec", "sample_rate", "0"),
        ("tiny-xcodec", "target_bandwidths", "[]"),
        ("tiny-xcodec", "target_bandwidths", "[-1e300]"),
        ("tiny-encodec-causal", "target_bandwidths", "[-1e300]"),
        ("tiny-xcodec", "codebook_dim", "3"),
        ("tiny-xcodec", "strides", "[1, 2]"),
        ("tiny-xcodec", "channel_ratios", "[1, 2]"),
        ("tiny-xcodec", "kernel_size", "2"),
        ("tiny-xcodec", "unit_kernel_size", "0"),
        ("tiny-xcodec", "block_dilations", "[0]"),
        ("tiny-xcodec", "acoustic_model_config", nil),
        ("tiny-xcodec", "semantic_model_config", "{}"),
        ("tiny-hificodec", "upsample_rates", "[]"),
        ("tiny-hificodec", "upsample_rates", "[8, 0]"),
        ("tiny-hificodec", "upsample_kernel_sizes", "[16]"),
        ("tiny-hificodec", "upsample_kernel_sizes", "[16, 12]"),
        ("tiny-hificodec", "upsample_kernel_sizes", "[6, 11]"),
        ("tiny-hificodec", "upsample_initial_channel", "18"),
        ("tiny-hificodec", "encoder_initial_channel", "4"),
        ("tiny-hificodec", "encoder_initial_channel", "9000000000000000000"),
        ("tiny-hificodec", "resblock", "\"2\""),
        ("tiny-hificodec", "resblock", "1"),
        ("tiny-hificodec", "resblock_kernel_sizes", "[3, 4]"),
        ("tiny-hificodec", "resblock_kernel_sizes", "[]"),
        ("tiny-hificodec", "resblock_dilation_sizes", "[[1, 3, 5]]"),
        ("tiny-hificodec", "resblock_dilation_sizes", "[[1, 3, 5], [1, 3]]"),
        ("tiny-hificodec", "resblock_dilation_sizes", "[[1, 3, 5], [1, 3, 0]]"),
        ("tiny-hificodec", "n_code_groups", "3"),
        ("tiny-hificodec", "n_codes", "1"),
        ("tiny-bigcodec", "encoder_up_ratios", "[2, 4, 0]"),
        ("tiny-bigcodec", "decoder_up_ratios", "[5, 4]"),
        ("tiny-bigcodec", "ngf", "0"),
        ("tiny-bigcodec", "hidden_size", "-1"),
        ("tiny-bigcodec", "upsample_initial_channel", "20"),
        ("tiny-bigcodec", "rnn_num_layers", "0"),
        ("tiny-bigcodec", "codebook_size", "1"),
        ("tiny-bigcodec", "codebook_dim", nil),
    ])
    func aBadFieldIsNamed(name: String, field: String, value: String?) throws {
        try aBadFieldIsNamed(name: name, field: field, value: value, named: field)
    }

    /// - Parameter named: what the message must hold.
    private func aBadFieldIsNamed(name: String, field: String, value: String?, named: String) throws {
        do {
            _ = try loadTinyModel(name, changes: [field: value])
            Issue.record("loaded with \(field) = \(value ?? "nothing")")
        } catch let error as CheckpointError {
            #expect(error.kind == .badConfig)
            #expect(error.description.contains(named), "\(error)")
        }
    }

    @Test(arguments: [
        ("semantic_model_config", "model_type", "\"wavlm\""),
        ("semantic_model_config", "feat_extract_norm", "\"layer\""),
        ("semantic_model_config", "do_stable_layer_norm", "true"),
        ("semantic_model_config", "conv_bias", "true"),
        ("semantic_model_config", "num_attention_heads", "3"),
        ("semantic_model_config", "num_hidden_layers", "1000000"),
        ("semantic_model_config", "conv_kernel", "[10, 8]"),
        ("semantic_model_config", "conv_kernel", "[4, 8, 2]"),
        ("semantic_model_config", "num_conv_pos_embedding_groups", "3"),
        ("semantic_model_config", "layer_norm_eps", "0"),
        ("acoustic_model_config", "downsampling_ratios", "[64, 64, 64]"),
        ("acoustic_model_config", "upsampling_ratios", "[5, 4]"),
        ("acoustic_model_config", "encoder_hidden_size", "-1"),
        ("acoustic_model_config", "decoder_hidden_size", "12"),
    ])
    func aBadFieldOfAPartOfXCodecIsNamed(part: String, field: String, value: String) throws {
        let file = try Data(contentsOf: URL(fileURLWithPath: Golden.path("tiny-xcodec/config.json")))
        let config = try #require(JSONSerialization.jsonObject(with: file) as? [String: Any])
        var fields = try #require(config[part] as? [String: Any])
        fields[field] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
        let text = String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
        try aBadFieldIsNamed(name: "tiny-xcodec", field: part, value: text, named: field)
    }

    /// Frames of the semantic model that are not those of the acoustic one.
    @Test func xCodecsModelsMustKeepStep() throws {
        let changed = "{\"conv_stride\": [5, 2, 2], "
        let file = try String(contentsOfFile: Golden.path("tiny-xcodec/config.json"), encoding: .utf8)
        let config = try #require(JSONSerialization.jsonObject(with: Data(file.utf8)) as? [String: Any])
        var fields = try #require(config["semantic_model_config"] as? [String: Any])
        fields["conv_stride"] = nil
        let rest = String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
        try aBadFieldIsNamed(
            name: "tiny-xcodec", field: "semantic_model_config", value: changed + rest.dropFirst(), named: "acoustic_model_config")
    }

    @Test(arguments: [
        ("tiny-dac", "n_codebooks", "5", "quantizer.quantizers.4.codebook.weight"),
        ("tiny-dac", "downsampling_ratios", "[2, 5]", "decoder.block.2.conv_t1.weight"),
        ("tiny-encodec-causal", "num_lstm_layers", "3", "encoder.layers.10.lstm.weight_ih_l2"),
        ("tiny-encodec-causal", "use_conv_shortcut", "false", "decoder.layers.4.shortcut.conv.bias"),
        ("tiny-mimi", "num_hidden_layers", "3", "decoder_transformer.layers.2.mlp.fc1.weight"),
        ("tiny-mimi", "attention_bias", "true", "encoder_transformer.layers.0.self_attn.o_proj.bias"),
        ("tiny-mimi", "num_quantizers", "3", "quantizer.acoustic_residual_vector_quantizer.layers.2.codebook.embed_sum"),
        ("tiny-wavtokenizer", "num_layers", "3", "backbone.convnext.2.pwconv1.weight"),
        ("tiny-vocos-encodec", "codebook_size", "8", "quantizer.layers.0.codebook.embed"),
        ("tiny-xcodec", "block_dilations", "[1, 2, 4]", "encoder_semantic.conv_blocks.1.res_units.2.conv1.weight"),
        ("tiny-xcodec", "target_bandwidths", "[2.0]", "quantizer.quantizers.4.codebook.embed"),
        ("tiny-languagecodec", "num_quantizers", "6", "quantizer.layers.5.codebook.embed"),
        ("tiny-languagecodec", "adanorm_num_embeddings", "3", "backbone.convnext.1.norm.scale.weight"),
        ("tiny-hificodec", "n_code_groups", "1", "quantizer.quantizer_modules2.1.embedding.weight"),
        ("tiny-hificodec", "resblock_kernel_sizes", "[3, 7]", "generator.resblocks.3.convs2.2.weight_v"),
        ("tiny-bigcodec", "rnn_num_layers", "2", "decoder.model.1.lstm.weight_hh_l1"),
        ("tiny-bigcodec", "codebook_dim", "5", "quantizer.quantizers.0.codebook.weight"),
        ("tiny-snac", "vq_strides", "[4, 2]", "quantizer.quantizers.2.codebook.weight"),
        ("tiny-snac", "noise", "false", "decoder.model.2.block.2.block.0.alpha"),
        ("tiny-snac-attention", "depthwise", "false", "encoder.block.1.block.0.block.1.parametrizations.weight.original1"),
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
func originalEnCodecName(_ name: String) -> String {
    let isTransposed = [3, 6, 7, 9, 11].contains { name.hasPrefix("decoder.layers.\($0).") && !name.contains(".block.") }
        && !name.contains(".shortcut.")
    return name.replacingOccurrences(of: ".conv.", with: isTransposed ? ".convtr.convtr." : ".conv.conv.")
        .replacingOccurrences(of: ".norm.", with: isTransposed ? ".convtr.norm." : ".conv.norm.")
        .replacingOccurrences(of: "coder.layers.", with: "coder.model.")
        .replacingOccurrences(of: "quantizer.layers.", with: "quantizer.vq.layers.")
        .replacingOccurrences(of: ".codebook.", with: "._codebook.")
        .replacingOccurrences(of: "parametrizations.weight.original0", with: "weight_g")
        .replacingOccurrences(of: "parametrizations.weight.original1", with: "weight_v")
}

/// Weight norm's directions `v` `[rows, …]` scaled to the lengths `gains`.
private func folded(_ v: Tensor, gains: [Float]) -> Tensor {
    let columns = v.values.count / gains.count
    var values = v.values
    for (row, gain) in gains.enumerated() {
        let range = (row * columns)..<((row + 1) * columns)
        let length = v.values[range].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        for i in range { values[i] *= Float(Double(gain) / length) }
    }
    return Tensor(shape: v.shape, values: values)
}
