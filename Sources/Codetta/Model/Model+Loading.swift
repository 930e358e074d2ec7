import Checkpoints
import Codecs
import Platform

#if Standalone
#elseif canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Model {
    /// The model called `name`, found in this order: models that the program brings along (the product CodettaModels) and folders of
    /// models (`ModelLocator.standard`), a folder at the path `name`, the cache of the hub, and at last the hub, if one is given.
    ///
    ///     let model = try await Model("codetta-24k")
    ///     let mimi = try await Model("kyutai/mimi", hub: HuggingFaceHub())   // import Hub
    /// - Parameters:
    ///   - name: of a model, of a folder, or of a repository, `owner/name`.
    ///   - locator: where models are looked for.
    ///   - hub: asked for what is not on this machine; nil makes no connection.
    /// - Throws: `CheckpointError.modelNotFound` with the places searched; as `init(_:)` of a folder; what the hub throws;
    ///   `CancellationError`.
    public init(_ name: String, from locator: ModelLocator = .standard(), hub: (any ModelHub)? = nil) async throws {
        let folder: ModelFolder
        do {
            folder = try locator.locate(name)
        } catch let error as CheckpointError where error.kind == .noInput {
            guard let hub, !name.contains("/") || ModelCache.Repository(name) != nil else { throw error }
            folder = try await hub.fetch(name, modelTypes: CodecRegistry.modelTypes)
        }
        try Task.checkCancellation()
        try self.init(folder)
    }

    /// The model called `name` on this machine, found as by `init(_:from:hub:)`.
    /// - Throws: as there.
    public static func load(_ name: String, from locator: ModelLocator = .standard()) throws -> Model {
        try Model(locator.locate(name))
    }

    #if !Standalone
    /// The model in a folder of the file system.
    /// - Throws: `CheckpointError.unreadable` for what is no model folder; as `init(_:)` of a folder.
    public init(contentsOf folder: URL) throws {
        try self.init(ModelFolder(path: folder.path))
    }
    #endif
}
