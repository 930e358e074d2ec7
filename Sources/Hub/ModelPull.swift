import Checkpoints

/// Fetches a model from the hub into the cache: its config, its weights (one safetensors file, or shards and their index), its
/// card and its entropy model. No other file is asked for.
///
/// Until the weights come nothing is written; a run that ends early leaves what it has of them, which the next one completes. The model
/// appears in the cache when all of it is there.
public struct ModelPull: Sendable {
    /// What is fetched, once that is known.
    public struct Plan: Sendable, Equatable {
        /// `owner/name`.
        public let repository: String
        /// The commit that the revision stands for.
        public let commit: String
        /// As the model's card states it.
        public let license: String?
        /// Files of the model.
        public let fileCount: Int
        /// Bytes of all files.
        public let byteCount: Int
        /// Bytes of those that are not in the cache yet.
        public let missingByteCount: Int
    }

    /// What happens, for messages; calls come one at a time.
    public enum Event: Sendable, Equatable {
        /// What is to be fetched is known.
        case planned(Plan)
        /// Another process fetches this file.
        case waiting(file: String)
        /// Bytes of a file that are there, and bytes in all.
        case progress(file: String, bytes: Int, of: Int)
        /// Its hub states no SHA-256: only the size was checked.
        case unverified(file: String)
    }

    /// A model in the cache.
    public struct Result: Sendable {
        /// The model's folder in the cache.
        public let folder: ModelFolder
        /// Nil without a connection.
        public let plan: Plan?
    }

    private static let configName = "config.json"
    private static let weightsName = "model.safetensors"
    private static let indexName = "model.safetensors.index.json"
    /// Most shards, and most bytes of them all.
    private static let maximumShards = 1000
    private static let maximumWeights = 1 << 40

    private let settings: HubSettings
    private let modelTypes: Set<String>
    private let isCancelled: @Sendable () -> Bool

    /// - Parameters:
    ///   - modelTypes: the only ones that are fetched.
    ///   - isCancelled: asked often; once it says so, `run` ends within about a second.
    public init(
        settings: HubSettings, modelTypes: some Sequence<String>, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.settings = settings
        self.modelTypes = Set(modelTypes)
        self.isCancelled = isCancelled
    }

    /// - Parameters:
    ///   - name: a repository, `owner/name`, or one of `KnownModels`.
    ///   - revision: a branch, a tag or a commit.
    /// - Throws: `HubError`; `CheckpointError` for files that are not what they should be; `CancellationError`.
    public func run(_ name: String, revision: String = "main", report: @escaping @Sendable (Event) -> Void) throws -> Result {
        guard let repository = ModelCache.Repository(KnownModels.repositories[name] ?? name) else {
            throw HubError.unknownName(name, known: KnownModels.repositories.keys.sorted())
        }
        guard ModelCache.isRevision(revision) else {
            throw HubError.repositoryNotFound(repository: repository.description, revision: revision)
        }
        if settings.isOffline {
            guard let folder = settings.cache.snapshot(of: repository, revision: revision) else {
                throw HubError.offline(repository: repository.description, cache: settings.cache.path)
            }
            return Result(folder: folder, plan: nil)
        }
        let fetch = Fetch(settings: settings, repository: repository, isCancelled: isCancelled)
        let files = try describe(fetch, repository, revision)
        let plan = try self.plan(files, fetch, repository)
        report(.planned(plan))
        for weights in files.weights { try fetch.download(weights, report: report) }
        for small in files.small { try fetch.store(small) }
        try fetch.store.publish(files.weights + files.small.map(\.file), revision: revision)
        guard let folder = settings.cache.snapshot(of: repository, revision: revision) else {
            throw HubError.cannotWrite(path: settings.cache.folder(of: repository), reason: "the model is not there after all")
        }
        return Result(folder: folder, plan: plan)
    }

    /// Small files, with their bytes, and those that come straight into the cache.
    private struct Files {
        var small: [SmallFile] = []
        var weights: [RemoteFile] = []
    }

    private func describe(_ fetch: Fetch, _ repository: ModelCache.Repository, _ revision: String) throws -> Files {
        guard let config = try fetch.small(Self.configName, revision: revision, limit: ModelFolder.textLimit) else {
            throw HubError.noFile(repository: repository.description, file: Self.configName)
        }
        let type = try Self.modelType(config, repository)
        guard let type, modelTypes.contains(type) else {
            // Nothing but a plain name is worth showing.
            throw HubError.unsupported(
                repository: repository.description, modelType: type.flatMap { ModelCache.isPlainName($0) ? $0 : nil })
        }
        // All files of one commit, whatever happens to the revision meanwhile.
        let commit = config.file.commit
        var files = Files(small: [config])
        if let single = try fetch.client.describe(Self.weightsName, revision: commit) {
            files.weights = [single]
        } else if let index = try fetch.small(Self.indexName, revision: commit, limit: ModelFolder.indexLimit) {
            files.small.append(index)
            files.weights = try shards(index, fetch, repository)
        } else {
            throw HubError.noWeights(repository: repository.description)
        }
        if let card = try fetch.small("README.md", revision: commit, limit: ModelFolder.textLimit) { files.small.append(card) }
        if let entropy = try fetch.client.describe("entropy.safetensors", revision: commit) { files.weights.append(entropy) }
        return files
    }

    private func shards(_ index: SmallFile, _ fetch: Fetch, _ repository: ModelCache.Repository) throws -> [RemoteFile] {
        let names = try ModelFolder.shardNames(index: index.bytes, file: "\(repository)/\(Self.indexName)")
        guard names.count <= Self.maximumShards else {
            throw HubError.invalidAnswer(file: Self.indexName, reason: "names \(names.count) shards, at most \(Self.maximumShards)")
        }
        return try names.map { name in
            guard let shard = try fetch.client.describe(name, revision: index.file.commit) else {
                throw HubError.noFile(repository: repository.description, file: name)
            }
            return shard
        }
    }

    private func plan(_ files: Files, _ fetch: Fetch, _ repository: ModelCache.Repository) throws -> Plan {
        var (total, missing) = (0, 0)
        for file in files.weights + files.small.map(\.file) {
            guard file.size <= Self.maximumWeights - total else {
                throw HubError.tooLarge(file: file.name, size: file.size, limit: Self.maximumWeights - total)
            }
            total += file.size
            if !fetch.store.has(file) { missing += file.size - fetch.store.partSize(of: file) }
        }
        let card = files.small.first { $0.file.name == "README.md" }.map { ModelCard(text: String(decoding: $0.bytes, as: UTF8.self)) }
        return Plan(
            repository: repository.description, commit: files.small[0].file.commit, license: card?.license,
            fileCount: files.weights.count + files.small.count, byteCount: total, missingByteCount: missing)
    }

    private static func modelType(_ config: SmallFile, _ repository: ModelCache.Repository) throws -> String? {
        do {
            guard case .object(let fields) = try JSONValue(parsing: config.bytes), case .string(let type)? = fields["model_type"]
            else { return nil }
            return type
        } catch let error as JSONError {
            throw CheckpointError.invalidConfig(field: "", reason: error.description, file: "\(repository)/\(configName)")
        }
    }
}

/// A file that fits into memory.
private struct SmallFile: Sendable {
    let file: RemoteFile
    let bytes: [UInt8]
}

/// From the hub into the cache.
private struct Fetch: Sendable {
    let client: HubClient
    let store: BlobStore
    let isCancelled: @Sendable () -> Bool

    init(settings: HubSettings, repository: ModelCache.Repository, isCancelled: @escaping @Sendable () -> Bool) {
        self.isCancelled = isCancelled
        client = HubClient(settings: settings, repository: repository, isCancelled: isCancelled)
        store = BlobStore(cache: settings.cache, repository: repository)
    }

    /// A file of at most `limit` bytes, or nil if there is none of that name.
    func small(_ name: String, revision: String, limit: Int) throws -> SmallFile? {
        guard let file = try client.describe(name, revision: revision) else { return nil }
        guard file.size <= limit else { throw HubError.tooLarge(file: name, size: file.size, limit: limit) }
        let buffer = MemoryBuffer(file)
        try client.retrying(name, progress: { 0 }) {
            buffer.reset()
            try client.fetch(file, from: 0, restarted: {}, received: { try buffer.append($0) })
            guard buffer.bytes.count == file.size else { throw HTTPClient.Failure(reason: "the connection ended early") }
        }
        return SmallFile(file: file, bytes: buffer.bytes)
    }

    func store(_ small: SmallFile) throws {
        try store.complete(small.file, waiting: {}, isCancelled: isCancelled) { part in
            try part.restart()
            try small.bytes.withUnsafeBytes { try part.append($0) }
        }
    }

    func download(_ file: RemoteFile, report: @escaping @Sendable (ModelPull.Event) -> Void) throws {
        try store.complete(file, waiting: { report(.waiting(file: file.name)) }, isCancelled: isCancelled) { part in
            try client.retrying(file.name, progress: { part.count }) {
                if part.count == file.size { return }
                try client.fetch(file, from: part.count) {
                    try part.restart()
                } received: { bytes in
                    try part.append(bytes)
                    report(.progress(file: file.name, bytes: part.count, of: file.size))
                }
                guard part.count == file.size else { throw HTTPClient.Failure(reason: "the connection ended early") }
            }
            if file.sha256 == nil { report(.unverified(file: file.name)) }
        }
    }
}

/// The bytes of a small file as they come, no more than it has. The transfer that fills it is waited for.
private final class MemoryBuffer: @unchecked Sendable {
    private let file: RemoteFile
    private(set) var bytes: [UInt8] = []

    init(_ file: RemoteFile) { self.file = file }

    func reset() { bytes = [] }

    func append(_ more: UnsafeRawBufferPointer) throws {
        guard more.count <= file.size - bytes.count else { throw file.tooManyBytes }
        bytes += more
    }
}
