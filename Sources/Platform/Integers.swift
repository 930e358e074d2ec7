/// The greatest number that divides both.
package func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }

/// The least multiple of both, which are above 0; `Int.max` when it overflows.
package func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = (a / greatestCommonDivisor(a, b)).multipliedReportingOverflow(by: b)
    return overflow ? Int.max : product
}

/// ⌈a / b⌉ for b > 0.
package func dividingUp(_ a: Int, by b: Int) -> Int { a / b + (a % b > 0 ? 1 : 0) }

/// ⌊a / b⌋ for b > 0.
package func dividingDown(_ a: Int, by b: Int) -> Int { a / b - (a % b < 0 ? 1 : 0) }
