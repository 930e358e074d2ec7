import Checkpoints
import Foundation
import Hub
import Platform
import TestSupport
import Testing

/// Hubs that send too much, too little or nothing.
@Suite struct HostileHubTests {
    /// Kind, and what the message says. Nothing of it is in the cache.
    @Test(arguments: [
        ("endless", "has more than the 29 bytes that it stated"), ("too-long", "has more than the 29 bytes that it stated"),
        ("bomb", "is compressed, though plain bytes were asked for"), ("endless-head", "the answer's headers have no end"),
        ("endless-refusal", "the hub answers with status 500"), ("no-http", "the answer is not one of HTTP"),
    ])
    func whatHasNoEndIsGivenUpAtOnce(kind: String, message: String) throws {
        let hub = try TestHub()
        #expect { try hub.pull(kind) } throws: { $0 is HubError && "\($0)".contains(message) && !"\($0)".contains("\u{1B}") }
        #expect(hub.contents().isEmpty)
    }

    /// Waiting is done on this thread, whose time is measured.
    @Test func silenceIsWaitedForWithoutWork() throws {
        let hub = try TestHub()
        var settings = try hub.settings()
        settings.patience.silence = 2
        let before = Self.ownTime
        #expect { try Self.pull(hub, "silent", settings) } throws: { "\($0)".contains("no answer within 2 s") && ($0 as? HubError)?.kind == .io }
        #expect(Self.ownTime - before < 0.5)
    }

    @Test func dripsAreGivenUpAndKept() throws {
        let hub = try TestHub()
        var settings = try hub.settings()
        settings.patience.silence = 2
        #expect { try Self.pull(hub, "drip", settings) } throws: { "\($0)".contains("fewer than 64 bytes a second came for 2 s; what came is kept") }
        #expect(hub.contents().contains { $0.hasSuffix(".incomplete") })
    }

    @Test func aCancelledTaskEndsItsDownload() async throws {
        let hub = try TestHub()
        let door = try HuggingFaceHub(settings: hub.settings())
        let name = hub.repository("drip")
        let task = Task { try await door.fetch(name, modelTypes: ["soundstream"]) }
        while !hub.contents().contains(where: { $0.hasSuffix(".incomplete") }) { try await Task.sleep(for: .milliseconds(20)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!hub.contents().contains { $0.contains("snapshots") })
    }

    @Test func aCancelledPullDoesNotWaitForAnotherProcess() throws {
        let hub = try TestHub()
        let locks = "\(hub.cache.path)/.locks/models--lab--\(hub.repository("sound").dropFirst(4))"
        try FileManager.default.createDirectory(atPath: locks, withIntermediateDirectories: true)
        let lock = try FileLock(FilePath("\(locks)/\(weightsHash).lock")) {}
        let isWaiting = Locked(false)
        let pull = try ModelPull(settings: hub.settings(), modelTypes: ["soundstream"]) { isWaiting.value }
        #expect(throws: CancellationError.self) {
            try pull.run(hub.repository("sound")) { event in if case .waiting = event { isWaiting.update { $0 = true } } }
        }
        lock?.release()
    }

    private static func pull(_ hub: TestHub, _ kind: String, _ settings: HubSettings) throws {
        _ = try ModelPull(settings: settings, modelTypes: ["soundstream"]).run(hub.repository(kind)) { _ in }
    }

    /// Seconds that the processor has spent on this thread.
    private static var ownTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Caches whose parts lie on other disks, and revisions that are paths.
@Suite struct CacheLayoutTests {
    @Test(arguments: ["pr/1+x"]) func aRevisionMayHaveSlashes(revision: String) throws {
        let hub = try TestHub()
        let folder = try hub.pull("sound", revision: revision).folder
        #expect(folder.path.hasSuffix("/snapshots/\(commit)"))
        let repository = "models--lab--\(hub.repository("sound").dropFirst(4))"
        #expect(try String(contentsOf: hub.url("\(repository)/refs/\(revision)"), encoding: .utf8) == commit)
        #expect(try hub.pull("sound", revision: revision, isOffline: true).folder == folder)
        #expect(try hub.requests("sound").contains { $0.path.contains("/resolve/pr%2F1%2Bx/") })
    }

    @Test(arguments: ["../main", "a/../b", "/main", "a//b", "a/", ".a", "a/.b", "a b", ""])
    func whatIsNoRevisionAsksNobody(revision: String) throws {
        let hub = try TestHub()
        #expect(throws: HubError.repositoryNotFound(repository: hub.repository("sound"), revision: revision)) {
            try hub.pull("sound", revision: revision)
        }
        #expect(try hub.requests("sound").isEmpty)
    }

    /// The repository's folder, its contents, its snapshots, or both of them each on a disk of its own.
    @Test(arguments: [[""], ["blobs"], ["snapshots"], ["blobs", "snapshots"]]) func partsMayLieElsewhere(parts: [String]) throws {
        let hub = try TestHub()
        let elsewhere = try ScratchFolder()
        let repository = "models--lab--\(hub.repository("sound").dropFirst(4))"
        for (disk, part) in parts.enumerated() {
            let (link, target) = (hub.url("\(repository)/\(part)").standardizedFileURL.path, elsewhere.path("disk\(disk)/x"))
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(
                atPath: (link as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        }
        for isOffline in [false, true] {
            let folder = try hub.pull("sound", isOffline: isOffline).folder
            #expect(folder.repository?.description == hub.repository("sound"))
            #expect(try folder.modelType() == "soundstream")
            #expect(try folder.card()?.license == "cc-by-4.0")
            #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.path + "/model.safetensors"))) == weights)
        }
    }
}
