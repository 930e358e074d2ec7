/// Codes whose digits have different counts, the first the least significant.
enum MixedRadix {
    /// The number of codes.
    /// - Throws: `QuantizerError.invalidSize` for counts below `least` or a product that does not fit a code.
    static func size(levels: [Int], least: Int, what: String) throws -> Int {
        guard !levels.isEmpty else { throw QuantizerError.invalidSize("no \(what)") }
        var size = 1
        for count in levels {
            let (product, overflow) = size.multipliedReportingOverflow(by: count)
            guard count >= least, !overflow, product <= Int(Int32.max) else {
                throw QuantizerError.invalidSize("\(what) \(levels.prefix(64))")
            }
            size = product
        }
        return size
    }

    /// The code of digits that are below their counts.
    static func code(_ levels: [Int], digit: (Int) -> Int) -> Int32 {
        Int32(levels.indices.reversed().reduce(0) { $0 * levels[$1] + digit($1) })
    }

    static func digits(of code: Int32, _ levels: [Int]) -> [Int] {
        var rest = Int(code)
        return levels.map { count in
            defer { rest /= count }
            return rest % count
        }
    }
}
