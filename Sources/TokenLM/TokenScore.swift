import Platform
import Tokens

/// How well a model predicted codes.
public struct TokenScore: Sendable, Equatable {
    /// −log2 of the codes' probabilities, summed, by codebook.
    public var bits: [Double]
    /// Codes scored, by codebook.
    public var counts: [Int]
    /// Base frames scored.
    public var frames: Int

    /// Nothing yet, of `codebooks` codebooks.
    public init(codebooks: Int) {
        bits = Array(repeating: 0, count: codebooks)
        counts = Array(repeating: 0, count: codebooks)
        frames = 0
    }

    /// Takes in the score of other codes of the same model.
    public mutating func add(_ other: TokenScore) {
        precondition(other.bits.count == bits.count, "scores of \(other.bits.count) and \(bits.count) codebooks")
        for k in bits.indices {
            bits[k] += other.bits[k]
            counts[k] += other.counts[k]
        }
        frames += other.frames
    }

    /// Mean bits that a code costs; 0 when nothing was scored.
    public var bitsPerCode: Double {
        let count = counts.reduce(0, +)
        return count == 0 ? 0 : bits.reduce(0, +) / Double(count)
    }
    /// Mean bits that a base frame costs in all codebooks; 0 when nothing was scored.
    public var bitsPerFrame: Double { frames == 0 ? 0 : bits.reduce(0, +) / Double(frames) }
    /// 2^(mean bits per code), by codebook; 1 for one without codes.
    public var perplexities: [Double] { zip(bits, counts).map { $1 == 0 ? 1 : exp2($0 / Double($1)) } }
}

extension TokenLanguageModel {
    /// Steps that run at once: enough to keep the matrix products busy, few enough for little memory.
    static let blockSteps = 128

    /// The probability that the model gives to `codes`.
    /// - Throws: `TokenLMError` for codes that do not fit, a condition that is unknown, or a masked model.
    public func score(_ codes: Codes, condition: Condition = Condition()) throws(TokenLMError) -> TokenScore {
        guard kind == .autoregressive else { throw .kind(expected: .autoregressive, operation: "scoring") }
        let schedule = try pattern.schedule(frames: pattern.frameCount(of: codes))
        let (count, grid) = (pattern.codebookCount, try schedule.interleave(codes))
        let inputs = [Int32](repeating: PatternSchedule.absent, count: count) + grid
        var state = try start([condition])
        var score = TokenScore(codebooks: count)
        score.frames = schedule.frames
        for first in stride(from: 0, to: schedule.stepCount, by: Self.blockSteps) {
            let steps = first..<min(first + Self.blockSteps, schedule.stepCount)
            let hidden = try advance([Array(inputs[(steps.lowerBound * count)..<(steps.upperBound * count)])], state: &state)
            for k in 0..<count {
                let (size, values) = (config.codebookSizes[k], logits(hidden, codebook: k).values)
                for step in steps where grid[step * count + k] != PatternSchedule.absent {
                    // The last grid row is target only, so that its codes have not gone through the embedding's check.
                    let code = Int(grid[step * count + k])
                    guard (0..<size).contains(code) else { throw .codes("codebook \(k): \(code) is outside 0..<\(size)") }
                    let row = values[((step - first) * size)..<((step - first + 1) * size)]
                    score.bits[k] += bits(of: row, at: row.startIndex + code)
                    score.counts[k] += 1
                }
            }
        }
        return score
    }
}

/// −log2 softmax(logits)[index].
private func bits(of logits: ArraySlice<Float>, at index: Int) -> Double {
    let peak = Double(logits.max() ?? 0)
    let sum = logits.reduce(0) { $0 + exp(Double($1) - peak) }
    return (log(sum) + peak - Double(logits[index])) / M_LN2
}
