import Foundation
import Kernels
import Platform
import Quantizers
import TestSupport
import Testing

/// Laws of single kinds.
@Suite struct KindTests {
    /// Decoding and coding again changes nothing where the quantizer is a projection: the codes are those of a nearest point
    /// that lies in the quantizer's own image.
    @Test func projectionsAreIdempotent() throws {
        var random = SplitMix64(seed: 31)
        let quantizers: [any Quantizer] = [
            VectorQuantizer(codebook: random.codebook(size: 30, dimension: 6)),
            try ProductQuantizer(parts: (0..<3).map { _ in VectorQuantizer(codebook: random.codebook(size: 9, dimension: 2)) }),
            try FiniteScalarQuantizer(levels: [2, 3, 4, 5, 8, 7], bound: .clamped),
            try BinaryQuantizer(form: .lookupFree, bits: [2, 4]),
            try BinaryQuantizer(form: .spherical, bits: [6]),
            try random.lattice(levels: [[5, 4, 2], [3, 1, 6]]),
            try UnitQuantizer(codebook: random.codebook(size: 20, dimension: 6), mean: [1, 2, 3, 4, 5, 6], deviation: [1, 2, 1, 3, 1, 9]),
        ]
        let latents = random.frames(200, 6, scale: 2)
        for quantizer in quantizers {
            let codes = quantizer.quantize(latents)
            let decoded = try quantizer.dequantize(codes)
            #expect(quantizer.quantize(decoded) == codes, "\(type(of: quantizer))")
        }
    }

    @Test func finerStagesOfResidualFSQReduceTheError() throws {
        var random = SplitMix64(seed: 32)
        let quantizer = try ResidualFiniteScalarQuantizer(levels: [5, 4, 3], stages: 4)
        let latents = random.frames(300, 3, scale: 0.6)
        let bounds: [Float] = [1.25, 4.0 / 3, 1.5]
        let bounded = Frames(count: 300, channels: 3, values: latents.values.enumerated().map { bounds[$0 % 3] * tanh($1 / bounds[$0 % 3]) })
        let codes = quantizer.quantize(latents)
        var before = energy(bounded)
        for count in 1...4 {
            let error = energy(subtract(bounded, try quantizer.dequantize(Array(codes.prefix(count)))))
            #expect(error < before / 2)
            before = error
        }
    }

    @Test func maskedStagesSeeTheirOwnChannels() throws {
        var random = SplitMix64(seed: 33)
        let stages = try random.residual(stages: 5, size: 16, dimension: 8).stages
        let quantizer = try MaskedChannelResidualVectorQuantizer(stages: stages)
        #expect((0..<3).map(quantizer.channels(ofStage:)) == [0..<2, 2..<5, 5..<8])
        let latents = random.frames(50, 8)
        let codes = quantizer.quantize(latents)
        for stage in 0..<3 {
            var others = latents
            for t in 0..<50 { for c in 0..<8 where !quantizer.channels(ofStage: stage).contains(c) { others[t, c] = 77 } }
            #expect(quantizer.quantize(others)[stage] == codes[stage])
        }
        // The rest is the residual quantizer of what the masked stages leave.
        let rest = subtract(latents, try quantizer.dequantize(Array(codes.prefix(3))))
        #expect(try ResidualVectorQuantizer(stages: Array(stages[3...])).quantize(rest) == Array(codes[3...]))
    }

    @Test func withoutMaskedStagesItIsAResidualQuantizer() throws {
        var random = SplitMix64(seed: 34)
        let residual = try random.residual(stages: 4, size: 16, dimension: 6)
        let quantizer = try MaskedChannelResidualVectorQuantizer(stages: residual.stages, maskedStages: 0)
        let latents = random.frames(50, 6)
        #expect(quantizer.quantize(latents) == residual.quantize(latents))
        for masked in [-1, 5] {
            #expect(throws: QuantizerError.self) {
                try MaskedChannelResidualVectorQuantizer(stages: residual.stages, maskedStages: masked)
            }
        }
    }

    @Test func aProductOfOneIsItsPart() throws {
        var random = SplitMix64(seed: 35)
        let part = try random.residual(stages: 3, size: 16, dimension: 6)
        let product = try ProductQuantizer(parts: [part])
        let latents = random.frames(50, 6)
        #expect(product.quantize(latents) == part.quantize(latents))
        #expect(try product.dequantize(part.quantize(latents)) == part.dequantize(part.quantize(latents)))
    }

    @Test func stagesOfVectorQuantizersAreAResidualQuantizer() throws {
        var random = SplitMix64(seed: 36)
        let residual = try random.residual(stages: 4, size: 16, dimension: 6)
        let general = try ResidualQuantizer(stages: residual.stages)
        let latents = random.frames(50, 6)
        let codes = residual.quantize(latents)
        #expect(general.quantize(latents) == codes)
        #expect(general.isTruncatable)
        for count in 1...4 {
            #expect(general.quantize(latents, codebooks: count) == Array(codes.prefix(count)))
            let prefix = Array(codes.prefix(count))
            #expect(greatestDifference(try general.dequantize(prefix), try residual.dequantize(prefix)) < 1e-5)
        }
    }

    @Test func aDiagonalLatticeIsAClampedGrid() throws {
        var random = SplitMix64(seed: 37)
        let levels = [5, 4, 3]
        // Steps of a grid on −1 … 1.
        var basis = [Float](repeating: 0, count: 9)
        for (i, count) in levels.enumerated() { basis[i * 4] = 2 / Float(count - 1) }
        let lattice = try LatticeQuantizer(basis: basis, levels: [levels])
        let grid = try FiniteScalarQuantizer(levels: levels, bound: .clamped)
        let latents = random.frames(500, 3)
        let codes = grid.quantize(latents)
        #expect(lattice.quantize(latents) == codes)
        #expect(greatestDifference(try lattice.dequantize(codes), try grid.dequantize(codes)) < 1e-6)
    }

    @Test func singularAndMisshapenLatticesAreRefused() {
        #expect(throws: QuantizerError.self) { try LatticeQuantizer(basis: [1, 2, 2, 4], levels: [[3, 3]]) }
        #expect(throws: QuantizerError.self) { try LatticeQuantizer(basis: [1, 0, 0], levels: [[3, 3]]) }
        #expect(throws: QuantizerError.self) { try LatticeQuantizer(basis: [.nan], levels: [[3]]) }
        #expect(throws: QuantizerError.self) { try LatticeQuantizer(basis: [1], levels: [[0]]) }
    }

    @Test func bitsPerFrameAreTheLogarithmsOfTheSizes() throws {
        var random = SplitMix64(seed: 38)
        let quantizer = try random.residual(stages: 3, size: 32, dimension: 4)
        #expect(quantizer.bitsPerFrame() == 15)
        #expect(quantizer.bitsPerFrame(codebooks: 2) == 10)
        #expect(try FiniteScalarQuantizer(levels: [8, 4]).bitsPerFrame() == 5)
    }

    @Test func runsOfUnitsHoldTheUnits() {
        let units: [Int32] = [4, 4, 4, 1, 2, 2, 4]
        let runs = UnitRun.runs(of: units)
        #expect(runs.map(\.unit) == [4, 1, 2, 4] && runs.map(\.duration) == [3, 1, 2, 1])
        #expect(UnitRun.units(of: runs) == units)
        #expect(UnitRun.runs(of: []).isEmpty)
    }
}
