import Codetta
import Foundation
import Platform
import TestSupport
import Testing

/// A model's identity is that of its tensors, not of its file.
@Suite struct WeightIdentityTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func model(_ name: String, _ files: [String: SafetensorsWriter]) throws -> Model {
        let folder = scratch.file(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: tinyFolder.appendingPathComponent("config.json"), to: folder.appendingPathComponent("config.json"))
        for (file, writer) in files { try Data(writer.serialized()).write(to: folder.appendingPathComponent(file)) }
        return try Model(contentsOf: folder)
    }

    private func tensors() throws -> [(String, Tensor)] {
        let checkpoint = try ModelFolder(path: tinyFolder.path).checkpoint()
        return try checkpoint.names.map { ($0, try checkpoint.load($0)) }
    }

    private func writer(_ tensors: some Sequence<(String, Tensor)>, metadata: [String: String] = [:]) -> SafetensorsWriter {
        var writer = SafetensorsWriter(metadata: metadata)
        for (name, tensor) in tensors { writer.add(name, tensor) }
        return writer
    }

    @Test func theSameWeightsReorderedOrShardedAreTheSameModel() throws {
        let tensors = try tensors()
        let original = try model("original", ["model.safetensors": writer(tensors)])
        let reordered = try model("reordered", ["model.safetensors": writer(tensors.reversed(), metadata: ["saved": "again"])])
        #expect(try reordered.weights == original.weights)
        let parts = [tensors.prefix(tensors.count / 2), tensors.suffix(from: tensors.count / 2)]
        let names = ["a.safetensors", "b.safetensors"]
        let map = zip(parts, names).flatMap { part, name in part.map { "\"\($0.0)\": \"\(name)\"" } }
        let folder = scratch.file("sharded")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("{\"weight_map\": {\(map.joined(separator: ", "))}}".utf8)
            .write(to: folder.appendingPathComponent("model.safetensors.index.json"))
        let sharded = try model("sharded", [names[0]: writer(parts[0]), names[1]: writer(parts[1])])
        #expect(try sharded.weights == original.weights)
        let codes = try original.encode(tones(700, channels: 1), sampleRate: 24_000)
        #expect(try sharded.decode(codes) == original.decode(codes) && reordered.decode(codes) == original.decode(codes))
    }

    @Test func anotherValueNameOrShapeIsAnotherModel() throws {
        let tensors = try tensors()
        func identity(_ change: (inout [(String, Tensor)]) -> Void) throws -> ContentDigest {
            var changed = tensors
            change(&changed)
            let file = scratch.file("changed.safetensors")
            try Data(writer(changed).serialized()).write(to: file)
            return try Checkpoint(path: file.path).identity()
        }
        let original = try identity { _ in }
        #expect(try original == identity { _ in })
        let others = try [
            identity { $0[0].1.values[0] += 1 },
            identity { $0[0].0 += "x" },
            identity { $0[0].1.shape = [1] + $0[0].1.shape },
            identity { $0.removeLast() },
        ]
        #expect(!others.contains(original) && Set(others).count == others.count)
    }

    /// The bytes of Docs/container.md, written out by hand.
    @Test func theIdentityIsThatOfTheSpecification() throws {
        var writer = SafetensorsWriter(metadata: ["left": "out"])
        writer.add("b", Tensor(shape: [2], values: [1, -2]))
        writer.add("a", Tensor(shape: [1, 1], values: [0.5]))
        let file = scratch.file("two.safetensors")
        try Data(writer.serialized()).write(to: file)
        let a: [UInt8] = [0, 0, 0, 0x3F]
        let b: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
        var message = Array("codetta weights 1\n".utf8)
        message += [1, 0, 0, 0, 0x61, 3] + Array("F32".utf8) + [2, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0]
        message += SHA256.hash(a).bytes
        message += [1, 0, 0, 0, 0x62, 3] + Array("F32".utf8) + [1, 0, 0, 0] + [2, 0, 0, 0, 0, 0, 0, 0]
        message += SHA256.hash(b).bytes
        #expect(try Checkpoint(path: file.path).identity() == SHA256.hash(message))
    }

    @Test func filesThatNameTheWeightsByTheirFileAreStillDecoded() async throws {
        let model = try tinyModel()
        var codes = try model.encode(tones(2000, channels: 1), sampleRate: 24_000)
        let expected = try model.decode(codes)
        codes.header.weights = SHA256.hash(try Data(contentsOf: tinyFolder.appendingPathComponent("model.safetensors")))
        #expect(try codes.header.weights != model.weights)
        #expect(try model.decode(codes) == expected)
        try codes.write(to: scratch.file("old.codetta"))
        try await model.decode(scratch.file("old.codetta"), to: scratch.file("old.wav"))
        codes.header.weights = SHA256.hash([1])
        #expect(throws: PipelineError.self) { try model.decode(codes) }
        #expect(try model.decode(codes, ignoringWeights: true) == expected)
        codes.header.weights = .zero
        #expect(try model.decode(codes) == expected)
    }
}
