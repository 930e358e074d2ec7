import Checkpoints
import Foundation
import Kernels
import Quantizers
import TestSupport
import Testing

@Suite struct LoadingTests {
    private func checkpoint(_ tensors: [String: Tensor]) throws -> Checkpoint {
        var writer = SafetensorsWriter()
        for (name, tensor) in tensors { writer.add(name, tensor) }
        // An open file outlives its name.
        let folder = try ScratchFolder()
        return try withExtendedLifetime(folder) { try Checkpoint(path: folder.write(writer.serialized(), to: "model.safetensors")) }
    }

    @Test(arguments: ["embed", "weight"]) func plainCodewordsLoad(field: String) throws {
        let words = Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
        let codebook = try checkpoint(["q.\(field)": words]).build { try PackedCodebook($0 / "q", size: 2, dimension: 3) }
        #expect(codebook.codewords == words.values)
        #expect(codebook.size == 2 && codebook.dimension == 3)
    }

    @Test(arguments: ["embed_sum", "embedding_sum"]) func sumsAreDividedByUsage(field: String) throws {
        let file = try checkpoint([
            "q.\(field)": Tensor(shape: [2, 2], values: [2, 4, 1e-5, -2e-5]),
            "q.cluster_usage": Tensor(shape: [2], values: [4, 0]), "q._initialized": Tensor(shape: [1], values: [1]),
        ])
        let codebook = try file.build { try PackedCodebook($0 / "q", size: 2, dimension: 2) }
        for (a, b) in zip(codebook.codewords, [0.5, 1, 1, -2] as [Float]) { #expect(abs(a - b) < 1e-6) }
    }

    @Test func stackedCodebooksLoadInOrder() throws {
        let file = try checkpoint(["quantizer.codebooks": Tensor(shape: [3, 2, 2], values: (0..<12).map(Float.init))])
        let quantizer = try file.build {
            try ResidualVectorQuantizer(stacked: "codebooks", in: $0 / "quantizer", stages: 3, size: 2, dimension: 2)
        }
        #expect(quantizer.stages.map(\.codebook.codewords) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
    }

    @Test func missingCodebooksAreAllReported() throws {
        let file = try checkpoint(["layers.1.codebook.embed": Tensor(shape: [4, 2], values: [Float](repeating: 0, count: 8))])
        do {
            _ = try file.build { try ResidualVectorQuantizer(layers: $0 / "layers", stages: 3, size: 2, dimension: 2) }
            Issue.record("accepted")
        } catch CheckpointError.mismatch(let mismatch) {
            #expect(
                mismatch.problems == [
                    .missing(tensor: "layers.0.codebook.embed", expected: [2, 2]),
                    .misshapen(tensor: "layers.1.codebook.embed", expected: [2, 2], found: [4, 2]),
                    .missing(tensor: "layers.2.codebook.embed", expected: [2, 2]),
                ])
        }
    }

    @Test(arguments: [(0, 2, 2), (1, 0, 2), (1, 2, 0), (-1, 2, 2), (1, Int.max, 1)])
    func impossibleSizesAreRefused(stages: Int, size: Int, dimension: Int) throws {
        let file = try checkpoint([:])
        #expect(throws: QuantizerError.self) {
            try file.build {
                try ResidualVectorQuantizer(stacked: "codebooks", in: $0, stages: stages, size: size, dimension: dimension)
            }
        }
        #expect(throws: QuantizerError.self) {
            try file.build { try ResidualVectorQuantizer(layers: $0, stages: stages, size: size, dimension: dimension) }
        }
    }
}
