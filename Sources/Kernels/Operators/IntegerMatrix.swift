import CKernels
import Platform

/// A matrix of 8-bit integers for exact products with vectors of 16-bit integers, which are the same on every processor and
/// instruction set.
///
/// With at most `columnLimit` columns no sum can overflow 32 bits: 511 · 128 · 2¹⁵ < 2³¹.
public struct IntegerMatrix: Sendable {
    /// Most columns that a matrix may have.
    public static let columnLimit = 511

    /// Rows of the matrix, one per product.
    public let rowCount: Int
    /// Columns of the matrix: the length of the vectors that it is multiplied by.
    public let columnCount: Int
    private let instructionSet: InstructionSet
    /// The values, packed and widened for instructions that multiply 16-bit integers.
    private let packed: [Int16]

    /// Packs the values for the instruction set of `Execution.current`.
    /// - Parameters:
    ///   - values: row-major, a whole number of rows.
    ///   - columnCount: 1 to `columnLimit`.
    public init(values: [Int8], columnCount: Int) {
        precondition((1...Self.columnLimit).contains(columnCount) && values.count % columnCount == 0, "matrix size")
        let (rowCount, set) = (values.count / columnCount, Execution.current.instructionSet)
        self.rowCount = rowCount
        self.columnCount = columnCount
        instructionSet = set
        let size = ck_integer_packed_size(set.code, rowCount, columnCount)
        packed = [Int16](uninitialized: size) { packed in
            if let start = packed.baseAddress { ck_integer_pack(set.code, values, rowCount, columnCount, start) }
        }
    }

    /// Writes the products of `x` `[vectors, columnCount]` and the rows `rows` to the beginning of `sums`, `[vectors, rows]`.
    public func multiply(rows: Range<Int>, by x: [Int16], vectors: Int = 1, into sums: inout [Int32]) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows outside the matrix")
        precondition(vectors >= 0 && x.count == vectors * columnCount && sums.count >= vectors * rows.count, "operand sizes")
        if rows.isEmpty { return }
        ck_integer_products(instructionSet.code, packed, columnCount, rows.lowerBound, rows.count, x, vectors, &sums)
    }

    /// Turns `count` values of `sums`, from `start` on, into ⌊sum · multiplier / 2³² + 1/2⌋ + bias.
    /// - Parameters:
    ///   - sums: products that `multiply` wrote.
    ///   - start: where in `sums` the first value is.
    ///   - count: the number of values.
    ///   - multipliers: below 2²⁹ in magnitude.
    ///   - biases: within ±2³⁰.
    ///   - first: where in `multipliers` and `biases` those of the first value are.
    /// - Returns: the greatest of the results.
    public static func scale(
        _ sums: inout [Int32], from start: Int = 0, count: Int, multipliers: [Int32], biases: [Int32], first: Int
    ) -> Int32 {
        precondition(start >= 0 && count >= 0 && start + count <= sums.count, "sums outside the array")
        precondition(first >= 0 && first + count <= min(multipliers.count, biases.count), "rows outside the arrays")
        let code = Execution.current.instructionSet.code
        return sums.withUnsafeMutableBufferPointer { sums in
            multipliers.withUnsafeBufferPointer { multipliers in
                biases.withUnsafeBufferPointer { biases in
                    guard let sums = sums.baseAddress, let multipliers = multipliers.baseAddress, let biases = biases.baseAddress
                    else { return Int32.min }
                    return ck_integer_scale(code, sums + start, multipliers + first, biases + first, count, sums + start)
                }
            }
        }
    }
}
