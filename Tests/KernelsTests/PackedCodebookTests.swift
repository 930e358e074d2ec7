import Kernels
import Platform
import TestSupport
import Testing

@Suite struct PackedCodebookTests {
    @Test(arguments: InstructionSet.available)
    func findsACodewordAsNearAsTheReference(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 1)
        for (size, dimension) in [(1, 1), (2, 3), (31, 8), (64, 7), (100, 16), (257, 33), (1024, 64)] {
            let codewords = generator.floats(size * dimension)
            let codebook = Execution(instructionSet: set).run {
                PackedCodebook(codewords: codewords, dimension: dimension)
            }
            for count in [0, 1, 2, 5, 29] {
                let input = generator.frames(count, channels: dimension)
                let found = codebook.nearest(input)
                let best = Reference.nearest(input, codebook: codewords)
                #expect(found.count == count)
                for t in found.indices {
                    let distances = [found[t], best[t]].map { code in
                        (0..<dimension).reduce(0.0) { sum, c in
                            let d = Double(input[t, c]) - Double(codewords[Int(code) * dimension + c])
                            return sum + d * d
                        }
                    }
                    #expect(distances[0] - distances[1] <= 1e-5 * max(1, distances[1]))
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func findsEveryCodewordFromItself(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 2)
        let codewords = generator.floats(333 * 9)
        let codebook = Execution(instructionSet: set).run { PackedCodebook(codewords: codewords, dimension: 9) }
        #expect(codebook.nearest(Frames(count: 333, channels: 9, values: codewords)) == Array(0..<333))
    }

    @Test(arguments: InstructionSet.available)
    func takesTheLowestIndexOfEqualCodewords(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 3)
        let distinct = generator.floats(40 * 5)
        let codebook = Execution(instructionSet: set).run {
            PackedCodebook(codewords: distinct + distinct + distinct, dimension: 5)
        }
        for count in [1, 2, 40] {
            let input = Frames(count: count, channels: 5, values: Array(distinct.suffix(count * 5)))
            #expect(codebook.nearest(input) == Array(Int32(40 - count)..<40))
        }
        let zeros = Execution(instructionSet: set).run {
            PackedCodebook(codewords: [Float](repeating: 0, count: 70 * 3), dimension: 3)
        }
        #expect(zeros.nearest(Frames(zeros: 8, channels: 3)) == [Int32](repeating: 0, count: 8))
    }

    /// The first of which packs the codebook.
    @Test func searchesThatMeetAgree() async {
        var generator = SplitMix64(seed: 6)
        let codewords = generator.floats(256 * 16)
        let input = generator.frames(40, channels: 16)
        let expected = PackedCodebook(codewords: codewords, dimension: 16).nearest(input)
        for _ in 0..<20 {
            let codebook = PackedCodebook(codewords: codewords, dimension: 16)
            await withTaskGroup(of: [Int32].self) { group in
                for _ in 0..<8 { group.addTask { codebook.nearest(input) } }
                for await codes in group { #expect(codes == expected) }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func doesNotDependOnTheOtherFrames(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 4)
        // Codewords so close together that rounding alone decides: another order of sums would show.
        let codewords = generator.floats(500 * 24, in: -1e-6...1e-6).map { 1 + $0 }
        let codebook = Execution(instructionSet: set).run { PackedCodebook(codewords: codewords, dimension: 24) }
        let input = generator.frames(50, channels: 24, in: 0.5...1.5)
        let whole = codebook.nearest(input)
        #expect((0..<50).map { codebook.nearest(input.slice($0..<$0 + 1))[0] } == whole)
        #expect(codebook.nearest(input.slice(0..<2)) + codebook.nearest(input.slice(2..<50)) == whole)
    }

    @Test(arguments: InstructionSet.available)
    func answersWithAValidIndexWhateverTheInput(_ set: InstructionSet) {
        let codebook = Execution(instructionSet: set).run { PackedCodebook(codewords: [1, 2, 3, 4, 5], dimension: 1) }
        let input = Frames(count: 5, channels: 1, values: [.nan, .infinity, -.infinity, 1e38, 3])
        let codes = codebook.nearest(input)
        #expect(codes[0] == 0)
        #expect(codes[4] == 2)
        #expect(codes.allSatisfy { (0..<5).contains($0) })
    }

    @Test(arguments: InstructionSet.available)
    func quantizingLeavesTheResidual(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 5)
        for (dimension, count) in [(3, 1), (8, 2), (21, 31), (64, 12)] {
            let codewords = generator.floats(90 * dimension)
            let codebook = Execution(instructionSet: set).run {
                PackedCodebook(codewords: codewords, dimension: dimension)
            }
            let input = generator.frames(count, channels: dimension)
            var residual = input
            let codes = codebook.quantize(residual: &residual)
            #expect(codes == codebook.nearest(input))
            for t in 0..<count {
                for c in 0..<dimension {
                    #expect(residual[t, c] == input[t, c] - codewords[Int(codes[t]) * dimension + c])
                }
            }
        }
    }

    /// A codebook of a megabyte gives its rows up once it is searched: codes and residuals must be as before, and so the codewords.
    @Test(arguments: InstructionSet.available)
    func aLargeCodebookIsTheSameAfterItsRowsAreGone(set: InstructionSet) {
        var random = SplitMix64(seed: 9)
        let codewords = random.floats(2050 * 130)
        let codebook = Execution(instructionSet: set).run { PackedCodebook(codewords: codewords, dimension: 130) }
        let input = Frames(count: 5, channels: 130, values: random.floats(5 * 130))
        var residual = input
        let codes = codebook.quantize(residual: &residual)
        for t in 0..<5 {
            for c in 0..<130 { #expect(residual[t, c] == input[t, c] - codewords[Int(codes[t]) * 130 + c]) }
        }
        let isSame = codebook.codewords == codewords
        #expect(isSame && codebook.nearest(input) == codes)
    }

    /// Sizes below, at and above the panels' and the runs' widths.
    @Test(arguments: InstructionSet.available, [1, 7, 16, 33, 100])
    func scoresAreThoseThatTheNearestIsChosenBy(set: InstructionSet, size: Int) {
        var random = SplitMix64(seed: UInt64(size))
        let codewords = random.floats(size * 9)
        let codebook = Execution(instructionSet: set).run { PackedCodebook(codewords: codewords, dimension: 9) }
        for rows in [1, 2, 5, 30] {
            let input = Frames(count: rows, channels: 9, values: random.floats(rows * 9))
            var scores = [Float](repeating: .nan, count: rows * size)
            input.withUnsafeBufferPointer { input in
                scores.withUnsafeMutableBufferPointer { codebook.scores(input.baseAddress!, rows: rows, into: $0.baseAddress!) }
            }
            let nearest = codebook.nearest(input)
            for row in 0..<rows {
                let own = Array(scores[(row * size)..<((row + 1) * size)])
                #expect(own.firstIndex(of: own.max()!) == Int(nearest[row]))
                for code in 0..<size {
                    var expected = 0.0
                    for c in 0..<9 {
                        let (x, e) = (Double(input[row, c]), Double(codewords[code * 9 + c]))
                        expected += x * e - e * e / 2
                    }
                    #expect(abs(Double(own[code]) - expected) < 1e-4)
                }
                own.withUnsafeBufferPointer { values in
                    for (start, bar) in [(0, Float(-1e9)), (size / 2, own[0]), (0, own[size - 1]), (size, 0), (0, .infinity), (0, .nan)] {
                        let expected = (start..<size).first { own[$0] > bar } ?? size
                        #expect(codebook.firstAbove(bar, in: values.baseAddress!, range: start..<size) == expected)
                    }
                }
            }
        }
    }
}
