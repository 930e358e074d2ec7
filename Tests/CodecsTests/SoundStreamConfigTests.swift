import Checkpoints
import Codecs
import Foundation
import TestSupport
import Testing

@Suite struct SoundStreamConfigTests {
    private let good = """
        {"model_type": "soundstream", "sampling_rate": 24000, "channels": [6, 8, 12], "groups": [1, 2, 4], "strides": [4, 5, 3],
        "kernel_sizes": [12, 10, 6], "dilations": [1, 3], "unit_kernel_size": 3, "latent_kernel_size": 3, "negative_slope": 0.3,
        "encoder_layers": 1, "decoder_layers": 2, "expansion": 2, "kernel_size": 5, "decoder_lookahead": 1, "codebook_dim": 8,
        "num_codebooks": 3, "codebook_size": 16}
        """

    /// Loads a model folder with this config and the tiny model's weights.
    private func load(_ config: String) throws {
        let folder = try ScratchFolder()
        try folder.write(config, to: "config.json")
        try FileManager.default.copyItem(atPath: Golden.path("tiny-waveform/model.safetensors"), toPath: folder.path("model.safetensors"))
        _ = try CodecRegistry.load(ModelFolder(path: folder.path))
    }

    @Test func aGoodConfigLoads() throws { try load(good) }

    @Test(arguments: [
        ("\"strides\": [4, 5, 3]", "\"strides\": [0, 5, 3]", "strides"),
        ("\"strides\": [4, 5, 3]", "\"strides\": [-1, 5, 3]", "strides"),
        ("\"channels\": [6, 8, 12]", "\"channels\": [6, 8, 9000000000000000000]", "channels"),
        ("\"encoder_layers\": 1", "\"encoder_layers\": 1000000", "encoder_layers"),
        ("\"groups\": [1, 2, 4]", "\"groups\": [1, 2, 5]", "groups"),
        ("\"codebook_size\": 16", "\"codebook_size\": 1", "codebook_size"),
        ("\"num_codebooks\": 3", "\"num_codebooks\": 0", "num_codebooks"),
        ("\"kernel_sizes\": [12, 10, 6]", "\"kernel_sizes\": [12, 10]", "kernel_sizes"),
        ("\"decoder_lookahead\": 1", "\"decoder_lookahead\": true", "decoder_lookahead"),
        ("\"negative_slope\": 0.3", "\"negative_slope\": -0.3", "negative_slope"),
        ("\"kernel_size\": 5", "\"kernel_size\": 5.5", "kernel_size"),
        ("\"unit_kernel_size\": 3, ", "", "unit_kernel_size"),
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
            try load(good.replacingOccurrences(of: "[6, 8, 12]", with: "[6, 8, 16]"))
        }
    }

    @Test func anUnknownModelTypeIsNamed() throws {
        #expect(throws: CodecError.self) {
            try load(good.replacingOccurrences(of: "\"soundstream\"", with: "\"someone-elses\""))
        }
    }
}
