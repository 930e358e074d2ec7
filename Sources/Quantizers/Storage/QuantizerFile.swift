import Checkpoints

/// One quantizer as one safetensors file: tensors, and the config as JSON text in the metadata `quantizer_config`.
public enum QuantizerFile {
    static let configKey = "quantizer_config"

    /// The file's bytes. The same quantizer always gives the same ones.
    /// - Parameter metadata: further strings to keep with it, such as what it was fitted to.
    /// - Throws: `QuantizerError.notStorable`.
    public static func encode(_ quantizer: any StorableQuantizer, metadata: [String: String] = [:]) throws -> [UInt8] {
        var writer = SafetensorsWriter(metadata: metadata)
        try quantizer.store(in: &writer, path: "")
        writer.metadata[configKey] = String(decoding: try JSONText.encode(quantizer.config), as: UTF8.self)
        return writer.serialized()
    }

    /// The quantizer of a file.
    /// - Throws: `CheckpointError` for a file that is not one, lacks a tensor or has one too many; `QuantizerError` for a
    ///   config that no quantizer can have.
    public static func load(path: String) throws -> any StorableQuantizer {
        let checkpoint = try Checkpoint(path: path)
        let config = try checkpoint.metadataConfig(QuantizerConfig.self, key: configKey)
        return try checkpoint.build { try config.build($0) }
    }
}
