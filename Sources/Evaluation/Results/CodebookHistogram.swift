import Platform

/// How often each codeword of one codebook was used.
public struct CodebookHistogram: Sendable, Hashable, Codable {
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

    /// - Throws: `EvaluationError.malformed` for counts that no recording has or that do not fit the codebook.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        size = try container.decode(Int.self, forKey: .size)
        total = try container.decode(Int.self, forKey: .total)
        codes = try container.decode([Int].self, forKey: .codes)
        counts = try container.decode([Int].self, forKey: .counts)
        let isSorted = zip(codes, codes.dropFirst()).allSatisfy { $0 < $1 }
        guard counts.count == codes.count, codes.count <= 1 << 20, counts.allSatisfy({ (1...1 << 40).contains($0) }), isSorted,
            codes.allSatisfy({ $0 >= 0 && $0 < size }), counts.reduce(0, +) == total
        else { throw EvaluationError.malformed("a codebook's histogram does not add up") }
    }

    /// Adds what `other`, of the same codebook, counted.
    public mutating func add(_ other: CodebookHistogram) {
        let both = zip(codes + other.codes, counts + other.counts)
        self = CodebookHistogram(size: size, histogram: Dictionary(both.map { ($0, $1) }, uniquingKeysWith: +))
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
