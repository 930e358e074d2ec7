import Checkpoints
import Platform

/// Why a model did not come from the hub. Descriptions are one line; none holds the token.
public enum HubError: CodettaError, Equatable {
    /// Neither a known model nor a repository's name.
    case unknownName(String, known: [String])
    /// An environment variable holds what it may not.
    case invalidSetting(variable: String, reason: String)
    /// No folder for the cache can be named.
    case noCache
    /// `HF_HUB_OFFLINE` is set and the model is not in the cache.
    case offline(repository: String, cache: String)
    /// No such repository or revision, or a private one.
    case repositoryNotFound(repository: String, revision: String)
    /// The hub refuses the files, with or without a token.
    case accessDenied(repository: String, hasToken: Bool)
    /// A repository without a file that a model needs.
    case noFile(repository: String, file: String)
    /// Weights in other formats only.
    case noWeights(repository: String)
    /// A model that Codetta does not read.
    case unsupported(repository: String, modelType: String?)
    /// The hub answered with an HTTP status that is no success.
    case status(file: String, status: Int)
    /// The connection failed, for the last time.
    case network(file: String, reason: String)
    /// The connection failed before a byte of the file came.
    case unreachable(file: String, reason: String)
    /// The hub's answer lacks what is needed, or holds what it may not.
    case invalidAnswer(file: String, reason: String)
    /// A file of more bytes than are fetched.
    case tooLarge(file: String, size: Int, limit: Int)
    /// More or fewer bytes came than the hub announced.
    case wrongSize(file: String, expected: Int, found: Int)
    /// The bytes that came are not those that the hub announced; hexadecimal SHA-256.
    case wrongHash(file: String, expected: String, found: String)
    /// A file or folder of the cache cannot be made.
    case cannotWrite(path: String, reason: String)
    /// A file of the cache cannot be written.
    case writeFailed(path: String, reason: String)

    /// The class of the failure.
    public var kind: FailureKind {
        switch self {
        case .invalidSetting: return .usage
        case .unknownName, .noCache, .offline, .repositoryNotFound, .accessDenied, .noFile, .noWeights: return .noInput
        case .unsupported, .invalidAnswer, .tooLarge, .wrongSize, .wrongHash: return .badData
        case .status, .network, .unreachable, .writeFailed: return .io
        case .cannotWrite: return .cannotCreate
        }
    }

    /// What is wrong, on one line.
    public var description: String { text.escapingControls }

    private var text: String {
        switch self {
        case .unknownName(let name, let known):
            return "no model \"\(name)\" to pull; give a repository as owner/name, or one of \(known.joined(separator: ", "))"
        case .invalidSetting(let variable, let reason): return "\(variable) \(reason)"
        case .noCache: return "no folder for the cache: set HF_HUB_CACHE, HF_HOME or HOME"
        case .offline(let repository, let cache):
            return "\(repository) is not in \(cache), and HF_HUB_OFFLINE forbids fetching it"
        case .repositoryNotFound(let repository, let revision):
            return "\(repository): no such repository on the hub, or no revision \(revision) of it, or it is private and needs HF_TOKEN"
        case .accessDenied(let repository, let hasToken):
            return "\(repository): the hub denies access; "
                + (hasToken ? "accept the model's terms there, or use another HF_TOKEN" : "set HF_TOKEN")
        case .noFile(let repository, let file): return "\(repository): has no \(file)"
        case .noWeights(let repository):
            return "\(repository): has no model.safetensors; fetch its files by hand and convert them with a script in Tools/convert"
        case .unsupported(let repository, let type):
            return "\(repository): \(type.map { "model_type \"\($0)\" is not one" } ?? "its config has no model_type") that Codetta reads"
        case .status(let file, let status): return "\(file): the hub answers with status \(status)"
        case .network(let file, let reason): return "\(file): \(reason); what came is kept"
        case .unreachable(let file, let reason): return "\(file): \(reason)"
        case .invalidAnswer(let file, let reason): return "\(file): the hub's answer \(reason)"
        case .tooLarge(let file, let size, let limit): return "\(file): \(size) bytes, at most \(limit) are fetched"
        case .wrongSize(let file, let expected, let found):
            return "\(file): \(found) bytes came, \(expected) expected"
        case .wrongHash(let file, let expected, let found):
            return "\(file): SHA-256 \(found.prefix(12))…, expected \(expected.prefix(12))…; what came is discarded"
        case .cannotWrite(let path, let reason): return "\(path): cannot be created: \(reason)"
        case .writeFailed(let path, let reason): return "\(path): writing failed: \(reason)"
        }
    }
}
