import Checkpoints
import Dispatch

/// The Hugging Face hub as the place where `Model("owner/name", hub: HuggingFaceHub())` finds what is not on this machine.
public struct HuggingFaceHub: ModelHub {
    private let settings: HubSettings
    private let revision: String

    /// - Parameters:
    ///   - settings: nil for what the environment says.
    ///   - revision: a branch, a tag or a commit.
    /// - Throws: `HubError.invalidSetting` or `.noCache`.
    public init(settings: HubSettings? = nil, revision: String = "main") throws(HubError) {
        if let settings { self.settings = settings } else { self.settings = try HubSettings.standard() }
        self.revision = revision
    }

    /// Fetches on a thread of its own. A download that was begun is completed even if the task is cancelled, for the cache.
    /// - Throws: as `ModelPull.run`; `CancellationError` before the start.
    public func fetch(_ name: String, modelTypes: [String]) async throws -> ModelFolder {
        try Task.checkCancellation()
        let (pull, revision) = (ModelPull(settings: settings, modelTypes: modelTypes), revision)
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Swift.Result { try pull.run(name, revision: revision) { _ in }.folder })
            }
        }
    }
}
