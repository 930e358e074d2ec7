import Foundation
import Kernels
import Platform
import Quantizers
import TestSupport
import Testing
import Tokens

/// Prices by formula, which depend on the frame's earlier codes and on the frame before.
private struct FormulaRates: CodeRates {
    var sizes: [Int]
    /// Bits of the dearest codes; 0 makes all codes cost the same.
    var spread: Float
    private var last: [Int32] = []

    init(sizes: [Int], spread: Float) {
        (self.sizes, self.spread) = (sizes, spread)
    }

    func price(_ code: Int, of codebook: Int, given frame: [Int32]) -> Float {
        let before = frame.enumerated().reduce(7) { $1.element < 0 ? $0 : $0 &* 31 &+ Int($1.element) &* ($1.offset + 3) }
        let past = last.reduce(5) { $0 &* 17 &+ Int($1) }
        let hash = (UInt64(bitPattern: Int64(before &+ past &* 101 &+ code &* 7919 &+ codebook)) &* 0x9E37_79B9_7F4A_7C15) >> 40
        return 3 + spread * Float(hash) / Float(1 << 24)
    }

    func bits(of codebook: Int, given frames: [[Int32]]) -> [[Float]] {
        frames.map { frame in (0..<sizes[codebook]).map { price($0, of: codebook, given: frame) } }
    }

    mutating func advance(by frame: [Int32]) { last = frame }
}

/// The search that weighs error against bits.
@Suite struct RateSearchTests {
    private func search(
        _ quantizer: some SearchableQuantizer, width: Int, weight: Double = 1, codebooks: Int? = nil, spread: Float = 8
    ) -> RateSearch {
        var quantizer = quantizer
        quantizer.search = CodeSearch(beamWidth: width, rateWeight: weight)
        return RateSearch(
            quantizer, codebooks: codebooks ?? quantizer.codebookSizes.count, rates: FormulaRates(sizes: quantizer.codebookSizes, spread: spread))
    }

    private func error(_ latents: Frames, _ codes: [[Int32]], _ quantizer: any Quantizer) throws -> Double {
        energy(subtract(latents, try quantizer.dequantize(codes)))
    }

    /// What the codes cost.
    private func bits(_ codes: [[Int32]], _ rates: FormulaRates) -> Double {
        var (rates, total) = (rates, 0.0)
        for t in 0..<codes[0].count {
            var frame = [Int32](repeating: -1, count: codes.count)
            for k in codes.indices {
                total += Double(rates.price(Int(codes[k][t]), of: k, given: frame))
                frame[k] = codes[k][t]
            }
            rates.advance(by: frame)
        }
        return total
    }

    private func makeAll(_ random: inout SplitMix64) throws -> [any SearchableQuantizer] {
        [
            try random.residual(stages: 4, size: 33, dimension: 10),
            try random.factorized(stages: 3),
            try ResidualVectorQuantizer(stages: random.residual(stages: 2, size: 16, dimension: 4).stages, projections: random.projections(10, 4)),
            try GroupedResidualVectorQuantizer(groups: (0..<2).map { _ in try random.residual(stages: 3, size: 9, dimension: 5) }),
            try SplitResidualVectorQuantizer(
                first: random.residual(stages: 1, size: 12, dimension: 10), second: random.residual(stages: 3, size: 12, dimension: 10)),
        ]
    }

    @Test func whereAllCodesCostTheSameTheErrorAloneCounts() throws {
        var random = SplitMix64(seed: 40)
        var quantizer = try random.residual(stages: 4, size: 33, dimension: 10)
        let latents = random.frames(60, 10)
        let greedy = quantizer.quantize(latents)
        var single = search(quantizer, width: 1, spread: 0)
        #expect(single.quantize(latents) == greedy)
        var wide = search(quantizer, width: 8, spread: 0)
        let found = wide.quantize(latents)
        quantizer.search = CodeSearch(beamWidth: 8, refinementPasses: 0)
        let beam = quantizer.quantize(latents)
        let differing = (0..<60).filter { t in (0..<4).contains { found[$0][t] != beam[$0][t] } }
        // The beam search falls back to greedy codes where its own leave more; nothing else may differ.
        #expect(differing.allSatisfy { t in (0..<4).allSatisfy { beam[$0][t] == greedy[$0][t] } } && differing.count < 10)
    }

    /// A beam that keeps every code of the first stage sees every pair of codes.
    @Test(arguments: [0.1, 1, 10]) func aFullBeamOverTwoStagesFindsTheCheapestPair(weight: Double) throws {
        var random = SplitMix64(seed: 41)
        let codebooks = (0..<2).map { _ in random.codebook(size: 16, dimension: 4) }
        let quantizer = try ResidualVectorQuantizer(stages: codebooks.map { VectorQuantizer(codebook: $0) })
        let latents = random.frames(40, 4)
        var search = search(quantizer, width: 16, weight: weight)
        let found = search.quantize(latents)
        let price = weight * codebooks[1].codewords.reduce(0) { $0 + Double($1) * Double($1) } / 16 / 4
        var rates = FormulaRates(sizes: [16, 16], spread: 8)
        for t in 0..<40 {
            func cost(_ first: Int32, _ second: Int32) throws -> Double {
                let bits = rates.price(Int(first), of: 0, given: [-1, -1]) + rates.price(Int(second), of: 1, given: [first, -1])
                return try error(latents.slice(t..<t + 1), [[first], [second]], quantizer) + price * Double(bits)
            }
            let best = try (0..<16).flatMap { first in try (0..<16).map { try cost(Int32(first), Int32($0)) } }.min() ?? 0
            #expect(try abs(cost(found[0][t], found[1][t]) - best) <= 1e-5 * best + 1e-6)
            rates.advance(by: [found[0][t], found[1][t]])
        }
    }

    @Test func aHigherWeightSavesBitsAndLeavesMore() throws {
        var random = SplitMix64(seed: 42)
        for quantizer in try makeAll(&random) {
            let latents = random.frames(150, 10)
            let rates = FormulaRates(sizes: quantizer.codebookSizes, spread: 8)
            var last = (bits: Double.infinity, error: 0.0)
            for weight in [0.01, 1, 30] {
                var search = search(quantizer, width: 6, weight: weight)
                let codes = search.quantize(latents)
                #expect(try quantizer.validate(codes) == 150)
                let (bits, error) = (bits(codes, rates), try error(latents, codes, quantizer))
                #expect(bits < last.bits && error > last.error, "weight \(weight)")
                last = (bits, error)
            }
        }
    }

    @Test(arguments: [1, 7, 50]) func piecesGiveTheCodesOfTheWhole(chunk: Int) throws {
        var random = SplitMix64(seed: 43)
        for quantizer in try makeAll(&random) {
            let latents = random.frames(100, 10)
            for count in quantizer.codebookCounts {
                var whole = search(quantizer, width: 5, codebooks: count)
                var pieces = whole
                var codes = [[Int32]](repeating: [], count: count)
                for start in stride(from: 0, to: 100, by: chunk) {
                    let piece = pieces.quantize(latents.slice(start..<min(start + chunk, 100)))
                    for k in codes.indices { codes[k] += piece[k] }
                }
                #expect(codes == whole.quantize(latents))
                #expect(whole.quantize(Frames(channels: 10)) == [[Int32]](repeating: [], count: count))
            }
        }
    }

    @Test(arguments: [1e30, .infinity, .nan] as [Float]) func framesThatAreNotFiniteGetValidCodes(scale: Float) throws {
        var random = SplitMix64(seed: 44)
        for quantizer in try makeAll(&random) {
            var search = search(quantizer, width: 4)
            #expect(try quantizer.validate(search.quantize(random.frames(10, 10, scale: scale))) == 10)
            #expect(try quantizer.validate(search.quantize(random.frames(10, 10))) == 10)
        }
    }
}
