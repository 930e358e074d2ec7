import Checkpoints
import Foundation
import Platform

/// Where and how models are fetched, from the environment variables that the hub's own tools know.
public struct HubSettings: Sendable {
    /// The public hub, unless `HF_ENDPOINT` names another.
    public static let defaultEndpoint = "https://huggingface.co"

    /// `HF_ENDPOINT`, without a slash at the end.
    public var endpoint: URL
    /// `HF_TOKEN`; sent to the endpoint and nowhere else.
    public var token: String?
    /// `HF_HUB_OFFLINE`: no connection is made.
    public var isOffline: Bool
    /// `HF_HUB_CACHE`, or `hub` in `HF_HOME`; see `ModelCache.standard`.
    public var cache: ModelCache
    /// How long a hub may keep us waiting.
    package var patience = Patience()

    /// Settings that do not come from the environment.
    public init(endpoint: URL, token: String?, isOffline: Bool, cache: ModelCache) {
        self.endpoint = endpoint
        self.token = token
        self.isOffline = isOffline
        self.cache = cache
    }

    /// What the environment says.
    /// - Throws: `HubError.invalidSetting` for an endpoint that is not https (http is for this machine alone) and for a token
    ///   that no header can hold; `.noCache`.
    public static func standard() throws(HubError) -> HubSettings {
        guard let cache = ModelCache.standard() else { throw .noCache }
        return HubSettings(
            endpoint: try endpoint(environment("HF_ENDPOINT") ?? ""), token: try token(environment("HF_TOKEN") ?? ""),
            isOffline: ["1", "ON", "YES", "TRUE"].contains((environment("HF_HUB_OFFLINE") ?? "").uppercased()), cache: cache)
    }

    private static func endpoint(_ text: String) throws(HubError) -> URL {
        var text = text.isEmpty ? defaultEndpoint : text
        while text.hasSuffix("/") { text.removeLast() }
        guard let url = URL(string: text), url.host != nil, url.query == nil, url.fragment == nil, url.user == nil else {
            throw .invalidSetting(variable: "HF_ENDPOINT", reason: "is not the address of a hub")
        }
        guard url.isSecure else {
            throw .invalidSetting(variable: "HF_ENDPOINT", reason: "must be an https address; http is for this machine alone")
        }
        return url
    }

    private static func token(_ text: String) throws(HubError) -> String? {
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidSetting(variable: "HF_TOKEN", reason: "holds characters that no token has")
        }
        return token.isEmpty ? nil : token
    }
}

extension URL {
    /// https, or http that does not leave this machine.
    var isSecure: Bool {
        switch scheme?.lowercased() {
        case "https": return true
        case "http": return ["127.0.0.1", "::1", "[::1]", "localhost"].contains(host?.lowercased() ?? "")
        default: return false
        }
    }

    /// Scheme, host and port.
    var origin: String {
        let scheme = scheme?.lowercased() ?? ""
        return "\(scheme)://\(host?.lowercased() ?? ""):\(port ?? (scheme == "https" ? 443 : 80))"
    }
}
