import Checkpoints
import TestSupport
import Testing

/// Models whose files are bytes in memory.
@Suite struct MemoryFolderTests {
    private func weights() -> [UInt8] {
        var writer = SafetensorsWriter()
        writer.add("a", Tensor(shape: [2], values: [1, 2]))
        return writer.serialized()
    }

    @Test func filesInMemoryAreThoseOfAFolder() throws {
        let (config, card) = (#"{"model_type":"soundstream"}"#, "---\nlicense: cc0-1.0\n---\n# Model\n")
        let scratch = try ScratchFolder()
        try scratch.write(config, to: "m/config.json")
        try scratch.write(weights(), to: "m/model.safetensors")
        try scratch.write(card, to: "m/README.md")
        let onDisk = try ModelFolder(path: scratch.path + "/m")
        let inMemory = try ModelFolder(
            name: "m", contents: ["config.json": Array(config.utf8), "model.safetensors": weights(), "README.md": Array(card.utf8)])
        #expect(inMemory.name == "m" && inMemory.byteCount == onDisk.byteCount)
        #expect(try inMemory.modelType() == "soundstream" && inMemory.card()?.license == "cc0-1.0")
        #expect(try inMemory.checkpoint().load("a").values == [1, 2])
        #expect(try inMemory.checkpoint().identity() == onDisk.checkpoint().identity())
        #expect(try inMemory.entropyModel() == nil && inMemory.repository == nil)
    }

    @Test func whatIsMissingOrCutIsNamed() throws {
        #expect(throws: CheckpointError.self) { try ModelFolder(name: "m", contents: [:]) }
        let empty = try ModelFolder(name: "m", contents: ["config.json": Array("{".utf8)])
        #expect { try empty.modelType() } throws: { "\($0)".hasPrefix("m/config.json: ") }
        #expect { try empty.checkpoint() } throws: { "\($0)".contains("m/model.safetensors") }
        let bytes = weights()
        for count in 0..<bytes.count {
            let cut = try ModelFolder(name: "m", contents: ["config.json": [], "model.safetensors": Array(bytes.prefix(count))])
            #expect(throws: CheckpointError.self) { try cut.checkpoint().load("a") }
        }
    }

    @Test func foldersThatAProgramAddsAreSearched() throws {
        let scratch = try ScratchFolder()
        try scratch.write("{}", to: "only-here-\(#line)/config.json")
        ModelLocator.add(directory: scratch.path)
        #expect(ModelLocator.standard().directories.contains(scratch.path))
        #expect(ModelLocator.standard().all().contains { $0.path.hasPrefix(scratch.path) })
    }
}
