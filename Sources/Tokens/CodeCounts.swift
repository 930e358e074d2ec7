import Platform

/// How often each codeword of one codebook occurs, all tracks together.
///
/// Memory depends on how many different codewords occur. Where that must stay bounded, codewords of a large codebook share counts.
public struct CodeCounts: Sendable, Hashable {
    /// Codewords that a codebook in a file may have.
    package static let sizes = 1...1 << 31

    /// Codewords of the codebook.
    public let size: Int
    /// Codewords in order that share a count; 1 where each has its own.
    public let groupSize: Int
    /// Codes counted.
    public private(set) var total = 0
    private var occurring: [Int: Int] = [:]

    /// - Parameter limit: counts at most; a larger codebook is counted in groups.
    public init(size: Int, limit: Int = .max) {
        self.size = max(1, size)
        var group = 1
        while self.size / group > max(1, limit) { group *= 2 }
        groupSize = group
    }

    /// - Parameter histogram: how often each codeword occurs; codewords outside the codebook are left out.
    public init(size: Int, histogram: [Int: Int]) {
        self.init(size: size)
        for (code, count) in histogram where count > 0 { add(code, count) }
    }

    /// Counts codes; those outside the codebook are left out.
    public mutating func push(_ codes: some Sequence<Int32>) {
        for code in codes { add(Int(code), 1) }
    }

    /// Adds what `other`, of the same codebook, counted. A group of `other`'s counts as its first codeword.
    public mutating func add(_ other: CodeCounts) {
        for (group, count) in other.occurring { add(group * other.groupSize, count) }
    }

    private mutating func add(_ code: Int, _ count: Int) {
        guard (0..<size).contains(code) else { return }
        // Counts of documents are added up: they end at the largest number, not in a trap.
        occurring[code / groupSize, default: 0].add(count)
        total.add(count)
    }

    /// Counts that there are, those of codewords that do not occur included.
    public var groupCount: Int { (size - 1) / groupSize + 1 }
    /// Codewords (or groups of them) that occur.
    public var used: Int { occurring.count }
    /// How often each codeword that occurs does so, the commonest first.
    public var ranked: [Int] { occurring.values.sorted(by: >) }

    /// −Σ p log₂ p in bits per code: what an ideal entropy coder without memory would spend. It is low for short signals, which
    /// cannot show every codeword. 0 without codes.
    public var entropy: Double { Self.entropy(of: occurring.values.sorted()) }

    /// −Σ p log₂ p in bits of the shares that counts have of their sum; 0 without counts.
    public static func entropy(of counts: some Sequence<Int>) -> Double {
        let occurring = counts.filter { $0 > 0 }
        let total = occurring.reduce(0) { $0 + Double($1) }
        return occurring.reduce(0) { $0 - Double($1) / total * log2(Double($1) / total) }
    }

    /// The figures without the counts.
    public var use: CodebookUse { CodebookUse(size: size, codes: total, used: used, entropy: entropy) }

    /// Counters for the codebooks of a layout.
    /// - Parameter budget: counts of all codebooks together; larger codebooks are counted in groups.
    public static func counters(_ layout: CodeLayout, budget: Int = .max) -> [CodeCounts] {
        let each = budget / max(1, layout.codebooks.count)
        return layout.codebooks.map { CodeCounts(size: $0.size, limit: each) }
    }
}

extension Int {
    /// Adds, up to the largest number.
    package mutating func add(_ other: Int) {
        let (sum, isOver) = addingReportingOverflow(other)
        self = isOver ? .max : sum
    }
}

extension [CodeCounts] {
    /// Counts the codes of one track, codebook by codebook; streams without a counter are ignored.
    public mutating func push(_ codes: Codes) {
        for (k, stream) in codes.streams.prefix(count).enumerated() { self[k].push(stream) }
    }
}

/// In JSON `{"size": 8, "total": 3, "codes": [1, 5], "counts": [2, 1]}`, the codewords that occur in order.
extension CodeCounts: Codable {
    private enum CodingKeys: String, CodingKey { case size, total, codes, counts }

    /// - Throws: `DecodingError` for counts that no recording has or that do not fit the codebook.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let size = try container.decode(Int.self, forKey: .size)
        let codes = try container.decode([Int].self, forKey: .codes)
        let counts = try container.decode([Int].self, forKey: .counts)
        let isSorted = zip(codes, codes.dropFirst()).allSatisfy { $0 < $1 }
        guard Self.sizes.contains(size), counts.count == codes.count, codes.count <= 1 << 20, counts.allSatisfy({ (1...1 << 40).contains($0) }), isSorted,
            codes.allSatisfy({ $0 >= 0 && $0 < size }), counts.reduce(0, +) == (try container.decode(Int.self, forKey: .total))
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts, in: container, debugDescription: "a codebook's histogram does not add up")
        }
        self.init(size: size, histogram: Dictionary(uniqueKeysWithValues: zip(codes, counts)))
    }

    /// - Throws: `EncodingError` for codewords that share counts: the form has no place for groups.
    public func encode(to encoder: any Encoder) throws {
        guard groupSize == 1 else {
            throw EncodingError.invalidValue(self, .init(codingPath: encoder.codingPath, debugDescription: "codewords share counts"))
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        let codes = occurring.keys.sorted()
        try container.encode(size, forKey: .size)
        try container.encode(total, forKey: .total)
        try container.encode(codes, forKey: .codes)
        try container.encode(codes.map { occurring[$0] ?? 0 }, forKey: .counts)
    }
}

/// How much of a codebook some codes use.
public struct CodebookUse: Sendable, Hashable, Codable {
    /// Codewords there are.
    public let size: Int
    /// Codes counted, all tracks together.
    public let codes: Int
    /// Codewords that occur.
    public let used: Int
    /// −Σ p log₂ p of the codewords' shares, in bits per code.
    public let entropy: Double

    /// - Parameter entropy: in bits per code.
    public init(size: Int, codes: Int, used: Int, entropy: Double) {
        (self.size, self.codes, self.used, self.entropy) = (size, codes, used, entropy)
    }

    /// 2^entropy: as many codewords, evenly used, would have this entropy.
    public var perplexity: Double { exp2(entropy) }
    /// Share of the codewords that occur.
    public var share: Double { Double(used) / Double(max(size, 1)) }
}
