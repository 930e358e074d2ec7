/// A model on disk, laid out as on the Hugging Face hub: `config.json`, `model.safetensors` (or shards and
/// `model.safetensors.index.json`) and a card, `README.md`. A codec may have an entropy model beside them.
///
/// Names that an index file gives are plain names of files inside the folder; nothing else is followed.
public struct ModelFolder: Sendable, Equatable {
    /// Largest config and card that are read.
    static let textLimit = 1 << 20
    static let indexLimit = 16 << 20

    public let path: String

    /// - Throws: `CheckpointError.unreadable` if there is no folder with a `config.json`; `.pickle` for the path of a
    ///   pickled checkpoint.
    public init(path: String) throws {
        let isDirectory = Paths.isDirectory(path)
        if !isDirectory && isPickleName(path) { throw CheckpointError.pickle(file: path) }
        guard isDirectory else {
            throw CheckpointError.unreadable(file: path, reason: "not a model folder")
        }
        let config = Paths.join(path, "config.json")
        guard Paths.isRegularFile(config) else {
            throw CheckpointError.unreadable(file: config, reason: "no such file; a model folder needs one")
        }
        self.path = path
    }

    /// The folder's name, as the path has it unless that ends in `.` or `..`.
    public var name: String {
        let name = Paths.lastComponent(path)
        return [".", ".."].contains(name) ? Paths.lastComponent(Paths.resolved(path) ?? path) : name
    }
    public var configPath: String { Paths.join(path, "config.json") }

    /// The config, decoded strictly.
    /// - Throws: `CheckpointError.invalidConfig` naming the field, for JSON that is malformed or holds a key twice,
    ///   and for a field that is missing, of the wrong type or out of its type's range.
    public func config<Config: Decodable>(_ type: Config.Type) throws -> Config {
        try ConfigDecoder.decode(type, from: configDocument(), file: configPath)
    }

    /// The config's `model_type`, which says which codec reads the rest.
    public func modelType() throws -> String { try config(ModelTypeField.self).model_type }

    /// The weights.
    /// - Throws: `CheckpointError`; `.pickle` if only a pickled checkpoint is there.
    public func checkpoint() throws -> Checkpoint {
        let single = Paths.join(path, "model.safetensors")
        if Paths.isRegularFile(single) { return try Checkpoint(path: single) }
        let index = Paths.join(path, "model.safetensors.index.json")
        if Paths.isRegularFile(index) { return try shardedCheckpoint(index: index) }
        if let pickle = Paths.entries(path).first(where: isPickleName) {
            throw CheckpointError.pickle(file: Paths.join(path, pickle))
        }
        throw CheckpointError.unreadable(file: single, reason: "no such file")
    }

    /// The file of the codec's entropy model, `entropy.safetensors`, or nil if there is none.
    /// - Throws: `CheckpointError` for a file that cannot be read or breaks the format.
    public func entropyModel() throws -> SafetensorsFile? {
        let file = Paths.join(path, "entropy.safetensors")
        return Paths.isRegularFile(file) ? try SafetensorsFile(path: file) : nil
    }

    /// The card, or nil if there is none.
    /// - Throws: `CheckpointError.tooLarge`, `.readFailed`.
    public func card() throws -> ModelCard? {
        let file = Paths.join(path, "README.md")
        guard Paths.isRegularFile(file) else { return nil }
        return try ModelCard(text: String(decoding: ReadOnlyFile(path: file).contents(limit: Self.textLimit), as: UTF8.self))
    }

    /// Bytes of all files directly in the folder.
    public var byteCount: Int {
        Paths.entries(path).reduce(0) {
            let file = Paths.join(path, $1)
            return $0 + (Paths.isRegularFile(file) ? Paths.byteCount(file) ?? 0 : 0)
        }
    }

    private func configDocument() throws -> JSONValue {
        do {
            return try JSONValue(parsing: ReadOnlyFile(path: configPath).contents(limit: Self.textLimit))
        } catch let error as JSONError {
            throw CheckpointError.invalidConfig(field: "", reason: error.description, file: configPath)
        }
    }

    private func shardedCheckpoint(index: String) throws -> Checkpoint {
        let shardOfTensor = try ShardIndex(path: index).shardOfTensor
        var files: [SafetensorsFile] = []
        for shard in Set(shardOfTensor.values).sorted() {
            files.append(try SafetensorsFile(path: shardPath(shard, index: index)))
        }
        let checkpoint = try Checkpoint(files: files)
        for file in files {
            for tensor in file.header.tensors where shardOfTensor[tensor.name] != Paths.lastComponent(file.path) {
                throw CheckpointError.invalidIndex(
                    file: index, reason: "does not place \(tensor.name) in \(file.path), where it is")
            }
        }
        for (tensor, shard) in shardOfTensor.sorted(by: { $0.key < $1.key }) where checkpoint.info(tensor) == nil {
            throw CheckpointError.invalidIndex(file: index, reason: "places \(tensor) in \(shard), where it is not")
        }
        return checkpoint
    }

    /// The shard's path, if it is a file of this very folder once all symbolic links are followed.
    private func shardPath(_ shard: String, index: String) throws -> String {
        let file = Paths.join(path, shard)
        guard let resolved = Paths.resolved(file) else {
            throw CheckpointError.unreadable(file: file, reason: "no such file, though \(index) names it")
        }
        guard let folder = Paths.resolved(path), Paths.parent(resolved) == folder else {
            throw CheckpointError.invalidIndex(file: index, reason: "\(shard) is a link that leaves the folder")
        }
        return file
    }
}

private struct ModelTypeField: Decodable {
    let model_type: String
}

/// The `weight_map` of a `model.safetensors.index.json`.
private struct ShardIndex {
    let shardOfTensor: [String: String]

    init(path: String) throws {
        func invalid(_ reason: String) -> CheckpointError { .invalidIndex(file: path, reason: reason) }
        let document: JSONValue
        do {
            document = try JSONValue(parsing: ReadOnlyFile(path: path).contents(limit: ModelFolder.indexLimit))
        } catch let error as JSONError {
            throw invalid(error.description)
        }
        guard case .object(let members) = document, case .object(let map)? = members["weight_map"] else {
            throw invalid("no weight_map")
        }
        shardOfTensor = try map.mapValues { value in
            guard case .string(let shard) = value else { throw invalid("a shard is \(value.kindName), not a string") }
            guard Self.isPlainName(shard) else {
                throw invalid("shard \"\(shard)\" is not the plain name of a .safetensors file in this folder")
            }
            return shard
        }
    }

    private static func isPlainName(_ name: String) -> Bool {
        name.hasSuffix(".safetensors") && !name.hasPrefix(".") && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }
}
