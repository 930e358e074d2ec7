/// Where models come from that are not on this machine. `HuggingFaceHub` of the module Hub is one; programs that never fetch a
/// model need not link it.
public protocol ModelHub: Sendable {
    /// The folder of a model, fetched unless it is on this machine already.
    /// - Parameters:
    ///   - name: of a repository, `owner/name`, or a name that the hub knows one by.
    ///   - modelTypes: the only kinds of model that are fetched.
    /// - Throws: what keeps it from that.
    func fetch(_ name: String, modelTypes: [String]) async throws -> ModelFolder
}
