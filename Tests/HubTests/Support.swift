import Checkpoints
import Foundation
import Hub
import Platform
import TestSupport
import Testing

/// A hub on this machine (server.py), and a fresh cache. What a test asks of the hub goes to a repository of its own.
struct TestHub {
    let cache: ModelCache
    private let folder: ScratchFolder
    private let label = UUID().uuidString.prefix(8)

    init() throws {
        folder = try ScratchFolder()
        cache = ModelCache(path: folder.url.appendingPathComponent("hub").path)
        _ = try Server.shared.get()
    }

    func repository(_ kind: String) -> String { "lab/\(kind).\(label)" }

    func settings(token: String? = nil, isOffline: Bool = false) throws -> HubSettings {
        let endpoint = try #require(URL(string: "http://127.0.0.1:\(Server.shared.get().port)"))
        return HubSettings(endpoint: endpoint, token: token, isOffline: isOffline, cache: cache)
    }

    /// Fetches the repository of a kind.
    @discardableResult
    func pull(
        _ kind: String, owner: String = "lab", revision: String = "main", token: String? = nil, isOffline: Bool = false
    ) throws -> (folder: ModelFolder, events: [ModelPull.Event]) {
        let events = Locked<[ModelPull.Event]>([])
        let name = repository(kind).replacingOccurrences(of: "lab/", with: "\(owner)/")
        let result = try ModelPull(settings: settings(token: token, isOffline: isOffline), modelTypes: ["soundstream"])
            .run(name, revision: revision) { event in events.update { $0.append(event) } }
        return (result.folder, events.value)
    }

    /// What the hub and its storage were asked for of a kind's repository.
    func requests(_ kind: String) throws -> [Request] {
        try Server.shared.get().requests().filter { $0.path.contains("\(kind).\(label)") }
    }

    /// Everything in the cache, as paths within it.
    func contents() -> [String] {
        (FileManager.default.enumerator(atPath: cache.path)?.allObjects as? [String] ?? []).sorted()
    }

    func url(_ path: String) -> URL { URL(fileURLWithPath: cache.path).appendingPathComponent(path) }
}

struct Request: Decodable {
    let method: String
    let path: String
    let storage: Bool
    let Authorization: String?
    let Range: String?
}

/// Bytes that server.py has for `model.safetensors`.
let weights = (0..<300_000).map { UInt8(truncatingIfNeeded: ($0 * $0) >> 3) }
let weightsHash = SHA256.hash(weights).description
let commit = String(repeating: "c0ffee", count: 6) + "cafe"

/// The server's process, one for all tests; it ends with this process, whose end of its standard input closes.
private struct Server: @unchecked Sendable {
    // Set once; the handle is only there to be kept.
    let port: Int
    private let log: URL
    private let input: Pipe

    static let shared = Result { try Server() }

    private init() throws {
        let script = try #require(Bundle.module.url(forResource: "server", withExtension: "py"))
        log = FileManager.default.temporaryDirectory.appendingPathComponent("codetta-hub-\(UUID().uuidString).log")
        try Data().write(to: log)
        input = Pipe()
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path, log.path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let ports = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).split(separator: " ")
        port = try #require(ports.first.flatMap { Int($0) }, "python3 did not start the server")
    }

    func requests() throws -> [Request] {
        try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Request.self, from: Data($0.utf8))
        }
    }
}

/// The port of server.py's hub.
func hubPort() throws -> Int { try Server.shared.get().port }
