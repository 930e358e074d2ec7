import Tensors
import Testing

@Test(arguments: InstructionSet.available)
func integerProductsAreExactUpToTheLargestSums(_ set: InstructionSet) {
    Kernels.withInstructionSet(set) {
        for (rows, columns) in [(1, 1), (3, 7), (5, 64), (33, 96), (2, 511)] {
            let values = (0..<rows * columns).map { columns == 511 ? Int8.min : Int8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 3) }
            let x = (0..<columns).map { columns == 511 ? Int16.min : Int16(truncatingIfNeeded: $0 &* 9241 &+ 77) }
            var sums = [Int32](repeating: -1, count: rows + 1)
            IntegerMatrix(values: values, columnCount: columns).multiply(rows: 1..<rows, by: x, into: &sums)
            for r in 1..<max(rows, 1) {
                let exact = (0..<columns).reduce(0) { $0 + Int(values[r * columns + $1]) * Int(x[$1]) }
                #expect(Int(sums[r - 1]) == exact, "\(rows) × \(columns), row \(r)")
            }
            #expect(sums[rows - 1] == -1 && sums[rows] == -1)
        }
    }
}
