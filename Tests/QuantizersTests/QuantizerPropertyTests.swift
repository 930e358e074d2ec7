import Kernels
import Platform
import Quantizers
import TestSupport
import Testing

/// Laws that every quantizer keeps, on random weights and latents.
@Suite struct QuantizerPropertyTests {
    @Test func codesAreInRangeWhateverTheLatents() throws {
        var random = SplitMix64(seed: 1)
        for quantizer in try random.oneOfEachKind() {
            #expect(quantizer.dimension == 10)
            for scale in [0, 1e-20, 1, 1e4, 1e30, .infinity, .nan] as [Float] {
                let codes = quantizer.quantize(random.frames(20, 10, scale: scale))
                #expect(codes.count == quantizer.codebookSizes.count)
                #expect(try quantizer.validate(codes) == 20, "\(type(of: quantizer)) at scale \(scale)")
                let decoded = try quantizer.dequantize(codes)
                #expect(decoded.count == 20 && decoded.channels == 10)
                #expect(decoded.values.allSatisfy { $0.isFinite })
            }
        }
    }

    @Test func noFramesGiveNoCodesAndBack() throws {
        var random = SplitMix64(seed: 2)
        for quantizer in try random.oneOfEachKind() {
            let codes = quantizer.quantize(Frames(channels: 10))
            #expect(codes.allSatisfy(\.isEmpty) && codes.count == quantizer.codebookSizes.count)
            #expect(try quantizer.dequantize(codes).isEmpty)
        }
    }

    /// Each frame is coded by itself, so that pieces of a stream give the codes of the whole.
    @Test(arguments: [1, 2, 3, 7, 16]) func piecesGiveTheCodesOfTheWhole(chunk: Int) throws {
        var random = SplitMix64(seed: 3)
        for quantizer in try random.oneOfEachKind() {
            let latents = random.frames(50, 10)
            let whole = quantizer.quantize(latents)
            let decoded = try quantizer.dequantize(whole)
            var codes = [[Int32]](repeating: [], count: whole.count)
            var pieces = Frames(channels: 10)
            for start in stride(from: 0, to: 50, by: chunk) {
                let piece = quantizer.quantize(latents.slice(start..<min(start + chunk, 50)))
                pieces.append(try quantizer.dequantize(piece))
                for k in codes.indices { codes[k] += piece[k] }
            }
            #expect(codes == whole)
            #expect(pieces == decoded)
        }
    }

    @Test func truncatedCodesAreThePrefixOfTheFullOnes() throws {
        var random = SplitMix64(seed: 4)
        for quantizer in try random.oneOfEachKind() where quantizer.isTruncatable {
            let latents = random.frames(30, 10)
            let full = quantizer.quantize(latents)
            for count in quantizer.codebookCounts {
                let codes = quantizer.quantize(latents, codebooks: count)
                #expect(codes == Array(full.prefix(count)))
                #expect(try quantizer.dequantize(codes).count == 30)
            }
        }
    }

    @Test func foreignCodesAreRefused() throws {
        var random = SplitMix64(seed: 5)
        for quantizer in try random.oneOfEachKind() {
            let count = quantizer.codebookSizes.count
            let sound = quantizer.quantize(random.frames(3, 10))
            for (k, size) in quantizer.codebookSizes.enumerated() {
                for bad in [Int32(size), -1, .max, .min] {
                    var codes = sound
                    codes[k][2] = bad
                    #expect(throws: QuantizerError.codeOutOfRange(codebook: k, time: 2, code: bad, size: size)) {
                        try quantizer.dequantize(codes)
                    }
                }
            }
            let expected = quantizer.codebookCounts
            #expect(throws: QuantizerError.codebookCount(expected: expected, found: 0)) { try quantizer.dequantize([]) }
            #expect(throws: QuantizerError.codebookCount(expected: expected, found: count + 1)) {
                try quantizer.dequantize(sound + [sound[0]])
            }
            if count > 1 {
                var ragged = sound
                ragged[1].removeLast()
                #expect(throws: QuantizerError.ragged(lengths: ragged.map(\.count))) { try quantizer.dequantize(ragged) }
            }
        }
    }

    @Test func codewordsAreFixedPointsOfTheirQuantizer() throws {
        var random = SplitMix64(seed: 6)
        for metric in [VectorQuantizer.Metric.euclidean, .cosine] {
            let quantizer = VectorQuantizer(codebook: random.codebook(size: 64, dimension: 6), metric: metric)
            let codes = quantizer.quantize(random.frames(200, 6))
            let decoded = try quantizer.dequantize(codes)
            #expect(quantizer.quantize(decoded) == codes)
            #expect(try quantizer.dequantize(quantizer.quantize(decoded)) == decoded)
        }
    }

    @Test func cosineIgnoresTheLengthOfLatents() {
        var random = SplitMix64(seed: 7)
        let quantizer = VectorQuantizer(codebook: random.codebook(size: 64, dimension: 6), metric: .cosine)
        let latents = random.frames(100, 6)
        let codes = quantizer.quantize(latents)
        for scale in [0x1p-30, 0x1p-10, 0x1p20] as [Float] {
            #expect(quantizer.quantize(Frames(count: 100, channels: 6, values: latents.values.map { $0 * scale })) == codes)
        }
    }
}

/// How the composed quantizers reduce to the simple ones.
@Suite struct CompositionTests {
    @Test func oneStageIsAVectorQuantizer() throws {
        var random = SplitMix64(seed: 8)
        for quantizer in [try random.residual(stages: 1, size: 50, dimension: 10), try random.factorized(stages: 1)] {
            let latents = random.frames(60, 10)
            let codes = quantizer.quantize(latents)
            #expect(codes == quantizer.stages[0].quantize(latents))
            #expect(greatestDifference(try quantizer.dequantize(codes), try quantizer.stages[0].dequantize(codes)) == 0)
        }
    }

    @Test func oneGroupIsAResidualQuantizer() throws {
        var random = SplitMix64(seed: 9)
        let residual = try random.residual(stages: 4, size: 20, dimension: 7)
        let grouped = try GroupedResidualVectorQuantizer(groups: [residual])
        let latents = random.frames(60, 7)
        #expect(grouped.codebookSizes == residual.codebookSizes)
        for count in 1...4 {
            let codes = grouped.quantize(latents, codebooks: count)
            #expect(codes == residual.quantize(latents, codebooks: count))
            #expect(try grouped.dequantize(codes) == (try residual.dequantize(codes)))
        }
    }

    @Test func groupsDecodeTheirOwnChannels() throws {
        var random = SplitMix64(seed: 10)
        let groups = try (0..<3).map { try random.residual(stages: 2, size: 8 + $0, dimension: 4) }
        let grouped = try GroupedResidualVectorQuantizer(groups: groups)
        #expect(grouped.codebookSizes == [8, 9, 10, 8, 9, 10])
        let latents = random.frames(40, 12)
        // Five streams: two stages for groups 0 and 1, one for group 2.
        let codes = grouped.quantize(latents, codebooks: 5)
        let decoded = try grouped.dequantize(codes)
        for (g, streams) in [[0, 3], [1, 4], [2]].enumerated() {
            let own = try groups[g].dequantize(streams.map { codes[$0] })
            for t in 0..<40 {
                for c in 0..<4 { #expect(decoded[t, g * 4 + c] == own[t, c]) }
            }
        }
        // One stream: the other groups are silent.
        let first = try grouped.dequantize(Array(codes.prefix(1)))
        #expect((0..<40).allSatisfy { t in (4..<12).allSatisfy { first[t, $0] == 0 } })
    }

    /// Greedy stages with codebooks that hold the zero vector can only take energy away, frame by frame.
    @Test func residualEnergyNeverGrows() throws {
        var random = SplitMix64(seed: 11)
        let stages = (0..<6).map { k in
            var words = random.frames(63, 8, scale: Float(1) / Float(1 << k)).values
            words += [Float](repeating: 0, count: 8)
            return VectorQuantizer(codebook: PackedCodebook(codewords: words, dimension: 8))
        }
        let quantizer = try ResidualVectorQuantizer(stages: stages)
        let latents = random.frames(100, 8)
        let codes = quantizer.quantize(latents)
        var before = (0..<100).map { energy(latents.slice($0..<($0 + 1))) }
        for count in 1...6 {
            let rest = subtract(latents, try quantizer.dequantize(Array(codes.prefix(count))))
            let after = (0..<100).map { energy(rest.slice($0..<($0 + 1))) }
            #expect(zip(before, after).allSatisfy { $1 <= $0 * 1.000_01 + 1e-9 })
            #expect(after.reduce(0, +) < before.reduce(0, +))
            before = after
        }
    }

    @Test func stagesThatDoNotFitAreRefused() throws {
        var random = SplitMix64(seed: 12)
        let small = VectorQuantizer(codebook: random.codebook(size: 4, dimension: 2))
        let large = VectorQuantizer(codebook: random.codebook(size: 4, dimension: 3))
        #expect(throws: QuantizerError.self) { try ResidualVectorQuantizer(stages: []) }
        #expect(throws: QuantizerError.self) { try ResidualVectorQuantizer(stages: [small, large]) }
        #expect(throws: QuantizerError.self) { try GroupedResidualVectorQuantizer(groups: []) }
        let one = try ResidualVectorQuantizer(stages: [small])
        let two = try ResidualVectorQuantizer(stages: [small, small])
        #expect(throws: QuantizerError.self) { try GroupedResidualVectorQuantizer(groups: [one, two]) }
    }
}
