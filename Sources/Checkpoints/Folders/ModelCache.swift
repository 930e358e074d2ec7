import Platform

/// The cache that the Hugging Face hub's own tools keep on this machine, shared with them:
///
///     models--OWNER--NAME/blobs/ETAG                       contents
///     models--OWNER--NAME/refs/REVISION                    the commit that a branch or tag stood for
///     models--OWNER--NAME/snapshots/COMMIT/config.json     links to the contents
public struct ModelCache: Sendable, Equatable {
    /// The cache's folder.
    public let path: String

    /// A cache in the folder `path`, which need not exist.
    public init(path: String) { self.path = path }

    /// `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else in `huggingface` in `XDG_CACHE_HOME` or `~/.cache`; nil without any of them.
    public static func standard() -> ModelCache? {
        func value(_ name: String) -> String? {
            guard let text = environment(name), !text.isEmpty else { return nil }
            guard text == "~" || text.hasPrefix("~/"), let home = environment("HOME") else { return text }
            return home + text.dropFirst()
        }
        if let cache = value("HF_HUB_CACHE") { return ModelCache(path: cache) }
        if let home = value("HF_HOME") { return ModelCache(path: Paths.join(home, "hub")) }
        let general = value("XDG_CACHE_HOME") ?? value("HOME").map { Paths.join($0, ".cache") }
        return general.map { ModelCache(path: Paths.join($0, "huggingface/hub")) }
    }

    /// A repository of the hub: `owner/name`.
    public struct Repository: Sendable, Hashable, CustomStringConvertible {
        /// The user or organisation that owns it.
        public let owner: String
        /// Its name without the owner.
        public let name: String

        /// Nil for what is no repository's name.
        public init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { return nil }
            self.init(owner: parts[0], name: parts[1])
        }

        init?(folderName: String) {
            let prefix = "models--"
            guard folderName.hasPrefix(prefix) else { return nil }
            // No part holds "--".
            let parts = Paths.split(folderName.dropFirst(prefix.count), at: "--")
            guard parts.count == 2 else { return nil }
            self.init(owner: parts[0], name: parts[1])
        }

        private init?(owner: String, name: String) {
            let areSound = [owner, name].allSatisfy {
                ModelCache.isPlainName($0) && !$0.hasPrefix("-") && Paths.split($0[...], at: "--").count == 1
            }
            guard areSound else { return nil }
            (self.owner, self.name) = (owner, name)
        }

        /// `owner/name`.
        public var description: String { "\(owner)/\(name)" }
        /// Its folder in the cache.
        public var folderName: String { "models--\(owner)--\(name)" }
    }

    /// Whether a text from elsewhere can name a file without being a path: letters, digits, `-`, `_` and `.`, at most 128, and no
    /// dot in front.
    public static func isPlainName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && !text.hasPrefix(".")
            && text.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0)) }
    }

    /// Whether a text can be a branch, a tag or a commit: plain names with slashes between them, as in `refs/pr/1`, that may also hold
    /// `+`, `@`, `=`, `,` and `#`.
    public static func isRevision(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return (1...8).contains(parts.count) && parts.allSatisfy { part in isPlainName(part.filter { !"+@=,#".contains($0) }) && part.first != "." }
    }

    /// The folder of `repository` in this cache, which need not exist.
    public func folder(of repository: Repository) -> String { Paths.join(path, repository.folderName) }

    /// The model of a repository at a branch, a tag or a commit, or nil if the cache does not have it.
    public func snapshot(of repository: Repository, revision: String = "main") -> ModelFolder? {
        let folder = folder(of: repository)
        guard Self.isRevision(revision) else { return nil }
        let commit = commit(of: revision, in: folder) ?? revision
        return try? ModelFolder(path: Paths.join(folder, "snapshots/\(commit)"))
    }

    /// The models of all repositories, at `main` or else at the one commit that is there, sorted by repository.
    public func all() -> [ModelFolder] {
        Paths.entries(path).compactMap(Repository.init(folderName:)).sorted { $0.description < $1.description }
            .compactMap(model(of:))
    }

    /// The model of the first repository called `name`, whoever owns it.
    func named(_ name: String) -> ModelFolder? { all().first { $0.repository?.name == name } }

    /// The model of a repository, as `all` has it.
    func model(of repository: Repository) -> ModelFolder? { snapshot(of: repository) ?? onlySnapshot(of: repository) }

    private func onlySnapshot(of repository: Repository) -> ModelFolder? {
        let snapshots = Paths.join(folder(of: repository), "snapshots")
        let commits = Paths.entries(snapshots)
        return commits.count == 1 ? try? ModelFolder(path: Paths.join(snapshots, commits[0])) : nil
    }

    private func commit(of revision: String, in folder: String) -> String? {
        let file = Paths.join(folder, "refs/\(revision)")
        guard Paths.isRegularFile(file), let bytes = try? ReadOnlyFile(path: file).contents(limit: 256) else { return nil }
        let commit = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        return Self.isPlainName(commit) ? commit : nil
    }
}

extension ModelCache {
    /// A folder of the cache: `…/models--OWNER--NAME/snapshots/COMMIT`. Any part of that may be a link, as to another disk.
    struct Snapshot {
        let repository: Repository
        /// Where its links must lead, without links itself: the repository's `blobs`, and those that its links find from where they are.
        let blobs: Set<String>

        /// Nil for any other folder.
        init?(path: String) {
            guard let physical = Paths.resolved(path) else { return nil }
            // What the path says goes first: a link may have led to a folder of any name.
            guard let (repository, folder) = Self.parts(Paths.standardized(path)) ?? Self.parts(physical) else { return nil }
            self.repository = repository
            let contents = [Paths.join(folder, "blobs"), Paths.join(physical, "../../blobs")]
            blobs = Set(contents.compactMap(Paths.resolved))
        }

        private static func parts(_ path: String) -> (Repository, folder: String)? {
            guard let snapshots = Paths.parent(path), let folder = Paths.parent(snapshots),
                Paths.lastComponent(snapshots) == "snapshots",
                let repository = Repository(folderName: Paths.lastComponent(folder))
            else { return nil }
            return (repository, folder)
        }
    }
}
