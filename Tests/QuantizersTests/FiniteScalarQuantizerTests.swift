import Foundation
import Kernels
import Quantizers
import Testing

@Suite struct FiniteScalarQuantizerTests {
    private static let tables = [[8, 5, 5, 5], [2], [3], [2, 2, 2], [7, 4, 2, 3], [16, 15]]

    @Test(arguments: tables) func codesAndDigitsAreABijection(levels: [Int]) throws {
        let quantizer = try FiniteScalarQuantizer(levels: levels)
        #expect(quantizer.codebookSize == levels.reduce(1, *))
        var seen: Set<[Int]> = []
        for code in 0..<Int32(quantizer.codebookSize) {
            let digits = quantizer.digits(ofCode: code)
            #expect(zip(digits, levels).allSatisfy { (0..<$1).contains($0) })
            #expect(quantizer.code(ofDigits: digits) == code)
            seen.insert(digits)
        }
        #expect(seen.count == quantizer.codebookSize)
    }

    /// The latent in the middle of each level is coded as that level, so that every code is reached.
    @Test(arguments: tables, [FiniteScalarQuantizer.Bound.published, .centered])
    func everyCodeIsReached(levels: [Int], bound: FiniteScalarQuantizer.Bound) throws {
        let quantizer = try FiniteScalarQuantizer(levels: levels, bound: bound)
        let all = (0..<Int32(quantizer.codebookSize)).map { $0 }
        var latents = Frames(zeros: all.count, channels: levels.count)
        for (t, code) in all.enumerated() {
            for (c, digit) in quantizer.digits(ofCode: code).enumerated() {
                let count = levels[c]
                let half = Double(count - 1) * (bound == .published ? 0.999 : 1.001) / 2
                let offset = count % 2 == 0 ? 0.5 : 0
                let shift = bound == .published ? tan(offset / half) : atanh(offset / half)
                // The outermost levels' centres may lie on the bound or beyond; stay just inside it.
                let target = Double(digit - count / 2) + offset
                latents[t, c] = Float(atanh(max(min(target / half, 0.999), -0.999)) - shift)
            }
        }
        #expect(quantizer.quantize(latents) == [all])
    }

    @Test func outputsAreEvenlySpacedLevels() throws {
        let quantizer = try FiniteScalarQuantizer(levels: [4, 3])
        let decoded = try quantizer.dequantize([(0..<12).map { $0 }])
        #expect((0..<4).map { decoded[$0, 0] } == [-1, -0.5, 0, 0.5])
        #expect([0, 4, 8].map { decoded[$0, 1] } == [-1, 0, 1])
    }

    @Test func largerLatentsNeverGetSmallerDigits() throws {
        let quantizer = try FiniteScalarQuantizer(levels: [8])
        let ramp = Frames(count: 601, channels: 1, values: (-300...300).map { Float($0) / 50 })
        let codes = quantizer.quantize(ramp)[0]
        #expect(zip(codes, codes.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(codes.first == 0 && codes.last == 7)
    }

    @Test func zeroStaysZeroWhenCentered() throws {
        let quantizer = try FiniteScalarQuantizer(levels: [8, 5, 4, 3], bound: .centered)
        let decoded = try quantizer.dequantize(quantizer.quantize(Frames(zeros: 1, channels: 4)))
        #expect(decoded.values == [0, 0, 0, 0])
    }

    @Test(arguments: [[], [1], [8, 0], [-8], [65_536, 65_536], [Int.max, Int.max]])
    func impossibleLevelsAreRefused(levels: [Int]) {
        #expect(throws: QuantizerError.self) { try FiniteScalarQuantizer(levels: levels) }
    }
}
