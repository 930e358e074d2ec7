import Checkpoints
import Dispatch
import Platform

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

    /// Fetches on a thread of its own. When the task is cancelled the download ends within about a second; what came is kept for the
    /// next one.
    /// - Throws: as `ModelPull.run`; `CancellationError`.
    public func fetch(_ name: String, modelTypes: [String]) async throws -> ModelFolder {
        try Task.checkCancellation()
        let cancelled = Lock(false)
        let pull = ModelPull(settings: settings, modelTypes: modelTypes) { cancelled.withLock { $0 } }
        let revision = revision
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(with: Swift.Result { try pull.run(name, revision: revision) { _ in }.folder })
                }
            }
        } onCancel: {
            cancelled.withLock { $0 = true }
        }
    }
}
