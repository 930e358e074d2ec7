import Foundation
import TestSupport

/// A browser without a window, when this machine has one.
enum Browser {
    static let path: String? = {
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let candidates = folders.flatMap { folder in names.map { folder + "/" + $0 } }
            + ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// The page's document after its scripts have run.
    static func document(of page: URL, fragment: String = "") throws -> String {
        let profile = try ScratchFolder()
        let arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--user-data-dir=" + profile.path, "--dump-dom",
            page.absoluteString + (fragment.isEmpty ? "" : "#" + fragment),
        ]
        return try runProgram(URL(fileURLWithPath: path ?? ""), arguments).text
    }
}
