import Platform

/// Finds model folders by name, in folders of models and in the hub's cache.
public struct ModelLocator: Sendable {
    /// Searched in this order; each holds model folders.
    public let directories: [String]
    /// Searched last.
    public let cache: ModelCache?

    /// Looks for models in `directories`, in this order, and last in `cache`.
    public init(directories: [String], cache: ModelCache? = nil) {
        self.cache = cache
        var seen: Set<String> = []
        self.directories = directories.filter { seen.insert($0).inserted }
    }

    private static let added = Lock<[String]>([])

    /// Has `standard()` look in the folder of models `directory` too, behind those of `CODETTA_MODELS`. For the whole process.
    public static func add(directory: String) { added.withLock { if !$0.contains(directory) { $0.append(directory) } } }

    /// The places where an installed or built Codetta looks: each folder of `CODETTA_MODELS` (separated by colons), those that the program
    /// added (`add(directory:)`), `Models` in the working directory, what `directories(executable:)` says for the running program, and the hub's cache.
    public static func standard() -> ModelLocator {
        let named = (environment("CODETTA_MODELS") ?? "").split(separator: ":").map(String.init)
        return ModelLocator(
            directories: named + added.withLock { $0 } + ["Models"] + directories(executable: Files.executable()?.string), cache: ModelCache.standard())
    }

    /// Beside an executable what the product CodettaModels brings along; `Models` in each folder above it (a checkout that was
    /// built in place) or in a checkout there (a package that depends on Codetta, built in place); and `share/codetta/Models` beside
    /// its own folder (an installation). Those that exist.
    public static func directories(executable: String?) -> [String] {
        guard let home = executable.flatMap(Paths.parent) else { return [] }
        var candidates = bundleNames.map { Paths.join(home, $0) }
        var folder: String? = home
        while let current = folder {
            candidates += [Paths.join(current, "Models"), Paths.join(current, "checkouts/codetta/Models")]
            folder = Paths.parent(current)
        }
        if let prefix = Paths.parent(home) { candidates.append(Paths.join(prefix, "share/codetta/Models")) }
        return candidates.filter(Paths.isDirectory)
    }

    /// What SwiftPM calls the resources of the target CodettaModels, by platform.
    private static let bundleNames = ["codetta_CodettaModels.resources", "codetta_CodettaModels.bundle"]

    /// The places searched, for messages.
    public var places: [String] { directories + (cache.map { [$0.path] } ?? []) }

    /// The model called `name`, or the model folder at the path `name`.
    ///
    /// What contains a slash is a path, or a repository in the hub's cache, `owner/name`, where there is nothing at that path. Any
    /// other name is looked up in the directories first, then taken as a path, and last as a repository of any owner.
    /// - Throws: `CheckpointError.modelNotFound` with the places searched; `.unreadable` for a path that is no model.
    public func locate(_ name: String) throws -> ModelFolder {
        if name.contains("/") || name == "." || name == ".." { return try atPath(name) }
        for directory in directories where !name.isEmpty {
            let path = Paths.join(directory, name)
            if Self.isModel(path) { return try ModelFolder(path: path) }
        }
        if Self.isModel(name) || isPickleName(name) { return try ModelFolder(path: name) }
        if let model = cache?.named(name) { return model }
        throw CheckpointError.modelNotFound(name: name, searched: places)
    }

    private func atPath(_ name: String) throws -> ModelFolder {
        if !Paths.isDirectory(name), let repository = ModelCache.Repository(name), let model = cache?.model(of: repository) {
            return model
        }
        return try ModelFolder(path: name)
    }

    /// Every model of the directories that a name finds, sorted by name; the cache's are `ModelCache.all`'s.
    public func all() -> [ModelFolder] {
        var found: [String: ModelFolder] = [:]
        for directory in directories {
            for name in Paths.entries(directory) where found[name] == nil && Self.isModel(Paths.join(directory, name)) {
                found[name] = try? ModelFolder(path: Paths.join(directory, name))
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func isModel(_ path: String) -> Bool { Paths.isRegularFile(Paths.join(path, "config.json")) }
}
