import Checkpoints
import Foundation
import Quantizers
import TestSupport
import Testing

/// Codes and outputs of an independent implementation; Tools/goldens/quantizers.py writes the files and says how to again.
@Suite struct GoldenTests {
    /// Names in the fixtures that are not weights.
    private let data = ["latents", "codes", "decoded", "decoded.2", "decoded.4", "decoded.stage1", "decoded.stage2"]

    @Test func residualQuantizerWithEnCodecsNames() throws {
        let file = try fixture("rvq.safetensors")
        let quantizer = try file.build(ignoring: data) {
            try ResidualVectorQuantizer(layers: $0 / "quantizer.layers", stages: 4, size: 64, dimension: 16)
        }
        let codes = quantizer.quantize(try file.frames("latents"))
        #expect(codes == (try file.codes("codes")))
        #expect(greatestDifference(try quantizer.dequantize(codes), try file.frames("decoded.4")) < 1e-5)
        #expect(greatestDifference(try quantizer.dequantize(Array(codes.prefix(2))), try file.frames("decoded.2")) < 1e-5)
    }

    @Test func residualQuantizerWithMimisNames() throws {
        let file = try fixture("mimi.safetensors")
        let quantizer = try file.build(ignoring: data) { root in
            let weights = root / "rvq"
            return try ResidualVectorQuantizer(
                layers: weights / "layers", stages: 2, size: 32, dimension: 8,
                projections: try Projections(
                    inward: weights / "input_proj", outward: weights / "output_proj", outerDimension: 12, innerDimension: 8))
        }
        #expect(quantizer.dimension == 12)
        let codes = quantizer.quantize(try file.frames("latents"))
        #expect(codes == (try file.codes("codes")))
        #expect(greatestDifference(try quantizer.dequantize(codes), try file.frames("decoded")) < 1e-5)
    }

    @Test func factorizedQuantizerWithDACsNames() throws {
        let file = try fixture("dac.safetensors")
        let quantizer = try file.build(ignoring: data) {
            try ResidualVectorQuantizer(
                factorized: $0 / "quantizer.quantizers", stages: 3, dimension: 24, size: 64, codebookDimension: 8)
        }
        let codes = quantizer.quantize(try file.frames("latents"))
        #expect(codes == (try file.codes("codes")))
        #expect(greatestDifference(try quantizer.dequantize(codes), try file.frames("decoded")) < 2e-5)
    }

    @Test func groupedQuantizerInTheOrderOfHiFiCodec() throws {
        let file = try fixture("grvq.safetensors")
        let quantizer = try file.build(ignoring: data) { root in
            try GroupedResidualVectorQuantizer(
                groups: (0..<2).map {
                    try ResidualVectorQuantizer(
                        stacked: "codebooks", in: root / "groups" / $0, stages: 2, size: 32, dimension: 6)
                })
        }
        let codes = quantizer.quantize(try file.frames("latents"))
        #expect(codes == (try file.codes("codes")))
        #expect(greatestDifference(try quantizer.dequantize(codes), try file.frames("decoded.stage2")) < 1e-5)
        #expect(greatestDifference(try quantizer.dequantize(Array(codes.prefix(2))), try file.frames("decoded.stage1")) < 1e-5)
    }

    @Test(arguments: [("published", .published), ("centered", .centered)] as [(String, FiniteScalarQuantizer.Bound)])
    func finiteScalarQuantizer(name: String, bound: FiniteScalarQuantizer.Bound) throws {
        let file = try fixture("fsq.safetensors")
        let quantizer = try FiniteScalarQuantizer(levels: try file.loadIntegers("levels").values, bound: bound)
        let codes = quantizer.quantize(try file.frames("latents"))
        #expect(codes == (try file.codes("\(name).codes")))
        #expect(greatestDifference(try quantizer.dequantize(codes), try file.frames("\(name).decoded")) < 1e-6)
    }

    @Test(arguments: BinaryQuantizer.Form.allCases) func binaryQuantizer(form: BinaryQuantizer.Form) throws {
        let file = try fixture("\(form.rawValue).safetensors")
        let quantizer = try file.build(ignoring: data) {
            try BinaryQuantizer(
                form: form, bits: [5, 5],
                projections: Projections(
                    inward: $0 / "project_in", outward: $0 / "project_out", outerDimension: 7, innerDimension: 10))
        }
        let codes = quantizer.quantize(try file.frames("latents"))
        #expect(codes == (try file.codes("codes")))
        #expect(greatestDifference(try quantizer.dequantize(codes), try file.frames("decoded")) < 1e-5)
    }

    @Test func residualFiniteScalarQuantizer() throws {
        let file = try fixture("rfsq.safetensors")
        let quantizer = try ResidualFiniteScalarQuantizer(levels: try file.loadIntegers("levels").values, stages: 3)
        let codes = quantizer.quantize(try file.frames("latents"))
        #expect(codes == (try file.codes("codes")))
        #expect(greatestDifference(try quantizer.dequantize(codes), try file.frames("decoded")) < 1e-5)
    }
}

/// Quantizers as the training recipe writes them; Tools/goldens/trained_quantizers.py makes the files.
@Suite struct TrainedQuantizerTests {
    @Test(arguments: ["rvq", "grvq", "fsq", "lattice"]) func codesAreTheRecipes(kind: String) throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/trained-\(kind).safetensors", withExtension: nil))
        let quantizer = try QuantizerFile.load(path: url.path)
        let golden = try fixture("trained-\(kind)-codes.safetensors")
        let codes = quantizer.quantize(try golden.frames("latents"))
        #expect(codes == (try golden.codes("codes")))
        #expect(greatestDifference(try quantizer.dequantize(codes), try golden.frames("decoded")) < 1e-4)
    }
}
