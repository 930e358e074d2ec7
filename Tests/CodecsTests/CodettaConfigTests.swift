import Checkpoints
import Codecs
import Foundation
import TestSupport
import Testing

@Suite struct CodettaConfigTests {
    private let good = """
        {"model_type": "codetta", "sampling_rate": 24000, "hop_length": 60, "transform": "stft", "noise_filling": false,
        "hidden_size": 32, "expansion": 3, "kernel_size": 5, "encoder_layers": 2, "decoder_layers": 2, "decoder_lookahead": 1,
        "num_bands": 8, "codebook_dim": 8, "num_codebooks": 3, "codebook_size": 16, "compression": 0.05, "joint_compression": true}
        """

    /// Loads a model folder with this config and the tiny model's weights.
    private func load(_ config: String) throws {
        let folder = try ScratchFolder()
        try folder.write(config, to: "config.json")
        try FileManager.default.copyItem(atPath: Golden.path("tiny-joint/model.safetensors"), toPath: folder.path("model.safetensors"))
        _ = try CodecRegistry.load(ModelFolder(path: folder.path))
    }

    @Test func aGoodConfigLoads() throws { try load(good) }

    @Test(arguments: [
        ("\"hop_length\": 60", "\"hop_length\": 0", "hop_length"),
        ("\"hop_length\": 60", "\"hop_length\": -1", "hop_length"),
        ("\"hidden_size\": 32", "\"hidden_size\": 9000000000000000000", "hidden_size"),
        ("\"encoder_layers\": 2", "\"encoder_layers\": 1000000", "encoder_layers"),
        ("\"num_bands\": 8", "\"num_bands\": 61", "num_bands"),
        ("\"codebook_size\": 16", "\"codebook_size\": 1", "codebook_size"),
        ("\"num_codebooks\": 3", "\"num_codebooks\": 0", "num_codebooks"),
        ("\"transform\": \"stft\"", "\"transform\": \"dct\"", "transform"),
        ("\"noise_filling\": false", "\"noise_filling\": true", "noise_filling"),
        ("\"compression\": 0.05", "\"compression\": 0", "compression"),
        ("\"kernel_size\": 5", "\"kernel_size\": 5.5", "kernel_size"),
        ("\"kernel_size\": 5, ", "", "kernel_size"),
    ])
    func aBadFieldIsNamed(from: String, to: String, field: String) throws {
        let config = good.replacingOccurrences(of: from, with: to)
        #expect(config != good)
        do {
            try load(config)
            Issue.record("loaded with \(to)")
        } catch let error as CheckpointError {
            #expect(error.kind == .badConfig)
            #expect(error.description.contains(field), "\(error)")
        }
    }

    @Test func weightsOfAnotherShapeAreListed() throws {
        #expect(throws: CheckpointError.self) {
            try load(good.replacingOccurrences(of: "\"hidden_size\": 32", with: "\"hidden_size\": 64"))
        }
    }

    @Test func anUnknownModelTypeIsNamed() throws {
        #expect(throws: CodecError.self) {
            try load(good.replacingOccurrences(of: "\"codetta\"", with: "\"someone-elses\""))
        }
    }
}
