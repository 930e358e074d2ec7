import Foundation

/// A private folder among the system's temporary files, gone with its owner or when `TemporaryFiles.removeAll` is called.
public final class TemporaryFolder: Sendable {
    /// Only the user may look into it.
    public let url: URL

    /// - Throws: `PipelineError.cannotCreate`.
    public init() throws(PipelineError) {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("codetta-\(UUID().uuidString)", isDirectory: true)
        TemporaryFiles.register(folder: url)
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            TemporaryFiles.remove(folder: url)
            throw .cannotCreate(reason: "\(url.path): \(error.localizedDescription)")
        }
    }

    deinit { TemporaryFiles.remove(folder: url) }

    /// The path of a file in the folder.
    public func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
