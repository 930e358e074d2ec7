import Checkpoints
import Foundation

/// A file of a repository at one commit, as the hub describes it.
struct RemoteFile: Sendable, Equatable {
    let name: String
    let commit: String
    /// Names the content in the cache: a SHA-256 for large files, a git hash for others.
    let etag: String
    let size: Int

    /// What the content must hash to, where the hub says so.
    var sha256: String? { etag.count == 64 && etag.allSatisfy(\.isHexDigit) ? etag.lowercased() : nil }

    /// The refusal of an answer that is longer than it should be.
    var tooManyBytes: HubError { .invalidAnswer(file: name, reason: "has more than the \(size) bytes that it stated") }
}

/// Asks the hub: what a file is, and for its bytes.
final class HubClient: Sendable {
    private let settings: HubSettings
    private let repository: ModelCache.Repository
    private let http: HTTPClient

    init(settings: HubSettings, repository: ModelCache.Repository, isCancelled: @escaping @Sendable () -> Bool) {
        self.settings = settings
        self.repository = repository
        http = HTTPClient(patience: settings.patience, isCancelled: isCancelled)
    }

    /// What `file` is at `revision`, or nil if the repository has none of that name.
    func describe(_ file: String, revision: String) throws -> RemoteFile? {
        var url = try address(file, revision: revision)
        for _ in 0...HTTPClient.maximumRedirects {
            let answer = try head(url, file: file)
            if let described = try description(of: file, answer) { return described }
            switch answer.status {
            case 300..<400: url = try target(of: answer, from: url, file: file)
            case 404 where answer.headers["x-error-code"] != "RepoNotFound" && answer.headers["x-error-code"] != "RevisionNotFound":
                return nil
            case 401 where settings.token == nil && answer.headers["x-error-code"] != "GatedRepo", 404:
                throw HubError.repositoryNotFound(repository: repository.description, revision: revision)
            case 401, 403: throw HubError.accessDenied(repository: repository.description, hasToken: settings.token != nil)
            case 200..<300: throw HubError.invalidAnswer(file: file, reason: "names no commit, ETag or size")
            default: throw HubError.status(file: file, status: answer.status)
            }
        }
        throw HubError.invalidAnswer(file: file, reason: "redirects more than \(HTTPClient.maximumRedirects) times")
    }

    /// The bytes of `file` from `offset` on.
    /// - Parameters:
    ///   - restarted: told when the server sends the file from the start instead.
    ///   - received: gets the bytes in order.
    /// - Throws: `HTTPClient.Failure` where trying again may help.
    func fetch(
        _ file: RemoteFile, from offset: Int, restarted: @escaping () throws -> Void,
        received: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var url = try address(file.name, revision: file.commit)
        for _ in 0...HTTPClient.maximumRedirects {
            var headers = self.headers(for: url)
            if offset > 0 { headers["Range"] = "bytes=\(offset)-" }
            let answer = try http.request("GET", url.absoluteString, headers: headers) { answer in
                if (200..<300).contains(answer.status) && answer.isEncoded {
                    throw HubError.invalidAnswer(file: file.name, reason: "is compressed, though plain bytes were asked for")
                }
                if answer.status == 200 && offset > 0 { try restarted() }
                if answer.status == 206 { try Self.check(answer, file, offset: offset) }
                if answer.status == 200, let length = answer.contentLength, length > file.size { throw file.tooManyBytes }
            } received: {
                try received($0)
            }
            switch answer.status {
            case 200, 206: return
            case 300..<400: url = try target(of: answer, from: url, file: file.name)
            case 408, 429, 500..<600: throw HTTPClient.Failure(reason: "the hub answers with status \(answer.status)")
            default: throw HubError.status(file: file.name, status: answer.status)
            }
        }
        throw HubError.invalidAnswer(file: file.name, reason: "redirects more than \(HTTPClient.maximumRedirects) times")
    }

    /// As `HTTPClient.retrying(progress:_:)`.
    /// - Throws: `HubError.network` or `.unreachable` for the last failure; `CancellationError`, and what else `attempt` throws.
    func retrying<R>(_ file: String, progress: () -> Int, _ attempt: () throws -> R) throws -> R {
        do {
            return try http.retrying(progress: progress, attempt)
        } catch let failure as HTTPClient.Failure {
            throw progress() > 0
                ? HubError.network(file: file, reason: failure.reason) : HubError.unreachable(file: file, reason: failure.reason)
        }
    }

    /// The slashes of a revision are part of its name, which is one part of the path.
    private func address(_ file: String, revision: String) throws -> URL {
        let parts = [repository.owner, repository.name, "resolve", revision, file]
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
        let path = parts.map { $0.addingPercentEncoding(withAllowedCharacters: plain) ?? "" }.joined(separator: "/")
        guard let url = URL(string: "\(settings.endpoint.absoluteString)/\(path)") else {
            throw HubError.repositoryNotFound(repository: repository.description, revision: revision)
        }
        return url
    }

    private func head(_ url: URL, file: String) throws -> HTTPAnswer {
        try retrying(file, progress: { 0 }) {
            let answer = try http.request(
                "HEAD", url.absoluteString, headers: headers(for: url), answered: { _ in }, received: { _ in })
            if answer.status == 429 || answer.status >= 500 {
                throw HTTPClient.Failure(reason: "the hub answers with status \(answer.status)")
            }
            return answer
        }
    }

    /// The token goes to the hub itself, never to where it redirects.
    private func headers(for url: URL) -> [String: String] {
        var headers = ["User-Agent": "codetta"]
        if let token = settings.token, url.origin == settings.endpoint.origin { headers["Authorization"] = "Bearer \(token)" }
        return headers
    }

    /// What an answer says of the file, or nil if it does not say all. A large file's is a redirect to its storage.
    private func description(of file: String, _ answer: HTTPAnswer) throws -> RemoteFile? {
        guard (200..<400).contains(answer.status), let commit = answer.headers["x-repo-commit"],
            let etag = answer.headers["x-linked-etag"] ?? (answer.status < 300 ? answer.headers["etag"] : nil)
        else { return nil }
        let plainLength = answer.isEncoded ? nil : answer.contentLength
        guard let size = answer.headers["x-linked-size"].flatMap({ Int($0) }) ?? plainLength, size >= 0 else { return nil }
        let name = etag.replacingOccurrences(of: "W/", with: "").trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        guard ModelCache.isPlainName(name), ModelCache.isPlainName(commit) else {
            throw HubError.invalidAnswer(file: file, reason: "has a commit or an ETag that is no plain name")
        }
        return RemoteFile(name: file, commit: commit, etag: name, size: size)
    }

    private func target(of answer: HTTPAnswer, from url: URL, file: String) throws -> URL {
        guard let target = answer.redirect(from: url) else {
            throw HubError.invalidAnswer(file: file, reason: "redirects nowhere")
        }
        guard target.isSecure else { throw HubError.invalidAnswer(file: file, reason: "redirects to an address that is not https") }
        return target
    }

    /// A partial answer must be the part that was asked for, of the file that was described.
    private static func check(_ answer: HTTPAnswer, _ file: RemoteFile, offset: Int) throws {
        let expected = "bytes \(offset)-\(file.size - 1)/\(file.size)"
        guard answer.headers["content-range"] == expected else {
            throw HubError.invalidAnswer(
                file: file.name, reason: "is the part \(answer.headers["content-range"] ?? "without a name"), not \(expected)")
        }
    }
}
