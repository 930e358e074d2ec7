import Checkpoints
import Foundation
import Hub
import Platform
import Testing

@Suite struct PullTests {
    @Test func aModelComesInTheCachesLayout() throws {
        let hub = try TestHub()
        let (folder, events) = try hub.pull("sound")
        let repository = "models--lab--" + hub.repository("sound").dropFirst(4)
        #expect(folder.path == "\(hub.cache.path)/\(repository)/snapshots/\(commit)")
        #expect(try folder.modelType() == "soundstream")
        #expect(try folder.card()?.license == "cc-by-4.0")
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.path + "/model.safetensors"))) == weights)
        #expect(try String(contentsOf: hub.url("\(repository)/refs/main"), encoding: .utf8) == commit)
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/model.safetensors")
        #expect(link.hasPrefix("../../blobs/") && link.split(separator: "/").last?.count == 64)
        // Three contents, three links, one ref, locks aside; nothing unfinished, and no file that no model needs.
        let files = hub.contents().filter { !$0.hasPrefix(".locks") && (try? FileManager.default.contentsOfDirectory(atPath: hub.url($0).path)) == nil }
        #expect(files.count == 7, "\(files)")
        guard case .planned(let plan)? = events.first else {
            Issue.record("no plan")
            return
        }
        #expect(plan.license == "cc-by-4.0" && plan.fileCount == 3 && plan.missingByteCount == plan.byteCount && plan.commit == commit)
    }

    @Test func whatIsThereIsNotFetchedAgain() throws {
        let hub = try TestHub()
        let first = try hub.pull("sound")
        let before = try hub.requests("sound").filter(\.storage).count
        let (folder, events) = try hub.pull("sound")
        #expect(folder == first.folder)
        #expect(try hub.requests("sound").filter(\.storage).count == before)
        guard case .planned(let plan)? = events.first else {
            Issue.record("no plan")
            return
        }
        #expect(plan.missingByteCount == 0)
    }

    @Test func aCutConnectionGoesOnWhereItStopped() throws {
        let hub = try TestHub()
        let folder = try hub.pull("cut").folder
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.path + "/model.safetensors"))) == weights)
        #expect(try hub.requests("cut").filter(\.storage).map(\.Range) == [nil, "bytes=100000-"])
    }

    @Test func anEarlierRunsPartIsCompleted() throws {
        let hub = try TestHub()
        try leavePart(of: weights[..<1234], hub, "sound")
        let folder = try hub.pull("sound").folder
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.path + "/model.safetensors"))) == weights)
        #expect(try hub.requests("sound").filter(\.storage).map(\.Range) == ["bytes=1234-"])
    }

    @Test(arguments: [1234, 300_000]) func aSpoiledPartIsFoundOutAndDiscarded(count: Int) throws {
        let hub = try TestHub()
        try leavePart(of: [UInt8](repeating: 0, count: count)[...], hub, "sound")
        #expect { try hub.pull("sound") } throws: { if case .wrongHash? = $0 as? HubError { true } else { false } }
        #expect(!hub.contents().contains { $0.hasSuffix(".incomplete") || $0.contains("snapshots") })
        #expect(throws: Never.self) { try hub.pull("sound") }
    }

    @Test func aPartThatIsTooLongIsStartedAnew() throws {
        let hub = try TestHub()
        try leavePart(of: [UInt8](repeating: 0, count: 300_001)[...], hub, "sound")
        #expect(throws: Never.self) { try hub.pull("sound") }
    }

    @Test func aServerThatSendsAllAgainIsTakenFromTheStart() throws {
        let hub = try TestHub()
        let folder = try hub.pull("whole-again").folder
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.path + "/model.safetensors"))) == weights)
    }

    @Test func theTokenGoesToTheHubAlone() throws {
        let hub = try TestHub()
        try hub.pull("private", token: "hf_secret")
        let requests = try hub.requests("private")
        #expect(requests.contains { $0.storage })
        #expect(requests.allSatisfy { $0.Authorization == ($0.storage ? nil : "Bearer hf_secret") })
    }

    @Test func shardsComeWithTheirIndex() throws {
        let hub = try TestHub()
        let folder = try hub.pull("sharded").folder
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.path + "/a.safetensors"))) == Array(weights[..<1000]))
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.path + "/b.safetensors"))) == Array(weights[1000..<3000]))
        #expect(FileManager.default.fileExists(atPath: folder.path + "/model.safetensors.index.json"))
    }

    @Test func aFlakyHubIsAskedAgainAndAMovedOneFollowed() throws {
        let hub = try TestHub()
        #expect(throws: Never.self) { try hub.pull("flaky") }
        #expect(throws: Never.self) { try hub.pull("sound", owner: "moved") }
    }

    @Test func withoutAHashOnlyTheSizeIsCheckedAndThatIsSaid() throws {
        #expect(try TestHub().pull("unverified").events.contains(.unverified(file: "model.safetensors")))
    }

    @Test func offlineTheCacheAnswers() throws {
        let hub = try TestHub()
        let missing = HubError.offline(repository: hub.repository("sound"), cache: hub.cache.path)
        #expect(throws: missing) { try hub.pull("sound", isOffline: true) }
        let fetched = try hub.pull("sound").folder
        let before = try hub.requests("sound").count
        #expect(try hub.pull("sound", isOffline: true).folder == fetched)
        #expect(try hub.pull("sound", revision: commit, isOffline: true).folder == fetched)
        #expect(try hub.requests("sound").count == before)
    }

    @Test func twoAtOnceFetchOnce() async throws {
        let hub = try TestHub()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { try hub.pull("sound") } }
            try await group.waitForAll()
        }
        #expect(try hub.requests("sound").filter { $0.storage && $0.method == "GET" }.count == 1)
    }
}

@Suite struct RefusalTests {
    /// Kind, what the message says, and the class of the failure. Before any weights come nothing is in the cache.
    @Test(arguments: [
        ("absent", "no such repository", FailureKind.noInput),
        ("gated", "denies access", .noInput),
        ("private", "needs HF_TOKEN", .noInput),
        ("pickle", "has no model.safetensors", .noInput),
        ("other", "model_type \"llama\" is not one that Codetta reads", .badData),
        ("huge-config", "at most 1048576 are fetched", .badData),
        ("evil", "no plain name", .badData),
    ])
    func whatCannotBeUsedLeavesNothingBehind(kind: String, message: String, failure: FailureKind) throws {
        let hub = try TestHub()
        do {
            try hub.pull(kind)
            Issue.record("fetched")
        } catch let error as HubError {
            #expect(error.kind == failure)
            #expect(error.description.contains(message), "\(error)")
        }
        #expect(hub.contents().isEmpty, "\(hub.contents())")
    }

    @Test func shardsOutsideTheFolderAreRefused() throws {
        let hub = try TestHub()
        #expect { try hub.pull("sharded-evil") } throws: { "\($0)".contains("not the plain name of a .safetensors file") }
        #expect(hub.contents().isEmpty)
    }

    @Test(arguments: [
        ("corrupt", "SHA-256", 0), ("long", "more than the 300000 bytes", 0), ("loop", "more than 10 times", 0),
        ("downgrade", "not https", 0), ("other-range", "is the part", 100_000), ("dead", "the connection ended early", 0),
    ])
    func aFailedFetchLeavesNothingButItsPart(kind: String, message: String, part: Int) throws {
        let hub = try TestHub()
        #expect { try hub.pull(kind) } throws: { "\($0)".contains(message) && $0 is HubError }
        let left = hub.contents().filter { $0.contains("blobs/") }
        #expect(left.allSatisfy { $0.hasSuffix(".incomplete") }, "\(left)")
        let sizes = try left.map { try FileManager.default.attributesOfItem(atPath: hub.url($0).path)[.size] as? Int }
        #expect(sizes.allSatisfy { $0 == part }, "\(sizes)")
        #expect(!hub.contents().contains { $0.contains("snapshots") || $0.contains("refs") })
    }

    @Test func anUnknownRevisionIsNamed() throws {
        let hub = try TestHub()
        #expect(throws: HubError.repositoryNotFound(repository: hub.repository("sound"), revision: "none")) {
            try hub.pull("sound", revision: "none")
        }
        #expect(throws: HubError.self) { try hub.pull("sound", revision: "../main") }
    }

    @Test(arguments: ["nothing", "a/b/c", "../x", "/etc", "a/..", "a b/c", "a--b/c", ""])
    func aNameThatIsNoRepositorysAsksNobody(name: String) throws {
        let pull = try ModelPull(settings: TestHub().settings(), modelTypes: ["soundstream"])
        #expect(throws: HubError.unknownName(name, known: KnownModels.repositories.keys.sorted())) {
            _ = try pull.run(name) { _ in }
        }
    }

    @Test func aCacheThatCannotBeWrittenIsNamed() throws {
        let hub = try TestHub()
        try Data().write(to: URL(fileURLWithPath: hub.cache.path))
        #expect { try hub.pull("sound") } throws: { ($0 as? HubError)?.kind == .cannotCreate && "\($0)".contains(hub.cache.path) }
    }
}

/// Leaves `bytes` as what an interrupted run has of the weights.
private func leavePart(of bytes: ArraySlice<UInt8>, _ hub: TestHub, _ kind: String) throws {
    let blobs = hub.url("models--lab--\(hub.repository(kind).dropFirst(4))/blobs")
    try FileManager.default.createDirectory(at: blobs, withIntermediateDirectories: true)
    try Data(bytes).write(to: blobs.appendingPathComponent("\(weightsHash).incomplete"))
}
