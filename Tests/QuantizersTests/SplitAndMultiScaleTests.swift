import Kernels
import Platform
import Quantizers
import TestSupport
import Testing

@Suite struct SplitAndMultiScaleTests {
    private func split(_ random: inout SplitMix64) throws -> SplitResidualVectorQuantizer {
        try SplitResidualVectorQuantizer(
            first: random.residual(stages: 1, size: 16, dimension: 6), second: random.residual(stages: 3, size: 16, dimension: 6))
    }

    private func multiScale(_ random: inout SplitMix64, strides: [Int]) throws -> MultiScaleQuantizer {
        try MultiScaleQuantizer(
            stages: random.residual(stages: strides.count, size: 16, dimension: 6).stages.enumerated().map {
                .init(stride: strides[$0], quantizer: $1)
            })
    }

    @Test func theHalvesOfASplitQuantizerCodeTheSameLatents() throws {
        var random = SplitMix64(seed: 1)
        let quantizer = try split(&random)
        let latents = random.frames(9, 6)
        let codes = quantizer.quantize(latents)
        #expect(codes == quantizer.first.quantize(latents) + quantizer.second.quantize(latents))
        for count in 1...4 { #expect(quantizer.quantize(latents, codebooks: count) == Array(codes.prefix(count))) }
        var sum = try quantizer.first.dequantize([codes[0]])
        #expect(try quantizer.dequantize([codes[0]]) == sum)
        Kernels.add(try quantizer.second.dequantize(Array(codes[1...2])), to: &sum)
        #expect(try quantizer.dequantize(Array(codes[...2])) == sum)
    }

    @Test func aSplitQuantizersHalvesAreSearchedBoth() throws {
        var random = SplitMix64(seed: 2)
        var quantizer = try split(&random)
        quantizer.search = CodeSearch(beamWidth: 4, refinementPasses: 0)
        #expect(quantizer.first.search == quantizer.search && quantizer.second.search == quantizer.search)
        let half = try random.residual(stages: 1, size: 4, dimension: 5)
        #expect(throws: QuantizerError.self) { try SplitResidualVectorQuantizer(first: quantizer.first, second: half) }
    }

    @Test func ofOneRateAMultiScaleQuantizerIsAResidualOne() throws {
        var random = SplitMix64(seed: 3)
        let quantizer = try multiScale(&random, strides: [1, 1, 1])
        let plain = try ResidualVectorQuantizer(stages: quantizer.stages.map(\.quantizer))
        let latents = random.frames(11, 6)
        #expect(quantizer.quantize(latents) == plain.quantize(latents))
        #expect(try quantizer.dequantize(plain.quantize(latents)) == plain.dequantize(plain.quantize(latents)))
    }

    @Test func everyStageCodesTheMeansOfWhatIsLeft() throws {
        var random = SplitMix64(seed: 4)
        let quantizer = try multiScale(&random, strides: [4, 2])
        let latents = random.frames(8, 6)
        let codes = quantizer.quantize(latents)
        #expect(codes.map(\.count) == [2, 4])
        let coarse = try quantizer.dequantize([codes[0]])
        var means = Frames(zeros: 4, channels: 6)
        for t in 0..<8 {
            for c in 0..<6 { means[t / 2, c] += (latents[t, c] - coarse[t, c]) / 2 }
        }
        #expect(codes[1] == quantizer.stages[1].quantizer.quantize(means)[0])
        for t in 0..<8 { #expect(coarse.slice(t..<(t + 1)) == coarse.slice((t / 4 * 4)..<(t / 4 * 4 + 1))) }
    }

    @Test func multiScaleCodesThatDoNotFitAreRefused() throws {
        var random = SplitMix64(seed: 5)
        let quantizer = try multiScale(&random, strides: [4, 2])
        #expect(throws: QuantizerError.ragged(lengths: [1, 1])) { try quantizer.dequantize([[0], [0]]) }
        #expect(throws: QuantizerError.codeOutOfRange(codebook: 1, time: 1, code: 16, size: 16)) {
            try quantizer.dequantize([[0], [0, 16]])
        }
        #expect(throws: QuantizerError.self) { try quantizer.dequantize([]) }
        #expect(throws: QuantizerError.self) { try multiScale(&random, strides: [4, 3]) }
        #expect(throws: QuantizerError.self) { try multiScale(&random, strides: [2, 0]) }
        #expect(throws: QuantizerError.self) { try MultiScaleQuantizer(stages: []) }
    }
}
