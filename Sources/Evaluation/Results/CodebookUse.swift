#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How often each codeword of one codebook was used.
public struct CodebookUse: Sendable, Hashable, Codable {
    /// Codewords.
    public var size: Int
    /// Codes counted, all tracks together.
    public private(set) var total: Int
    /// The codewords that occur, in order.
    public private(set) var codes: [Int]
    /// How often each of `codes` occurs.
    public private(set) var counts: [Int]

    /// - Parameter histogram: how often each codeword occurs.
    public init(size: Int, histogram: [Int: Int] = [:]) {
        self.size = size
        codes = histogram.keys.sorted()
        counts = codes.map { histogram[$0] ?? 0 }
        total = counts.reduce(0, +)
    }

    /// Adds what `other`, of the same codebook, counted.
    public mutating func add(_ other: CodebookUse) {
        let both = zip(codes + other.codes, counts + other.counts)
        self = CodebookUse(size: size, histogram: Dictionary(both.map { ($0, $1) }, uniquingKeysWith: +))
    }

    /// −Σ p log₂ p in bits a code; 0 without codes.
    public var entropy: Double {
        counts.reduce(0) { sum, count in
            let p = Double(count) / Double(total)
            return sum - p * log2(p)
        }
    }

    /// The figures without the histogram.
    public var statistics: CodebookStatistics {
        CodebookStatistics(size: size, total: total, used: codes.count, entropy: entropy)
    }
}
