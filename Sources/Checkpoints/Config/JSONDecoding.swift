extension JSONValue {
    /// The value as a `T`, decoded as strictly as a config.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    package func decoded<T: Decodable>(as type: T.Type, file: String) throws -> T {
        try ConfigDecoder.decode(type, from: self, file: file)
    }
}
