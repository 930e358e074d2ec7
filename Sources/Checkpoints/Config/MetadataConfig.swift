extension Checkpoint {
    /// A config that is stored as JSON text in the metadata, decoded as strictly as a `config.json`.
    /// - Throws: `CheckpointError.invalidConfig` naming the field, for text that is missing or malformed as well.
    public func metadataConfig<Config: Decodable>(_ type: Config.Type, key: String) throws -> Config {
        guard let text = metadata[key] else {
            throw CheckpointError.invalidConfig(field: key, reason: "is missing in the file's metadata", file: path)
        }
        do {
            return try ConfigDecoder.decode(type, from: try JSONValue(parsing: Array(text.utf8)), file: path)
        } catch let error as JSONError {
            throw CheckpointError.invalidConfig(field: key, reason: error.description, file: path)
        }
    }
}
