import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite struct ModelFolderTests {
    private func shard(_ names: [String]) -> [UInt8] {
        var writer = SafetensorsWriter()
        for name in names { writer.add(name, Tensor(shape: [1], values: [Float(name.count)])) }
        return writer.serialized()
    }

    private func index(_ map: [(String, String)]) -> String {
        #"{"metadata":{"total_size":8},"weight_map":{\#(map.map { "\"\($0.0)\":\"\($0.1)\"" }.joined(separator: ","))}}"#
    }

    /// The error of opening a sharded folder with this index beside sound shards of "a" and "bb".
    private func indexError(_ text: String, prepare: (ScratchFolder) throws -> Void = { _ in }) throws -> CheckpointError? {
        let folder = try ScratchFolder()
        try folder.write("{}", to: "m/config.json")
        try folder.write(shard(["a"]), to: "m/1.safetensors")
        try folder.write(shard(["bb"]), to: "m/2.safetensors")
        try folder.write(text, to: "m/model.safetensors.index.json")
        try folder.write(shard(["bb"]), to: "outside.safetensors")
        try prepare(folder)
        do {
            _ = try ModelFolder(path: folder.path + "/m").checkpoint()
            return nil
        } catch let error as CheckpointError {
            return error
        }
    }

    @Test func singleFileLoads() throws {
        let folder = try ScratchFolder()
        let (config, card) = (#"{"model_type":"soundstream"}"#, "---\nlicense: cc0-1.0\n---\n# Model\n")
        try folder.write(config, to: "config.json")
        try folder.write(shard(["a"]), to: "model.safetensors")
        try folder.write(card, to: "README.md")
        let model = try ModelFolder(path: folder.path)
        #expect(try model.checkpoint().names == ["a"])
        #expect(try model.modelType() == "soundstream")
        #expect(try model.card()?.license == "cc0-1.0")
        #expect(model.name == (folder.path as NSString).lastPathComponent)
        #expect(try ModelFolder(path: folder.path + "/.").name == model.name)
        #expect(model.byteCount == config.utf8.count + shard(["a"]).count + card.utf8.count)
    }

    @Test func shardsJoin() throws {
        let folder = try ScratchFolder()
        try folder.write("{}", to: "config.json")
        try folder.write(shard(["a", "ccc"]), to: "1.safetensors")
        try folder.write(shard(["bb"]), to: "2.safetensors")
        try folder.write(index([("a", "1.safetensors"), ("bb", "2.safetensors"), ("ccc", "1.safetensors")]), to: "model.safetensors.index.json")
        let checkpoint = try ModelFolder(path: folder.path).checkpoint()
        #expect(checkpoint.names == ["a", "bb", "ccc"])
        #expect(try checkpoint.load("bb").values == [2])
        #expect(checkpoint.elementCount == 3)
    }

    @Test(arguments: ["../outside.safetensors", "/outside.safetensors", "x/../2.safetensors", "..", "", ".2.safetensors", "2.bin", "2.safetensors\\u0000.safetensors/x.safetensors"])
    func shardNamesThatArePathsAreRefused(name: String) throws {
        let error = try #require(try indexError(index([("a", "1.safetensors"), ("bb", name)])))
        #expect(error.kind == .badData)
        #expect(error.description.contains("not the plain name of a .safetensors file"), "\(error)")
    }

    /// As a folder's one file may be a link of its owner's, its shards may be; ModelCacheTests has those of the hub's cache.
    @Test func linkedShardsOfAFolderAreFollowedAsItsOneFileIs() throws {
        #expect(try indexError(index([("a", "1.safetensors"), ("bb", "link.safetensors")])) {
            try $0.link("m/link.safetensors", to: "../outside.safetensors")
        } == nil)
        let dangling = try indexError(index([("a", "1.safetensors"), ("bb", "link.safetensors")])) {
            try $0.link("m/link.safetensors", to: "../nothing.safetensors")
        }
        #expect(try #require(dangling).kind == .noInput)
    }

    @Test func tensorsThatTheIndexLeavesOutAreWhereTheyAre() throws {
        let folder = try ScratchFolder()
        try folder.write("{}", to: "config.json")
        try folder.write(shard(["a", "ccc"]), to: "1.safetensors")
        try folder.write(shard(["bb"]), to: "2.safetensors")
        try folder.write(index([("a", "1.safetensors"), ("bb", "2.safetensors")]), to: "model.safetensors.index.json")
        let checkpoint = try ModelFolder(path: folder.path).checkpoint()
        #expect(checkpoint.names == ["a", "bb", "ccc"])
        #expect(try checkpoint.load("ccc").values == [3])
    }

    @Test func duplicateMembersAreRefused() throws {
        let twice = try indexError(index([("a", "1.safetensors"), ("a", "2.safetensors"), ("bb", "2.safetensors")]))
        #expect(try #require(twice).description.contains("duplicate key \"a\""))
        let inBoth = try indexError(index([("a", "1.safetensors"), ("bb", "2.safetensors")])) {
            try $0.write(shard(["a", "bb"]), to: "m/2.safetensors")
        }
        #expect(try #require(inBoth).description.contains("tensor a: is also in"))
    }

    @Test func indexThatDisagreesWithItsShardsIsRefused() throws {
        let swapped = try indexError(index([("a", "2.safetensors"), ("bb", "1.safetensors")]))
        #expect(try #require(swapped).description.contains("places a in 2.safetensors, but it is in"))
        let absent = try indexError(index([("a", "1.safetensors"), ("bb", "2.safetensors"), ("z", "2.safetensors")]))
        #expect(try #require(absent).description.contains("places z in 2.safetensors, where it is not"))
        let noFile = try indexError(index([("a", "3.safetensors")]))
        #expect(try #require(noFile).kind == .noInput)
        for text in ["{}", "[]", #"{"weight_map":[]}"#, #"{"weight_map":{"a":1}}"#, "{"] {
            #expect(try #require(try indexError(text)).kind == .badData, "\(text)")
        }
    }

    @Test func folderWithOnlyAPickleNamesTheConverter() throws {
        let folder = try ScratchFolder()
        try folder.write("{}", to: "config.json")
        let path = try folder.write([0], to: "pytorch_model.bin")
        #expect(throws: CheckpointError.pickle(file: path)) { try ModelFolder(path: folder.path).checkpoint() }
        #expect(throws: CheckpointError.pickle(file: path)) { try ModelFolder(path: path) }
    }

    @Test func folderWithoutConfigOrWeightsIsNoInput() throws {
        let folder = try ScratchFolder()
        for body in [
            { _ = try ModelFolder(path: folder.path) },
            { _ = try ModelFolder(path: folder.path + "/none") },
            {
                try folder.write("{}", to: "config.json")
                _ = try ModelFolder(path: folder.path).checkpoint()
            },
        ] as [() throws -> Void] {
            do {
                try body()
                Issue.record("accepted")
            } catch let error as CheckpointError {
                #expect(error.kind == .noInput, "\(error)")
            }
        }
    }

    @Test func cardFrontMatterIsReadAndProseKept() {
        let card = ModelCard(text: "---\r\nlicense: \"mit\"\r\ntags:\r\n- audio\r\n  nested: 1\r\nurl: https://a/b\r\n---\r\n# Title\r\n")
        #expect(card.fields == ["license": "mit", "url": "https://a/b"])
        #expect(card.text == "# Title\n")
        #expect(ModelCard(text: "# No front matter\nlicense: mit").fields.isEmpty)
        #expect(ModelCard(text: "---\nlicense: mit").license == nil)
        let hostile = ModelCard(text: "---\nlicense: mit\u{1B}[2J\n---\na\u{9B}31m\tb\r\u{7}c\n")
        #expect(hostile.license == "mit[2J" && hostile.text == "a31m\tbc\n")
    }
}

@Suite struct ConfigTests {
    private struct Config: Decodable, Equatable {
        enum Padding: String, Decodable { case reflect, constant }
        struct Block: Decodable, Equatable { let size: Int8 }
        let ratios: [Int]
        let scale: Float
        let causal: Bool
        let window: Int?
        let padding: Padding
        let blocks: [Block]
        let names: [String: Double]
    }

    private let sound = [
        "ratios": "[8,5,4]", "scale": "1", "causal": "true", "window": "null", "padding": "\"reflect\"",
        "blocks": "[{\"size\":1},{\"size\":127}]", "names": "{\"a\":0.5}", "unknown": "{}",
    ]

    private func decode(_ text: String) throws -> Config {
        let folder = try ScratchFolder()
        try folder.write(text, to: "config.json")
        return try ModelFolder(path: folder.path).config(Config.self)
    }

    /// The sound config with one field replaced, or left out.
    private func decode(_ field: String, _ value: String?) throws -> Config {
        var fields = sound
        fields[field] = value
        return try decode("{\(fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}")
    }

    @Test func soundConfigDecodes() throws {
        let config = try decode("window", "16")
        #expect(config.ratios == [8, 5, 4])
        #expect(config.scale == 1)
        #expect(config.window == 16)
        #expect(config.blocks == [.init(size: 1), .init(size: 127)])
        #expect(config.names == ["a": 0.5])
        #expect(try decode("window", nil).window == nil)
        #expect(try decode("window", "null").window == nil)
    }

    @Test(arguments: [
        ("ratios", nil, "ratios", "is missing"),
        ("ratios", "[8,5.0]", "ratios[1]", "must be an integer, not 5.0"),
        ("ratios", "[8,1e2]", "ratios[1]", "must be an integer, not 100.0"),
        ("ratios", "[9223372036854775808]", "ratios[0]", "must be an integer"),
        ("ratios", "8", "ratios", "must be an array, not 8"),
        ("scale", "\"1\"", "scale", "must be a number, not \"1\""),
        ("scale", "1e300", "scale", "must be a number"),
        ("causal", "1", "causal", "must be true or false, not 1"),
        ("window", "true", "window", "must be an integer, not true"),
        ("padding", "\"replicate\"", "padding", "replicate"),
        ("padding", "null", "padding", "must be a string, not null"),
        ("blocks", "[{\"size\":1},{\"size\":128}]", "blocks[1].size", "must be an integer in -128...127, not 128"),
        ("blocks", "[{}]", "blocks[0].size", "is missing"),
        ("blocks", "[1]", "blocks[0]", "must be an object, not 1"),
        ("names", "{\"a\":[]}", "names.a", "must be a number, not an array"),
    ] as [(String, String?, String, String)])
    func badFieldIsNamed(field: String, value: String?, path: String, reason: String) throws {
        do {
            _ = try decode(field, value)
            Issue.record("accepted")
        } catch let error as CheckpointError {
            guard case .invalidConfig(let found, let why, let file) = error else { throw error }
            #expect(found == path)
            #expect(why.contains(reason), "\(why)")
            #expect(file.hasSuffix("/config.json"))
            #expect(error.kind == .badConfig)
        }
    }

    @Test(arguments: ["", "[]", "{", #"{"ratios":[1],"ratios":[2]}"#, "{\"a\":\"\u{1}\"}"])
    func malformedConfigIsRefused(text: String) throws {
        do {
            _ = try decode(text)
            Issue.record("accepted")
        } catch let error as CheckpointError {
            #expect(error.kind == .badConfig, "\(error)")
        }
    }

    @Test func hugeConfigIsRefusedUnread() throws {
        #expect(throws: CheckpointError.self) { try decode("{}" + String(repeating: " ", count: 1 << 20)) }
    }
}

@Suite struct ModelLocatorTests {
    private func makeModels(_ folder: ScratchFolder) throws -> ModelLocator {
        for (path, type) in [("one/small", "1"), ("one/shared", "1"), ("two/shared", "2"), ("two/large", "2")] {
            try folder.write(#"{"model_type":"\#(type)"}"#, to: "\(path)/config.json")
        }
        try folder.write("no model", to: "two/notes/README.md")
        return ModelLocator(directories: ["one", "none", "two", "one"].map { folder.path + "/" + $0 })
    }

    @Test func namesAreFoundInTheOrderOfTheDirectories() throws {
        let folder = try ScratchFolder()
        let locator = try makeModels(folder)
        #expect(locator.directories.count == 3)
        #expect(try locator.locate("large").path == folder.path + "/two/large")
        #expect(try locator.locate("shared").modelType() == "1")
        #expect(locator.all().map(\.name) == ["large", "shared", "small"])
    }

    @Test func pathsAreTakenAsTheyAre() throws {
        let folder = try ScratchFolder()
        let locator = try makeModels(folder)
        #expect(try locator.locate(folder.path + "/two/shared").modelType() == "2")
        #expect(throws: CheckpointError.self) { try locator.locate(folder.path + "/two/notes") }
    }

    @Test func unknownNameListsThePlacesSearched() throws {
        let folder = try ScratchFolder()
        let locator = try makeModels(folder)
        for name in ["medium", "notes", ""] {
            let expected = CheckpointError.modelNotFound(name: name, searched: locator.directories)
            #expect(throws: expected) { try locator.locate(name) }
            #expect(expected.kind == .noInput)
        }
    }

    @Test func picklesNamedByPathPointToTheConverter() throws {
        #expect(throws: CheckpointError.pickle(file: "x.pth")) { try ModelLocator(directories: []).locate("x.pth") }
    }

    @Test func modelsNearTheExecutableAreFound() throws {
        let folder = try ScratchFolder()
        try folder.write("{}", to: "checkout/Models/a/config.json")
        try folder.write("{}", to: "prefix/share/codetta/Models/b/config.json")
        let built = ModelLocator.directories(executable: folder.path + "/checkout/.build/release/codetta")
        #expect(built.contains(folder.path + "/checkout/Models"))
        let installed = ModelLocator.directories(executable: folder.path + "/prefix/bin/codetta")
        #expect(installed.contains(folder.path + "/prefix/share/codetta/Models"))
        #expect(ModelLocator.directories(executable: nil).isEmpty)
        #expect(ModelLocator.standard().directories.contains("Models"))
    }
}
