import Kernels
import Testing

@Test(arguments: InstructionSet.available)
func integerProductsAreExactUpToTheLargestSums(_ set: InstructionSet) {
    Execution(instructionSet: set).run {
        for (rows, columns) in [(1, 1), (3, 7), (5, 64), (33, 96), (150, 5), (2, 511)] {
            let values = (0..<rows * columns).map { columns == 511 ? Int8.min : Int8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 3) }
            let matrix = IntegerMatrix(values: values, columnCount: columns)
            for vectors in [1, 3, 4, 9] {
                let x = (0..<vectors * columns).map { columns == 511 ? Int16.min : Int16(truncatingIfNeeded: $0 &* 9241 &+ 77) }
                var sums = [Int32](repeating: -1, count: vectors * rows + 1)
                matrix.multiply(rows: 1..<rows, by: x, vectors: vectors, into: &sums)
                let exact = (0..<vectors).flatMap { v in
                    (1..<max(rows, 1)).map { r in
                        (0..<columns).reduce(0) { $0 + Int(values[r * columns + $1]) * Int(x[v * columns + $1]) }
                    }
                }
                #expect(sums.prefix(exact.count).map(Int.init) == exact, "\(vectors) × \(rows) × \(columns)")
                #expect(sums.dropFirst(exact.count).allSatisfy { $0 == -1 })
            }
        }
    }
}

@Test(arguments: InstructionSet.available)
func scaledSumsAreRoundedHalvesUp(_ set: InstructionSet) {
    let sums: [Int32] = [7, 1, 3, -1, -3, .max, .min, 1 << 20, 0]
    let multipliers: [Int32] = [9, .max, 1 << 30, 1 << 30, 1 << 30, 1 << 29 - 1, 1 << 29 - 1, 1 << 28, 5]
    let biases: [Int32] = [1, 0, -5, 0, 0, 1 << 20, -(1 << 20), 3, -9]
    Execution(instructionSet: set).run {
        var scaled = sums
        let greatest = IntegerMatrix.scale(&scaled, from: 2, count: 7, multipliers: multipliers, biases: biases, first: 2)
        let exact = (2..<9).map { i in
            Int32(((Double(sums[i]) * Double(multipliers[i]) / 4_294_967_296 + 0.5).rounded(.down))) + biases[i]
        }
        #expect(Array(scaled.prefix(2)) == [7, 1] && Array(scaled.dropFirst(2)) == exact && greatest == exact.max())
    }
}
