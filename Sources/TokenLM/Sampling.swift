import Platform

/// How the next code is drawn from a model's logits.
///
/// In this order: guidance, temperature, top-k, top-p, min-p, typical, repetition awareness. Every filter sees the distribution
/// that the one before it left, made to sum to 1 again. The default draws from the model's own distribution.
public struct SamplingOptions: Sendable, Hashable {
    /// Repetition-aware sampling (Chen et al. 2024, VALL-E 2): a code that makes up more than `threshold` of the last `window`
    /// codes of its codebook is drawn again from the unfiltered distribution.
    public struct RepetitionAwareness: Sendable, Hashable {
        /// How many of a codebook's last codes are looked at.
        public var window: Int
        /// Share of the window, 0 to 1, above which a code is drawn again.
        public var threshold: Double

        /// `window` in codes, `threshold` as a share from 0 to 1.
        public init(window: Int = 10, threshold: Double = 0.1) {
            self.window = window
            self.threshold = threshold
        }
    }

    /// Logits are divided by it; 0 takes the likeliest code, the first of equals.
    public var temperature = 1.0
    /// Keeps the k likeliest codes (Fan et al. 2018).
    public var topK: Int?
    /// Keeps the fewest likeliest codes that hold this probability (Holtzman et al. 2020).
    public var topP = 1.0
    /// Keeps codes at least this likely relative to the likeliest (Nguyen et al. 2024).
    public var minP = 0.0
    /// Keeps the codes whose information is nearest to the entropy, the fewest that hold this probability (Meister et al. 2023).
    public var typical = 1.0
    /// Draws codes that repeat too often again; nil leaves them.
    public var repetition: RepetitionAwareness?
    /// Classifier-free guidance (Ho and Salimans 2022): logits are u + guidance · (c − u) for conditional c and unconditional u.
    public var guidance = 1.0

    /// Draws from the model's own distribution.
    public init() {}

    /// - Parameter vocabulary: codewords of the smallest codebook.
    /// - Throws: `TokenLMError.option` naming the first value that is out of range.
    public func validate(vocabulary: Int) throws(TokenLMError) {
        func require(_ condition: Bool, _ name: String, _ value: some Any, _ expected: String) throws(TokenLMError) {
            if !condition { throw .option(name: name, reason: "is \(value), expected \(expected)") }
        }
        try require(temperature >= 0 && temperature <= 100, "temperature", temperature, "0...100")
        if let topK { try require((1...vocabulary).contains(topK), "top-k", topK, "1...\(vocabulary)") }
        try require(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1")
        try require(minP >= 0 && minP <= 1, "min-p", minP, "0...1")
        try require(typical > 0 && typical <= 1, "typical", typical, "above 0 and at most 1")
        try require(guidance.isFinite && abs(guidance) <= 100, "guidance", guidance, "-100...100")
        if let repetition {
            try require((1...4096).contains(repetition.window), "repetition window", repetition.window, "1...4096")
            try require(
                repetition.threshold >= 0 && repetition.threshold <= 1, "repetition threshold", repetition.threshold, "0...1")
        }
    }

    /// Logits under guidance.
    func guided(_ conditional: ArraySlice<Float>, unconditional: ArraySlice<Float>) -> [Float] {
        zip(conditional, unconditional).map { $1 + Float(guidance) * ($0 - $1) }
    }

    /// The distribution that the next code is drawn from, exactly.
    /// - Parameters:
    ///   - logits: one a codeword, already guided.
    ///   - history: the codebook's codes so far, oldest first.
    public func distribution(_ logits: some Collection<Float>, history: some BidirectionalCollection<Int32> = []) -> [Double] {
        guard let peak = logits.max() else { return [] }
        if temperature == 0 {
            var isFirst = true
            return logits.map { logit in
                defer { if logit == peak { isFirst = false } }
                return logit == peak && isFirst ? 1 : 0
            }
        }
        let full = normalized(logits.map { exp(Double($0 - peak) / temperature) })
        let filtered = filter(full)
        guard let repetition, !history.isEmpty else { return filtered }
        return aware(filtered, full: full, recent: history.suffix(repetition.window), repetition)
    }

    private func filter(_ full: [Double]) -> [Double] {
        var p = full
        if let topK, topK < p.count { p = keep(p, likeliest(p).prefix(topK)) }
        if topP < 1 { p = keep(p, nucleus(likeliest(p), of: p, mass: topP)) }
        if minP > 0, let peak = p.max() { p = keep(p, p.indices.filter { p[$0] >= minP * peak }) }
        if typical < 1 {
            let entropy = p.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
            let distance = p.map { $0 > 0 ? abs(-log($0) - entropy) : .infinity }
            let order = p.indices.sorted { (distance[$0], $0) < (distance[$1], $1) }
            p = keep(p, nucleus(order, of: p, mass: typical))
        }
        return p
    }

    /// Drawing, and drawing a repeated code again from `full`, as one distribution.
    private func aware(
        _ filtered: [Double], full: [Double], recent: some Collection<Int32>, _ repetition: RepetitionAwareness
    ) -> [Double] {
        var counts: [Int: Int] = [:]
        for code in recent { counts[Int(code), default: 0] += 1 }
        var result = filtered
        var again = 0.0
        for (code, count) in counts.sorted(by: { $0.key < $1.key })
        where result.indices.contains(code) && Double(count) > repetition.threshold * Double(recent.count) {
            again += result[code]
            result[code] = 0
        }
        return again == 0 ? filtered : zip(result, full).map { $0 + again * $1 }
    }
}

/// Codes from the likeliest down, the lower code first of equals.
private func likeliest(_ p: [Double]) -> [Int] { p.indices.sorted { (-p[$0], $0) < (-p[$1], $1) } }

/// The shortest prefix of `order` that holds `mass`.
private func nucleus(_ order: [Int], of p: [Double], mass: Double) -> ArraySlice<Int> {
    var sum = 0.0
    for (place, code) in order.enumerated() {
        sum += p[code]
        if sum >= mass { return order[...place] }
    }
    return order[...]
}

private func keep(_ p: [Double], _ codes: some Sequence<Int>) -> [Double] {
    var kept = [Double](repeating: 0, count: p.count)
    for code in codes { kept[code] = p[code] }
    return normalized(kept)
}

func normalized(_ weights: [Double]) -> [Double] {
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
}

extension CounterGenerator {
    /// A code drawn from `distribution`, whose sum is near 1, with one uniform number.
    public mutating func code(from distribution: [Double]) -> Int32 {
        let threshold = uniform() * distribution.reduce(0, +)
        var (sum, last) = (0.0, 0)
        for (code, probability) in distribution.enumerated() where probability > 0 {
            sum += probability
            last = code
            if threshold < sum { break }
        }
        return Int32(last)
    }
}
