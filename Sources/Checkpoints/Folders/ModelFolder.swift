/// A model on disk, laid out as on the Hugging Face hub: `config.json`, `model.safetensors` (or shards and
/// `model.safetensors.index.json`) and a card, `README.md`. A codec may have an entropy model beside them.
///
/// Names that an index file gives are plain names of files inside the folder. Links among them are followed, as the folder's owner made
/// them. In the hub's cache (`ModelCache`), whose links stand for a repository's files, they may lead to that repository's contents alone.
public struct ModelFolder: Sendable, Equatable {
    /// Largest config and card that are read.
    public static let textLimit = 1 << 20
    /// Largest index of shards that is read.
    public static let indexLimit = 16 << 20

    /// The folder's path.
    public let path: String
    private let cached: ModelCache.Snapshot?
    /// Of a model in memory: the bytes of its files, by name.
    private let contents: [String: [UInt8]]?

    /// Folders are equal when their paths are, and of models in memory their files.
    public static func == (a: ModelFolder, b: ModelFolder) -> Bool { a.path == b.path && a.contents == b.contents }

    /// A model whose files are in memory.
    /// - Parameters:
    ///   - name: the model's, in place of a path.
    ///   - contents: the bytes of `config.json`, `model.safetensors` and whatever else a folder would have, by name. Shards are not looked for.
    /// - Throws: `CheckpointError.unreadable` without a `config.json`.
    public init(name: String, contents: [String: [UInt8]]) throws {
        guard contents["config.json"] != nil else {
            throw CheckpointError.unreadable(file: Paths.join(name, "config.json"), reason: "no such file; a model needs one")
        }
        (path, cached, self.contents) = (name, nil, contents)
    }

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
        contents = nil
        cached = ModelCache.Snapshot(path: path)
        _ = try file("config.json")
    }

    /// The repository of the hub that it comes from, if it is a folder of the hub's cache.
    public var repository: ModelCache.Repository? { cached?.repository }

    /// The repository's name without its owner, or else the folder's, as the path has it unless that ends in `.` or `..`.
    public var name: String {
        if let repository { return repository.name }
        if contents != nil { return path }
        let name = Paths.lastComponent(path)
        return [".", ".."].contains(name) ? Paths.lastComponent(Paths.resolved(path) ?? path) : name
    }
    /// Path of the folder's `config.json`.
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
        if let single = try open("model.safetensors") { return try Checkpoint(files: [SafetensorsFile(single)]) }
        let missing = CheckpointError.unreadable(file: Paths.join(path, "model.safetensors"), reason: "no such file")
        guard contents == nil else { throw missing }
        if let index = try file("model.safetensors.index.json") { return try shardedCheckpoint(index: index) }
        if let pickle = Paths.entries(path).first(where: isPickleName) {
            throw CheckpointError.pickle(file: Paths.join(path, pickle))
        }
        throw missing
    }

    /// The file of the codec's entropy model, `entropy.safetensors`, or nil if there is none.
    /// - Throws: `CheckpointError` for a file that cannot be read or breaks the format.
    public func entropyModel() throws -> SafetensorsFile? {
        try open("entropy.safetensors").map { try SafetensorsFile($0) }
    }

    /// The card, or nil if there is none.
    /// - Throws: `CheckpointError.tooLarge`, `.readFailed`.
    public func card() throws -> ModelCard? {
        guard let file = try open("README.md") else { return nil }
        return try ModelCard(text: String(decoding: file.contents(limit: Self.textLimit), as: UTF8.self))
    }

    /// Bytes of all files directly in the folder.
    public var byteCount: Int {
        if let contents { return contents.values.reduce(0) { $0 + $1.count } }
        return Paths.entries(path).reduce(0) {
            let file = Paths.join(path, $1)
            return $0 + (Paths.isRegularFile(file) ? Paths.byteCount(file) ?? 0 : 0)
        }
    }

    /// The names of the shards that the index `bytes` names, sorted.
    /// - Parameter file: its name, for messages.
    /// - Throws: `CheckpointError.invalidIndex`.
    public static func shardNames(index bytes: [UInt8], file: String) throws -> [String] {
        try Set(ShardIndex(bytes: bytes, path: file).shardOfTensor.values).sorted()
    }

    /// A file of this folder, or nil if there is none of that name.
    /// - Throws: as `file(_:)` and `ReadOnlyFile.init(path:)`.
    private func open(_ name: String) throws -> ReadOnlyFile? {
        if let contents { return contents[name].map { ReadOnlyFile(path: Paths.join(path, name), bytes: $0) } }
        return try file(name).map { try ReadOnlyFile(path: $0) }
    }

    /// The path of a file in this folder, or nil if there is none of that name.
    /// - Throws: `CheckpointError.unreadable` in the hub's cache for a link that leaves the repository's part of it.
    private func file(_ name: String) throws -> String? {
        let file = Paths.join(path, name)
        guard Paths.isRegularFile(file) else { return nil }
        if cached != nil && !staysInside(file) {
            throw CheckpointError.unreadable(file: file, reason: "a link that leaves the repository's folder in the cache")
        }
        return file
    }

    /// Whether `file`, which exists, is one of this very folder, or of its contents in the hub's cache, once all links are followed.
    private func staysInside(_ file: String) -> Bool {
        guard let target = Paths.resolved(file).flatMap(Paths.parent) else { return false }
        return target == Paths.resolved(path) || cached?.blobs.contains(target) == true
    }

    private func configDocument() throws -> JSONValue {
        do {
            let file = try open("config.json") ?? ReadOnlyFile(path: configPath)
            return try JSONValue(parsing: file.contents(limit: Self.textLimit))
        } catch let error as JSONError {
            throw CheckpointError.invalidConfig(field: "", reason: error.description, file: configPath)
        }
    }

    private func shardedCheckpoint(index: String) throws -> Checkpoint {
        let bytes = try ReadOnlyFile(path: index).contents(limit: Self.indexLimit)
        let shardOfTensor = try ShardIndex(bytes: bytes, path: index).shardOfTensor
        var files: [SafetensorsFile] = []
        for shard in Set(shardOfTensor.values).sorted() {
            files.append(try SafetensorsFile(path: shardPath(shard, index: index)))
        }
        let checkpoint = try Checkpoint(files: files)
        for file in files {
            // A tensor that the index leaves out is where it is.
            for tensor in file.header.tensors {
                guard let shard = shardOfTensor[tensor.name], shard != Paths.lastComponent(file.path) else { continue }
                throw CheckpointError.invalidIndex(
                    file: index, reason: "places \(tensor.name) in \(shard), but it is in \(file.path)")
            }
        }
        for (tensor, shard) in shardOfTensor.sorted(by: { $0.key < $1.key }) where checkpoint.info(tensor) == nil {
            throw CheckpointError.invalidIndex(file: index, reason: "places \(tensor) in \(shard), where it is not")
        }
        return checkpoint
    }

    /// The shard's path.
    /// - Throws: `CheckpointError.unreadable` if there is none, `.invalidIndex` in the hub's cache for a link that leaves the repository.
    private func shardPath(_ shard: String, index: String) throws -> String {
        let file = Paths.join(path, shard)
        guard Paths.resolved(file) != nil else {
            throw CheckpointError.unreadable(file: file, reason: "no such file, though \(index) names it")
        }
        if cached != nil && !staysInside(file) {
            throw CheckpointError.invalidIndex(file: index, reason: "\(shard) is a link that leaves the repository's folder in the cache")
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

    init(bytes: [UInt8], path: String) throws {
        func invalid(_ reason: String) -> CheckpointError { .invalidIndex(file: path, reason: reason) }
        let document: JSONValue
        do {
            document = try JSONValue(parsing: bytes)
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
