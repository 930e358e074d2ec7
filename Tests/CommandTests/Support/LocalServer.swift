import Foundation
import TestSupport
import Testing

/// HubTests/server.py on this machine: a hub and a plain web server of one folder's files. It ends with the value.
final class LocalServer {
    /// Without a path.
    let address: String
    private let input = Pipe()
    private let log: String

    init(folder: String, log: String) throws {
        self.log = log
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", PackageFolder.path("Tests/HubTests/server.py"), log, folder]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let ports = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).split(separator: " ")
        address = "http://127.0.0.1:\(try #require(ports.first))"
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// How many requests there were so far.
    func requestCount() -> Int {
        (try? String(contentsOfFile: log, encoding: .utf8))?.split(separator: "\n").count ?? 0
    }
}
