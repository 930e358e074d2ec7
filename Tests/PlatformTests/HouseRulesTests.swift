import Foundation
import Platform
import Testing

/// Rules that the sources keep, read from the sources.
@Suite struct HouseRulesTests {
    /// Messages of the library state facts; options of the command are the command's to name.
    @Test func libraryMessagesNameNoOptionOfTheCommand() throws {
        // They run programs of others, whose options these are, or write style sheets.
        let foreign = ["CodettaCommand/", "Evaluation/Peers/", "Plots/", "Reports/", "TokenFiles/Formats/ECDC/"]
        let option = try Regex(#""[^"]*--[a-z]+[^"]*""#)
        for file in try SourceFiles.all() where !foreign.contains(where: file.name.hasPrefix) {
            for line in file.text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                #expect(line.firstMatch(of: option) == nil, "\(file.name): \(line)")
            }
        }
    }

    /// A program that links a module below the umbrella links no Foundation.
    @Test func nothingBelowTheUmbrellaImportsFoundation() throws {
        let above = ["Codetta/", "CodettaCommand/", "CodettaModels/", "Evaluation/", "Hub/", "Plots/", "Reports/"]
        for file in try SourceFiles.all() where !above.contains(where: file.name.hasPrefix) {
            for line in file.text.split(separator: "\n") where line.contains("import ") {
                let words = line.split(separator: " ")
                #expect(words.last?.hasPrefix("Foundation") == false || !words.contains("import"), "\(file.name): \(line)")
            }
        }
    }

    /// Whoever imports the toolkit gets no global names of ours, and none that Apple's CryptoKit has.
    @Test func theUsersNamespaceStaysTheirs() throws {
        let global = try Regex("^public (func|var|let|struct (SHA256|Digest)) ?").anchorsMatchLineEndings()
        for file in try SourceFiles.all() { #expect(file.text.firstMatch(of: global) == nil, "\(file.name)") }
    }

    /// One `catch let error as any CodettaError` sees all that the library throws by its own decision.
    @Test func everyPublicErrorHasAKind() throws {
        let error = try Regex(#"public [a-z ]*(enum|struct|class) \w+: ([\w, ]*\W)?Error\b"#)
        for file in try SourceFiles.all() { #expect(file.text.firstMatch(of: error) == nil, "\(file.name)") }
    }

    @Test func kindsAreTheCommandsExitCodes() {
        #expect(FailureKind.allCases.map(\.rawValue) == [
            "usage", "badData", "noInput", "internal", "cannotCreate", "io", "badConfig", "brokenPipe",
        ])
        let error: any Error = UsedAfterEnd("a\nb")
        #expect((error as? any CodettaError)?.kind == .usage && "\(error)" == "a\\x0Ab: used after its end")
    }
}

/// The Swift files below Sources.
private struct SourceFiles {
    /// Path below Sources.
    let name: String
    let text: String

    static func all() throws -> [SourceFiles] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Sources").standardizedFileURL
        let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.map {
            SourceFiles(name: $0, text: try String(contentsOf: root.appendingPathComponent($0), encoding: .utf8))
        }
    }
}
