import Foundation
import TestSupport
import Testing

/// The promises of Docs/reliability.md name the tests that hold them.
@Suite struct ReliabilityTableTests {
    /// Lines of the promises' tables, without their heads.
    private static func promises() throws -> [String] {
        let text = try String(contentsOf: PackageFolder.url.appendingPathComponent("Docs/reliability.md"), encoding: .utf8)
        let lines = text.components(separatedBy: "\n").drop { $0 != "## Promises" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        return lines.filter { $0.hasPrefix("| ") && !$0.hasPrefix("| Promise") }
    }

    /// Names in backticks of the form `Folder/File.test`.
    private static func tests(in line: String) -> [(file: String, name: String)] {
        line.split(separator: "`", omittingEmptySubsequences: false).enumerated().compactMap { index, word in
            guard index % 2 == 1, word.contains("Tests/"), let dot = word.lastIndex(of: ".") else { return nil }
            return ("Tests/\(word[..<dot]).swift", String(word[word.index(after: dot)...]))
        }
    }

    @Test func everyPromiseNamesTestsThatExist() throws {
        let promises = try Self.promises()
        #expect(promises.count >= 40)
        for promise in promises {
            let tests = Self.tests(in: promise)
            #expect(!tests.isEmpty || promise.contains("*not yet*"), "\(promise)")
            for (file, name) in tests {
                let source = try? String(contentsOf: PackageFolder.url.appendingPathComponent(file), encoding: .utf8)
                #expect(source.map { Self.hasTest(name, in: $0) } == true, "\(file) has no test \(name)")
            }
        }
    }

    private static func hasTest(_ name: String, in source: String) -> Bool {
        let lines = source.components(separatedBy: "\n")
        guard let start = lines.firstIndex(where: { $0.contains("func \(name)(") }) else { return false }
        // The attribute stands before the function; its arguments may take lines of their own.
        for line in lines[...start].reversed() {
            if line.contains("@Test") { return true }
            if line.trimmingCharacters(in: .whitespaces) == "}" { return false }
        }
        return false
    }
}
