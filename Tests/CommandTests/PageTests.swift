import Foundation
import TestSupport
import Testing

/// The pages that people read.
@Suite struct PageTests {
    /// Links between the pages lead to files that exist.
    @Test func linksLeadSomewhere() throws {
        let folders = ["", "Docs", "Samples", "Tools/fuzzers", "Tools/scorers", "Tools/train", "Models/codetta-24k", "Models/codetta-24k-lm"]
        var links = 0
        for folder in folders {
            let base = PackageFolder.url.appendingPathComponent(folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: base.path) where name.hasSuffix(".md") {
                let text = try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
                for match in text.matches(of: /\]\(([^)\s#]+)(#[^)\s]*)?\)/) where !match.1.hasPrefix("http") {
                    links += 1
                    let target = base.appendingPathComponent(String(match.1)).standardizedFileURL
                    #expect(FileManager.default.fileExists(atPath: target.path), "\(folder)/\(name) links to \(match.1)")
                }
            }
        }
        #expect(links > 50, "the pages were not found")
    }
}
