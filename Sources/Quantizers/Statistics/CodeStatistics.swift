import Platform
import Tokens

/// How one codebook's codes are distributed. Entropies are in bits per code, of the shares as they were counted: short
/// material cannot show all of them, and conditional ones come out too low until every pair had a chance to occur.
public struct CodebookStatistics: Sendable, Codable, Equatable {
    /// Codewords.
    public var size: Int
    /// Codes counted.
    public var codes: Int
    /// Codewords that occur.
    public var used: Int
    /// −Σ p log₂ p.
    public var entropy: Double
    /// Given the same codebook's code in the previous frame; nil without two frames in a row.
    public var entropyGivenPreviousFrame: Double?
    /// Given the previous codebook's code in the same frame; nil for the first codebook.
    public var entropyGivenPreviousCodebook: Double?
    /// Slope of log count over log rank, by least squares over the codewords that occur: −1 is Zipf's law, 0 even use. Nil for
    /// fewer than two.
    public var zipfSlope: Double?

    /// 2^entropy: as many codewords, evenly used, would have this entropy.
    public var perplexity: Double { exp2(entropy) }
    /// Share of the codewords that occur.
    public var use: Double { Double(used) / Double(max(size, 1)) }
}

/// Counts codes, and pairs of codes, sequence after sequence.
public struct CodeStatistics: Sendable {
    private let sizes: [Int]
    /// How often each codeword occurs, one entry per codebook.
    public private(set) var counts: [CodeCounts]
    private var successions: [PairCounts]
    private var neighbours: [PairCounts]

    /// - Parameter sizes: codewords of each codebook.
    public init(sizes: [Int]) {
        self.sizes = sizes
        counts = sizes.map { CodeCounts(size: $0) }
        let cells = PairCounts.cellBudget / max(1, sizes.count)
        successions = sizes.map { PairCounts($0, $0, limit: cells) }
        neighbours = zip([1] + sizes, sizes).map { PairCounts($0, $1, limit: cells) }
    }

    /// Counts the codes `[codebooks][time]` of one recording; codes outside their codebooks are left out. Codebooks of
    /// different rates have no previous codebook.
    public mutating func push(_ codes: [[Int32]]) {
        for (k, stream) in codes.prefix(sizes.count).enumerated() {
            counts[k].push(stream)
            for (t, code) in stream.enumerated() where code >= 0 && Int(code) < sizes[k] {
                if t > 0 { successions[k].add(stream[t - 1], code) }
                if k > 0 && codes[k - 1].count == stream.count { neighbours[k].add(codes[k - 1][t], code) }
            }
        }
    }

    /// One entry per codebook.
    public var codebooks: [CodebookStatistics] {
        counts.enumerated().map { k, counts in
            CodebookStatistics(
                size: sizes[k], codes: counts.total, used: counts.used, entropy: counts.entropy,
                entropyGivenPreviousFrame: successions[k].conditionalEntropy,
                entropyGivenPreviousCodebook: k > 0 ? neighbours[k].conditionalEntropy : nil, zipfSlope: Self.slope(counts.ranked))
        }
    }

    private static func slope(_ sorted: [Int]) -> Double? {
        if sorted.count < 2 { return nil }
        let points = sorted.enumerated().map { (log(Double($0 + 1)), log(Double($1))) }
        let n = Double(points.count)
        let (mx, my) = (points.reduce(0) { $0 + $1.0 } / n, points.reduce(0) { $0 + $1.1 } / n)
        let spread = points.reduce(0) { $0 + ($1.0 - mx) * ($1.0 - mx) }
        return points.reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } / spread
    }
}

/// How often pairs of codes occur: a table for small codebooks, else a dictionary that grows with the different pairs.
private struct PairCounts: Sendable {
    /// Cells of all tables together.
    static let cellBudget = 1 << 25
    private let width: Int
    private let isDense: Bool
    private var table: [Int32]
    private var pairs: [UInt64: Int] = [:]
    private var givens: [Int32: Int] = [:]

    /// - Parameter limit: cells that a table may have.
    init(_ given: Int, _ size: Int, limit: Int) {
        width = size
        let (cells, overflow) = given.multipliedReportingOverflow(by: size)
        isDense = !overflow && cells <= limit
        table = isDense ? [Int32](repeating: 0, count: cells) : []
    }

    mutating func add(_ given: Int32, _ code: Int32) {
        guard given >= 0 else { return }
        givens[given, default: 0] += 1
        let cell = Int(given) * width + Int(code)
        if isDense {
            if table.indices.contains(cell) { table[cell] &+= 1 }
        } else {
            pairs[UInt64(given) << 32 | UInt64(code), default: 0] += 1
        }
    }

    /// H(code | given) = H(given, code) − H(given); nil without pairs.
    var conditionalEntropy: Double? {
        if givens.isEmpty { return nil }
        // Sorted, so that sums do not depend on the order of a hash table.
        let joint = isDense ? CodeCounts.entropy(of: table.lazy.map(Int.init)) : CodeCounts.entropy(of: pairs.values.sorted())
        return max(0, joint - CodeCounts.entropy(of: givens.values.sorted()))
    }
}
