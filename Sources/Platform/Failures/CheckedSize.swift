/// Why a size taken from outside was refused.
public enum SizeError: CodettaError, Equatable {
    /// A dimension is below 0.
    case negative([Int])
    /// The product does not fit an integer.
    case overflow([Int])
    /// More bytes than the memory budget allows.
    case overBudget(bytes: Int, budget: Int)

    /// The class of the failure.
    public var kind: FailureKind { .badData }

    /// One line: what is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .negative(let dimensions): return "size \(dimensions) has a negative dimension"
        case .overflow(let dimensions): return "size \(dimensions) overflows"
        case .overBudget(let bytes, let budget):
            return "needs \(bytes) bytes, over the budget of \(budget); raise CODETTA_MEMORY_BUDGET if this is meant"
        }
    }
}

/// The one place where sizes read from files become allocations.
public enum CheckedSize {
    /// Largest single allocation that a file may ask for, in bytes: what `CODETTA_MEMORY_BUDGET` says, else 4 GiB, or half of the
    /// address space where that is limited (`ulimit -v`) to less than 8 GiB.
    public static let budget: Int = {
        if let text = environment("CODETTA_MEMORY_BUDGET"), let bytes = Int(text), bytes > 0 { return bytes }
        return min(4 << 30, addressSpace / 2)
    }()

    /// Bytes that this process may map, `Int.max` without a limit.
    private static var addressSpace: Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let status = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        #else
            let status = getrlimit(RLIMIT_AS, &limit)
        #endif
        return status == 0 ? Int(clamping: limit.rlim_cur) : Int.max
    }

    /// The product of `dimensions` as an element count whose size in bytes stays within `budget`.
    /// - Throws: `SizeError` for a negative dimension, an overflow or a size over the budget.
    public static func elements(
        _ dimensions: [Int], bytesPerElement: Int = 4, budget: Int = CheckedSize.budget
    ) throws(SizeError) -> Int {
        if dimensions.contains(where: { $0 < 0 }) { throw .negative(dimensions) }
        if dimensions.contains(0) { return 0 }
        var count = 1
        for dimension in dimensions {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            if overflow { throw .overflow(dimensions) }
            count = product
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: bytesPerElement)
        if overflow { throw .overflow(dimensions) }
        if bytes > budget { throw .overBudget(bytes: bytes, budget: budget) }
        return count
    }
}
