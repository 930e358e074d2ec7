import Codetta
import CodettaModels
import Foundation
import TestSupport
import Testing

/// Models are found by name wherever the program runs.
@Suite struct ModelTests {
    @Test func theModelThatTravelsWithThePackageIsFoundByName() async throws {
        let beside = try #require(ModelLocator.directories(executable: CommandLine.arguments[0]).first)
        #expect(beside.contains("CodettaModels"), "\(beside)")
        let model = try await Model("codetta-24k", from: ModelLocator(directories: [beside]))
        #expect(model.name == "codetta-24k" && model.description.sampleRate == 24_000)
        #expect(try Model.load("codetta-24k", from: ModelLocator(directories: [beside])).weights == model.weights)
    }

    @Test func bundledModelsKnowTheirFolder() throws {
        let folder = try #require(BundledModels.folder)
        #expect(try ModelFolder(path: folder.appendingPathComponent("codetta-24k").path).modelType() == "soundstream")
    }

    @Test func aPackageThatDependsOnThisOneFindsTheModelsOfItsCheckout() throws {
        let scratch = try ScratchFolder()
        let models = scratch.file(".build/checkouts/codetta/Models")
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: tinyFolder, to: models.appendingPathComponent("tiny"))
        let places = ModelLocator.directories(executable: scratch.file(".build/x86_64-unknown-linux-gnu/debug/Program").path)
        #expect(places.contains(models.path))
        #expect(try Model.load("tiny", from: ModelLocator(directories: places)).description.sampleRate == 24_000)
    }

    @Test func aModelLoadsByFolderAndSaysWhereItWasSought() async throws {
        #expect(try Model(contentsOf: tinyFolder).weights == Model.load(tinyFolder.path).weights)
        let nowhere = ModelLocator(directories: ["/nonexistent"])
        do {
            _ = try await Model("missing", from: nowhere)
            Issue.record("found a model that is not there")
        } catch let error as CheckpointError {
            #expect(error == .modelNotFound(name: "missing", searched: ["/nonexistent"]))
        }
    }

    private struct OneModelHub: ModelHub {
        func fetch(_ name: String, modelTypes: [String]) async throws -> ModelFolder {
            #expect(name == "owner/tiny" && modelTypes.contains("soundstream"))
            return try ModelFolder(path: tinyFolder.path)
        }
    }

    @Test func theHubIsAskedLastAndOnlyIfThereIsOne() async throws {
        let nowhere = ModelLocator(directories: ["/nonexistent"])
        let model = try await Model("owner/tiny", from: nowhere, hub: OneModelHub())
        #expect(model.description.sampleRate == 24_000)
        await #expect(throws: CheckpointError.self) { try await Model("owner/tiny", from: nowhere) }
        let local = try await Model(tinyFolder.path, from: nowhere, hub: OneModelHub())
        #expect(try local.weights == model.weights)
    }
}

/// README's snippet is a program that is built and run.
@Test func theSnippetOfTheReadmeIsTheQuickStart() throws {
    let readme = try String(contentsOf: PackageFolder.url.appendingPathComponent("README.md"), encoding: .utf8)
    let program = try String(
        contentsOf: PackageFolder.url.appendingPathComponent("Examples/QuickStart/Sources/QuickStart/main.swift"), encoding: .utf8)
    #expect(readme.contains("```swift\n\(program)```\n"))
    let code = program.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("//") }
    #expect(code.count <= 12)
}
