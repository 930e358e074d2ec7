import Checkpoints
import TestSupport
import Testing

@Suite struct WeightTests {
    @Test func pathsJoinPrefixesAndNumbers() throws {
        let folder = try ScratchFolder()
        let checkpoint = try makeCheckpoint(["encoder.layers.3.conv.weight": [2, 1]], in: folder)
        let values = try checkpoint.build { root throws in
            let path = root / "encoder.layers" / 3 / "conv"
            #expect(path.path == "encoder.layers.3.conv")
            #expect(path.has("weight") && !path.has("bias"))
            #expect(path.shape(of: "weight") == [2, 1])
            #expect(try path.optionalTensor("bias", shape: [2]) == nil)
            return try path.tensor("weight", shape: [2, 1])
        }
        #expect(values == [0, 1])
    }

    @Test func allProblemsAreReportedAtOnce() throws {
        let folder = try ScratchFolder()
        var writer = SafetensorsWriter()
        writer.add("good", Tensor(shape: [1], values: [4]))
        writer.add("misshapen", Tensor(shape: [2, 3], values: [Float](repeating: 1, count: 6)))
        writer.add("bad", Tensor(shape: [2], values: [0, .nan]))
        writer.add("unused.1", Tensor(shape: [1], values: [0]))
        writer.add("unused.0", Tensor(shape: [2], values: [0, 0]))
        let checkpoint = try Checkpoint(path: folder.write(writer.serialized(), to: "m.safetensors"))
        let found = try problems {
            try checkpoint.build { root throws in
                #expect(try root.tensor("missing", shape: [2, 2]) == [0, 0, 0, 0])
                #expect(try root.tensor("misshapen", shape: [3, 2]) == [0, 0, 0, 0, 0, 0])
                #expect(try root.tensor("good", shape: [1]) == [4])
                #expect(try root.tensor("bad", shape: [2]) == [0, 0])
            }
        }
        #expect(
            found == [
                .missing(tensor: "missing", expected: [2, 2]),
                .misshapen(tensor: "misshapen", expected: [3, 2], found: [2, 3]),
                .invalid(tensor: "bad", reason: "has a NaN or infinity at element 1"),
                .unused(tensor: "unused.0", shape: [2]),
                .unused(tensor: "unused.1", shape: [1]),
            ])
        let error = CheckpointError.mismatch(CheckpointMismatch(file: checkpoint.path, problems: found))
        #expect(error.kind == .badData)
        #expect(
            error.description.hasSuffix(
                "5 tensor(s) do not fit the model: missing missing [2, 2]; misshapen is [2, 3], not [3, 2]; "
                    + "bad has a NaN or infinity at element 1; unused unused.0 [2]; unused unused.1 [1]"))
    }

    @Test func ignoredTensorsMayBePresent() throws {
        let folder = try ScratchFolder()
        let checkpoint = try makeCheckpoint(
            ["a.num_batches_tracked": [], "num_batches_tracked": [], "b.extra": [1], "xnum_batches_tracked": [1]], in: folder)
        let found = try problems {
            try checkpoint.build(ignoring: ["num_batches_tracked"]) { ($0 / "b").ignore("extra", "absent") }
        }
        #expect(found == [.unused(tensor: "xnum_batches_tracked", shape: [1])])
    }

    /// A config may ask for anything; only what the file has costs memory.
    @Test func absurdDemandEndsTheConstruction() throws {
        let folder = try ScratchFolder()
        let checkpoint = try makeCheckpoint(["a": [1]], in: folder)
        for shape in [[1 << 40], [Int.max, Int.max], [-1]] {
            #expect(throws: CheckpointError.self) { try WeightLoader(checkpoint).root.tensor("a", shape: shape) }
        }
        let root = try WeightLoader(checkpoint).root
        #expect(throws: CheckpointError.self) {
            for i in 0..<100 { _ = try root.tensor("missing.\(i)", shape: [1 << 22]) }
        }
    }

    @Test func weightNormFoldsInEverySpelling() throws {
        let folder = try ScratchFolder()
        var writer = SafetensorsWriter()
        // Rows of lengths 5 and 13 with gains 10 and -1.
        let direction = Tensor(shape: [2, 1, 2], values: [3, 4, 5, 12])
        let gain = Tensor(shape: [2, 1, 1], values: [10, -1])
        writer.add("old.weight_v", direction)
        writer.add("old.weight_g", gain)
        writer.add("new.parametrizations.weight.original0", gain)
        writer.add("new.parametrizations.weight.original1", direction)
        writer.add("folded.weight", Tensor(shape: [2, 1, 2], values: [6, 8, -5.0 / 13, -12.0 / 13]))
        let checkpoint = try Checkpoint(path: folder.write(writer.serialized(), to: "m.safetensors"))
        try checkpoint.build { root throws in
            for name in ["old", "new", "folded"] {
                let weight = try (root / name).normalizedWeight(shape: [2, 1, 2])
                for (a, b) in zip(weight, [6, 8, -5.0 / 13, -12.0 / 13] as [Float]) { #expect(abs(a - b) < 1e-6, "\(name)") }
            }
        }
    }

    @Test func weightNormProblemsAreNamed() throws {
        let folder = try ScratchFolder()
        var writer = SafetensorsWriter()
        writer.add("zero.weight_v", Tensor(shape: [2, 1], values: [1, 0]))
        writer.add("zero.weight_g", Tensor(shape: [2, 1], values: [1, 1]))
        writer.add("lonely.weight_v", Tensor(shape: [1, 1], values: [1]))
        writer.add("shape.weight_v", Tensor(shape: [1, 1], values: [1]))
        writer.add("shape.weight_g", Tensor(shape: [2, 1], values: [1, 1]))
        let checkpoint = try Checkpoint(path: folder.write(writer.serialized(), to: "m.safetensors"))
        let found = try problems {
            try checkpoint.build { root throws in
                _ = try (root / "zero").normalizedWeight(shape: [2, 1])
                _ = try (root / "lonely").normalizedWeight(shape: [1, 1])
                _ = try (root / "shape").normalizedWeight(shape: [2, 1])
                _ = try (root / "none").normalizedWeight(shape: [2, 1])
            }
        }
        #expect(
            found == [
                .invalid(tensor: "zero.weight_v", reason: "has norm 0 in row 1"),
                .missing(tensor: "lonely.weight_g", expected: [1, 1]),
                .misshapen(tensor: "shape.weight_v", expected: [2, 1], found: [1, 1]),
                .missing(tensor: "none.weight", expected: [2, 1]),
            ])
    }

    @Test func pointwiseWeightIsALinearLayerOrAConvolution() throws {
        let folder = try ScratchFolder()
        let checkpoint = try makeCheckpoint(["linear.weight": [2, 3], "conv.weight": [2, 3, 1]], in: folder)
        try checkpoint.build { root throws in
            for name in ["linear", "conv"] {
                #expect(try (root / name).pointwiseWeight(outputs: 2, inputs: 3) == [0, 1, 2, 3, 4, 5])
            }
        }
    }

    @Test func renamedTensorsAreFoundAndReportedByTheModelsNames() throws {
        let folder = try ScratchFolder()
        let checkpoint = try makeCheckpoint(["model.1.w": [1], "model.2.w": [1]], in: folder)
        let found = try problems {
            try checkpoint.build(keyMap: ["model.{i+1}.*": "layers.{i}.*"]) {
                _ = try $0.tensor("layers.0.w", shape: [1])
            }
        }
        #expect(found == [.unused(tensor: "layers.1.w", shape: [1])])
    }

    @Test func twoTensorsRenamedToOneAreRefused() throws {
        let folder = try ScratchFolder()
        let checkpoint = try makeCheckpoint(["a": [1], "b": [1]], in: folder)
        #expect(throws: CheckpointError.self) { try WeightLoader(checkpoint, keyMap: ["a": "b"]) }
    }
}

@Suite struct KeyMapTests {
    private let map: KeyMap = [
        "encoder.model.0.*": "encoder.first.*",
        "encoder.model.{i}.block.{j}.*": "encoder.layers.{i}.block.{j}.*",
        "encoder.model.{i}.conv.conv.*": "encoder.layers.{i}.conv.*",
        "decoder.{i+1}.alpha": "decoder.blocks.{i}.snake{i}.alpha",
        "decoder.{i}.beta": "decoder.blocks.{i+2}.beta",
        "twin.{i}.{i}": "same.{i}",
    ]

    @Test(arguments: [
        ("encoder.model.0.conv.conv.weight", "encoder.first.conv.conv.weight"),
        ("encoder.model.3.conv.conv.weight_g", "encoder.layers.3.conv.weight_g"),
        ("encoder.model.12.block.1.conv.conv.bias", "encoder.layers.12.block.1.conv.conv.bias"),
        ("decoder.7.beta", "decoder.blocks.9.beta"),
        ("twin.4.4", "same.4"),
    ]) func firstFittingPatternRenames(name: String, expected: String) {
        #expect(map(name) == expected)
    }

    @Test(arguments: [
        "encoder.model.0", "encoder.model.03.conv.conv.weight", "encoder.model.x.conv.conv.weight",
        "encoder.model.-1.conv.conv.weight", "encoder.model.3.conv.conv", "xencoder.model.3.conv.conv.weight",
        "decoder.0.alpha", "decoder.3.beta.x", "twin.4.5", "", ".", "decoder.99999999999999999999.beta",
    ]) func whatNoPatternFitsKeepsItsName(name: String) {
        #expect(map(name) == name)
        #expect(KeyMap.identity(name) == name)
    }

    @Test func wordsWithPlaceholdersInsideAreWords() {
        let map: KeyMap = ["snake{i}": "x"]
        #expect(map("snake1") == "snake1")
        #expect(map("snake{i}") == "x")
    }
}
