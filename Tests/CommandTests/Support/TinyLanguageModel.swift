import Codetta
import Foundation

/// A random token language model for `Command.tinyModel`, a few tens of kilobytes.
enum TinyLanguageModel {
    /// Writes the model to `folder`/`name`.
    @discardableResult
    static func write(
        to folder: URL, name: String = "tiny-waveform-causal-lm", codec: String = "tiny-waveform-causal", codebooks: Int = 2, size: Int = 16,
        frameRate: Double = 400, pattern: String = "delay", kind: String = "autoregressive"
    ) throws -> String {
        let (width, inner, keys) = (16, 24, 8)
        var random = CounterGenerator(seed: 7)
        var writer = SafetensorsWriter()
        func add(_ name: String, _ shape: Int..., around mean: Float = 0) {
            let values = (0..<shape.reduce(1, *)).map { _ in mean + Float(random.uniform() - 0.5) * (mean == 0 ? 0.8 : 0.1) }
            writer.add(name, Tensor(shape: shape, values: values))
        }
        for k in 0..<codebooks {
            add("embeddings.\(k).weight", size + 1, width)
            add("heads.\(k).weight", size, width)
        }
        add("future.0.weight", width, width)
        add("norm.weight", width, around: 1)
        for layer in 0..<2 {
            let path = "layers.\(layer)."
            add(path + "attention_norm.weight", width, around: 1)
            add(path + "feed_forward_norm.weight", width, around: 1)
            add(path + "attention.query.weight", width, width)
            add(path + "attention.key.weight", keys, width)
            add(path + "attention.value.weight", keys, width)
            add(path + "attention.output.weight", width, width)
            add(path + "feed_forward.gate.weight", inner, width)
            add(path + "feed_forward.up.weight", inner, width)
            add(path + "feed_forward.down.weight", width, inner)
        }
        let config: [String: Any] = [
            "model_type": "codetta-lm", "kind": kind, "codec": codec, "frame_rate": frameRate,
            "codebook_sizes": Array(repeating: size, count: codebooks),
            "codebook_strides": Array(repeating: 1, count: codebooks), "pattern": pattern, "coarse_codebooks": 1,
            "hidden_size": width, "num_layers": 2, "num_heads": 2, "num_key_value_heads": 1, "intermediate_size": inner,
            "context": 32, "rope_theta": 10000, "norm_epsilon": 1e-6, "num_classes": 0, "text_symbols": [String](),
            "future_heads": 1,
        ]
        let target = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        try JSONSerialization.data(withJSONObject: config).write(to: target.appendingPathComponent("config.json"))
        try Data(writer.serialized()).write(to: target.appendingPathComponent("model.safetensors"))
        return target.path
    }
}
