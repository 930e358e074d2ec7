import Kernels
import Platform
import Quantizers
import TestSupport
import Testing

/// Beam search and joint refinement against the greedy codes and against exhaustive search.
@Suite struct SearchTests {
    private static let searches = [(1, 0), (1, 3), (2, 0), (5, 0), (5, 2), (64, 8)]

    /// One of each kind, of ten channels.
    private func makeAll(_ random: inout SplitMix64) throws -> [any SearchableQuantizer] {
        [
            try random.residual(stages: 5, size: 33, dimension: 10),
            try random.residual(stages: 3, size: 1, dimension: 10),
            try random.factorized(stages: 3),
            try ResidualVectorQuantizer(stages: (0..<3).map { _ in
                VectorQuantizer(codebook: random.codebook(size: 20, dimension: 10), metric: .cosine)
            }),
            try GroupedResidualVectorQuantizer(groups: (0..<2).map { _ in try random.residual(stages: 3, size: 9, dimension: 5) }),
        ]
    }

    private func squaredError(_ latents: Frames, _ codes: [[Int32]], _ quantizer: any Quantizer) throws -> [Double] {
        let rest = subtract(latents, try quantizer.dequantize(codes))
        return (0..<rest.count).map { energy(rest.slice($0..<($0 + 1))) }
    }

    @Test func aBeamOfOneIsTheGreedySearch() throws {
        var random = SplitMix64(seed: 30)
        for var quantizer in try makeAll(&random) {
            let latents = random.frames(40, 10)
            let greedy = quantizer.quantize(latents)
            quantizer.search = CodeSearch(beamWidth: 8, refinementPasses: 2)
            quantizer.search = CodeSearch(beamWidth: 1, refinementPasses: 0)
            #expect(quantizer.search == .greedy && quantizer.quantize(latents) == greedy)
        }
    }

    @Test(arguments: searches) func noFrameIsWorseThanGreedy(width: Int, passes: Int) throws {
        var random = SplitMix64(seed: 31)
        for var quantizer in try makeAll(&random) {
            let latents = random.frames(60, 10)
            for count in quantizer.codebookCounts {
                quantizer.search = .greedy
                let greedy = try squaredError(latents, quantizer.quantize(latents, codebooks: count), quantizer)
                quantizer.search = CodeSearch(beamWidth: width, refinementPasses: passes)
                let codes = quantizer.quantize(latents, codebooks: count)
                #expect(try quantizer.validate(codes) == 60 && codes.count == count)
                let searched = try squaredError(latents, codes, quantizer)
                #expect(zip(greedy, searched).allSatisfy { $1 <= $0 * 1.000_01 + 1e-9 })
            }
        }
    }

    @Test func widerAndRefinedSearchesLeaveLess() throws {
        var random = SplitMix64(seed: 32)
        var quantizer = try random.residual(stages: 8, size: 64, dimension: 10)
        let latents = random.frames(200, 10)
        var last = Double.infinity
        for (width, passes) in [(1, 0), (2, 0), (8, 0), (32, 0), (32, 8)] {
            quantizer.search = CodeSearch(beamWidth: width, refinementPasses: passes)
            let total = try squaredError(latents, quantizer.quantize(latents), quantizer).reduce(0, +)
            #expect(total < last * (width == 1 || passes > 0 ? 1 : 0.97), "beam \(width), refinement \(passes)")
            last = total
        }
    }

    /// A beam that keeps every code of the first stage sees every pair of codes.
    @Test func aFullBeamOverTwoStagesFindsTheBestPair() throws {
        var random = SplitMix64(seed: 33)
        var quantizer = try random.residual(stages: 2, size: 16, dimension: 4)
        quantizer.search = CodeSearch(beamWidth: 16, refinementPasses: 0)
        let latents = random.frames(50, 4)
        let found = try squaredError(latents, quantizer.quantize(latents), quantizer)
        var best = [Double](repeating: .infinity, count: 50)
        for first in 0..<16 {
            for second in 0..<16 {
                let codes = [Int32(first), Int32(second)].map { [Int32](repeating: $0, count: 50) }
                let pair = try squaredError(latents, codes, quantizer)
                best = zip(best, pair).map { min($0, $1) }
            }
        }
        #expect(zip(found, best).allSatisfy { abs($0 - $1) <= 1e-5 * $1 + 1e-6 })
    }

    @Test func afterRefinementNoSingleCodeCanBeBettered() throws {
        var random = SplitMix64(seed: 34)
        var quantizer = try random.residual(stages: 4, size: 12, dimension: 6)
        quantizer.search = CodeSearch(beamWidth: 3, refinementPasses: 64)
        let latents = random.frames(30, 6)
        let codes = quantizer.quantize(latents)
        let found = try squaredError(latents, codes, quantizer)
        for stage in 0..<4 {
            for code in 0..<12 {
                var other = codes
                other[stage] = [Int32](repeating: Int32(code), count: 30)
                let alternative = try squaredError(latents, other, quantizer)
                #expect(zip(found, alternative).allSatisfy { $0 <= $1 * 1.000_01 + 1e-6 })
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 50]) func piecesGiveTheCodesOfTheWhole(chunk: Int) throws {
        var random = SplitMix64(seed: 35)
        for var quantizer in try makeAll(&random) {
            quantizer.search = CodeSearch(beamWidth: 6, refinementPasses: 4)
            let latents = random.frames(150, 10)
            var codes = [[Int32]](repeating: [], count: quantizer.codebookSizes.count)
            for start in stride(from: 0, to: 150, by: chunk) {
                let piece = quantizer.quantize(latents.slice(start..<min(start + chunk, 150)))
                for k in codes.indices { codes[k] += piece[k] }
            }
            #expect(codes == quantizer.quantize(latents))
            let none = quantizer.quantize(Frames(channels: 10))
            #expect(none.count == codes.count && none.allSatisfy { $0.isEmpty })
        }
    }

    @Test func framesThatAreNotFiniteKeepTheirGreedyCodes() throws {
        var random = SplitMix64(seed: 36)
        for var quantizer in try makeAll(&random) {
            for scale in [1e30, .infinity, .nan] as [Float] {
                let latents = random.frames(20, 10, scale: scale)
                quantizer.search = .greedy
                let greedy = quantizer.quantize(latents)
                quantizer.search = CodeSearch(beamWidth: 4, refinementPasses: 4)
                let codes = quantizer.quantize(latents)
                #expect(try quantizer.validate(codes) == 20)
                if !scale.isFinite { #expect(codes == greedy) }
            }
        }
    }
}
