import Platform
import Tokens

/// How much of a codebook some codes use.
public struct CodebookUse: Sendable, Hashable, Codable {
    /// Codewords there are.
    public let size: Int
    /// Codewords that occur.
    public let used: Int
    /// Codes counted.
    public let codes: Int
    /// −Σ p log₂ p of the codewords' shares, in bits per code: what an ideal entropy coder without memory would spend. It is
    /// low for short signals, which cannot show every codeword. 0 without codes.
    public let entropy: Double

    /// 2^entropy: as many codewords, evenly used, would have this entropy.
    public var perplexity: Double { exp2(entropy) }
}

/// Counts codes, chunk by chunk, in memory that depends on how many different ones there are.
public struct CodebookCounter: Sendable {
    private let layout: CodeLayout
    private var counts: [[Int32: Int]]

    /// For codes of `layout`.
    public init(_ layout: CodeLayout) {
        self.layout = layout
        counts = Array(repeating: [:], count: layout.codebooks.count)
    }

    /// Counts the codes of one track; streams beyond the layout's are ignored.
    public mutating func push(_ codes: Codes) {
        for (k, stream) in codes.streams.prefix(counts.count).enumerated() {
            for code in stream { counts[k][code, default: 0] += 1 }
        }
    }

    /// One entry per codebook.
    public var uses: [CodebookUse] {
        zip(layout.codebooks, counts).map { codebook, counts in
            let total = counts.values.reduce(0, +)
            // In order of size, so that the sum does not depend on the order of a hash table.
            let entropy = counts.values.sorted().reduce(0.0) { sum, count in
                let p = Double(count) / Double(total)
                return sum - p * log2(p)
            }
            return CodebookUse(size: codebook.size, used: counts.count, codes: total, entropy: entropy)
        }
    }
}
