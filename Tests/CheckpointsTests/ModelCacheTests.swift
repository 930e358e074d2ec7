import Checkpoints
import Foundation
import TestSupport
import Testing

/// A cache as the hub's own tools write it.
private struct Cache {
    let folder: ScratchFolder
    let cache: ModelCache
    static let commit = "0123abcd"

    init() throws {
        folder = try ScratchFolder()
        cache = ModelCache(path: folder.path)
    }

    func shard(_ name: String) -> [UInt8] {
        var writer = SafetensorsWriter()
        writer.add(name, Tensor(shape: [1], values: [1]))
        return writer.serialized()
    }

    /// A blob, and a link to it in a snapshot.
    func add(_ name: String, _ bytes: [UInt8], to repository: String, commit: String = Cache.commit, target: String? = nil) throws {
        let root = "models--\(repository)"
        try folder.write(bytes, to: "\(root)/blobs/blob-of-\(name)")
        try FileManager.default.createDirectory(atPath: "\(folder.path)/\(root)/snapshots/\(commit)", withIntermediateDirectories: true)
        try folder.link("\(root)/snapshots/\(commit)/\(name)", to: target ?? "../../blobs/blob-of-\(name)")
    }

    func addModel(_ repository: String, type: String = "soundstream", commit: String = Cache.commit, ref: String? = "main") throws {
        try add("config.json", Array(#"{"model_type":"\#(type)"}"#.utf8), to: repository, commit: commit)
        try add("model.safetensors", shard("a"), to: repository, commit: commit)
        if let ref { try folder.write("\(commit)\n", to: "models--\(repository)/refs/\(ref)") }
    }

    func model(_ name: String) throws -> ModelFolder { try ModelLocator(directories: [], cache: cache).locate(name) }
}

@Suite struct ModelCacheTests {
    @Test func linkedFilesLoadUnderTheRepositorysName() throws {
        let cache = try Cache()
        try cache.addModel("lab--small")
        try cache.add("README.md", Array("---\nlicense: mit\n---\n".utf8), to: "lab--small")
        for name in ["lab/small", "small", "\(cache.folder.path)/models--lab--small/snapshots/\(Cache.commit)"] {
            let model = try cache.model(name)
            #expect(model.name == "small")
            #expect(model.repository?.description == "lab/small")
            #expect(try model.modelType() == "soundstream")
            #expect(try model.card()?.license == "mit")
            #expect(try model.checkpoint().names == ["a"])
        }
    }

    @Test func linkedShardsLoad() throws {
        let cache = try Cache()
        try cache.add("config.json", Array("{}".utf8), to: "lab--sharded")
        let index = #"{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}"#
        try cache.add("model.safetensors.index.json", Array(index.utf8), to: "lab--sharded")
        try cache.add("1.safetensors", cache.shard("a"), to: "lab--sharded")
        try cache.add("2.safetensors", cache.shard("b"), to: "lab--sharded")
        #expect(try cache.model("lab/sharded").checkpoint().names == ["a", "b"])
    }

    /// The whole cache, the repository's folder, its contents, or snapshots and contents together, moved to another disk and linked.
    @Test(arguments: ["", "models--lab--small", "models--lab--small/blobs", "both"]) func partsMayLieOnAnotherDisk(part: String) throws {
        let cache = try Cache()
        try cache.addModel("lab--small")
        let disk = try ScratchFolder()
        let names = part == "both" ? ["models--lab--small/blobs", "models--lab--small/snapshots"] : [part]
        for (number, name) in names.enumerated() {
            let old = cache.folder.path + (name.isEmpty ? "" : "/" + name)
            let new = disk.path("\(number)/" + (part == "both" ? (name as NSString).lastPathComponent : "x"))
            try FileManager.default.createDirectory(atPath: (new as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try FileManager.default.moveItem(atPath: old, toPath: new)
            try FileManager.default.createSymbolicLink(atPath: old, withDestinationPath: new)
            // Links of snapshots that lie beside other contents than their own lead there by their full path.
            if name.hasSuffix("snapshots") {
                for file in ["config.json", "model.safetensors"] {
                    let link = "\(new)/\(Cache.commit)/\(file)"
                    try FileManager.default.removeItem(atPath: link)
                    try FileManager.default.createSymbolicLink(
                        atPath: link, withDestinationPath: "\(disk.path("0"))/blobs/blob-of-\(file)")
                }
            }
        }
        for name in ["lab/small", "small", "\(cache.folder.path)/models--lab--small/snapshots/\(Cache.commit)/."] {
            let model = try cache.model(name)
            #expect(model.repository?.description == "lab/small")
            #expect(try model.checkpoint().names == ["a"])
        }
        try FileManager.default.removeItem(atPath: cache.folder.path)
    }

    /// Elsewhere in the file system, in another repository, and beside the contents of its own.
    @Test(arguments: ["/outside", "../../../models--lab--other/blobs/blob-of-FILE", "../../refs/secret"])
    func linksThatLeaveTheContentsAreRefused(target: String) throws {
        for file in ["config.json", "model.safetensors", "README.md", "1.safetensors"] {
            let cache = try Cache()
            try cache.addModel("lab--other")
            try cache.folder.write(cache.shard("a"), to: "outside")
            try cache.folder.write(cache.shard("a"), to: "models--lab--evil/refs/secret")
            let target = target == "/outside" ? cache.folder.path + target : target.replacingOccurrences(of: "FILE", with: "config.json")
            let index = #"{"weight_map":{"a":"1.safetensors"}}"#
            if file != "config.json" { try cache.add("config.json", Array("{}".utf8), to: "lab--evil") }
            if file == "1.safetensors" { try cache.add("model.safetensors.index.json", Array(index.utf8), to: "lab--evil") }
            try cache.add(file, [], to: "lab--evil", target: target)
            #expect {
                let model = try ModelFolder(path: "\(cache.folder.path)/models--lab--evil/snapshots/\(Cache.commit)")
                _ = try model.card()
                _ = try model.checkpoint()
            } throws: {
                "\($0)".contains("link that leaves the") && "\($0)".contains(file)
            }
        }
    }

    @Test func theRefSaysWhichCommit() throws {
        let cache = try Cache()
        try cache.addModel("lab--small", commit: "1111", ref: nil)
        #expect(try cache.model("lab/small").path.hasSuffix("/1111"))
        try cache.addModel("lab--small", commit: "2222", ref: nil)
        // Two commits and nothing to choose by.
        #expect(throws: CheckpointError.self) { try cache.model("lab/small") }
        try cache.folder.write("2222", to: "models--lab--small/refs/main")
        #expect(try cache.model("small").path.hasSuffix("/2222"))
        try cache.folder.write("../../../other/1111", to: "models--lab--small/refs/main")
        #expect(throws: CheckpointError.self) { try cache.model("lab/small") }
    }

    @Test func directoriesAndPathsComeFirst() throws {
        let cache = try Cache()
        try cache.addModel("lab--small")
        try cache.folder.write(#"{"model_type":"installed"}"#, to: "installed/small/config.json")
        let locator = ModelLocator(directories: [cache.folder.path + "/installed"], cache: cache.cache)
        #expect(try locator.locate("small").modelType() == "installed")
        #expect(try locator.locate("lab/small").modelType() == "soundstream")
        #expect(throws: CheckpointError.modelNotFound(name: "none", searched: locator.directories + [cache.cache.path])) {
            try locator.locate("none")
        }
    }

    @Test func otherFoldersOfTheCacheAreNoModels() throws {
        let cache = try Cache()
        try cache.addModel("b--x")
        try cache.addModel("a--x")
        try cache.folder.write("{}", to: "datasets--a--x/snapshots/1/config.json")
        try cache.folder.write("{}", to: "models--gpt2/snapshots/1/config.json")
        try cache.folder.write("1", to: "models--a--empty/refs/main")
        #expect(cache.cache.all().map(\.repository?.description) == ["a/x", "b/x"])
        #expect(ModelCache(path: "/nowhere").all().isEmpty)
    }

    @Test(arguments: ["", "x", "a/b/c", "../b", "a/..", "a/.b", "-a/b", "a--b/c", "a b/c", "a/b\u{0}", "ä/b", "/b", "a/"])
    func whatIsNoRepositorysNameIsRefused(text: String) {
        #expect(ModelCache.Repository(text) == nil)
    }
}
