import CKernels

/// A matrix of 8-bit integers for exact products with vectors of 16-bit integers: the same on every processor and instruction set.
///
/// With at most `columnLimit` columns no sum can leave 32 bits: 511 · 128 · 2¹⁵ < 2³¹.
public struct IntegerMatrix: Sendable {
    /// Most columns that a matrix may have.
    public static let columnLimit = 511

    public let rowCount: Int
    public let columnCount: Int
    /// Row-major, widened for instructions that multiply 16 bits.
    private let values: [Int16]

    /// - Parameter values: row-major, a whole number of rows of `columnCount`, which is 1 to `columnLimit`.
    public init(values: [Int8], columnCount: Int) {
        precondition((1...Self.columnLimit).contains(columnCount) && values.count % columnCount == 0, "matrix size")
        self.rowCount = values.count / columnCount
        self.columnCount = columnCount
        self.values = values.map { Int16($0) }
    }

    /// Writes the products of `x` and the rows `rows` to the beginning of `sums`, on `Kernels.instructionSet`.
    public func multiply(rows: Range<Int>, by x: [Int16], into sums: inout [Int32]) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows outside the matrix")
        precondition(x.count == columnCount && sums.count >= rows.count, "operand sizes")
        if rows.isEmpty { return }
        let code = Kernels.instructionSet.code
        values.withUnsafeBufferPointer { values in
            ck_integer_products(
                code, values.baseAddress! + rows.lowerBound * columnCount, rows.count, columnCount, x, &sums)
        }
    }
}
