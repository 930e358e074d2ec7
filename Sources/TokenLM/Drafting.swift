/// Where guesses of the next steps come from, so that one pass of the model can confirm several.
///
/// The guesses change the speed alone: accepted and replaced codes together follow the model's distribution exactly
/// (Leviathan et al. 2023; Chen et al. 2023).
public enum Drafting: Sendable, Hashable {
    /// What followed the last time that the same `order` steps stood there, within the model's context, up to `length` steps.
    case repetition(order: Int, length: Int)
    /// The model's own heads for later steps (Cai et al. 2024), up to `length` of them.
    case futureHeads(length: Int)

    /// Most steps that a draft may hold.
    public static let maximumLength = 16

    func validate(for model: TokenLanguageModel) throws(TokenLMError) {
        let (length, limit): (Int, Int)
        switch self {
        case .repetition(let order, let steps):
            if !(1...64).contains(order) { throw .option(name: "draft order", reason: "is \(order), expected 1...64") }
            (length, limit) = (steps, Self.maximumLength)
        case .futureHeads(let steps): (length, limit) = (steps, model.config.futureHeads)
        }
        if limit == 0 { throw .option(name: "draft", reason: "needs heads for later steps, which the model lacks") }
        if !(1...limit).contains(length) { throw .option(name: "draft length", reason: "is \(length), expected 1...\(limit)") }
    }
}

/// A guessed code and the distribution that it was drawn from; nil = it was certain to be this one.
struct DraftedCode {
    let code: Int32
    let distribution: [Double]?
}

extension CounterGenerator {
    /// Keeps a drafted code or replaces it, such that the result follows `target` whatever the draft was.
    ///
    /// A draft x from q is kept with probability min(1, p(x)/q(x)) and otherwise replaced by a code from max(0, p − q), made to sum
    /// to 1.
    mutating func verify(_ draft: DraftedCode, target p: [Double]) -> (code: Int32, isKept: Bool) {
        let x = Int(draft.code)
        let q = draft.distribution
        if uniform() * (q?[x] ?? 1) < p[x] { return (draft.code, true) }
        var rest = p
        if let q {
            for code in rest.indices { rest[code] = max(0, p[code] - q[code]) }
        } else {
            rest[x] = 0
        }
        // With p = q up to rounding nothing is left; the draft then is as good as any.
        guard rest.contains(where: { $0 > 0 }) else { return (draft.code, true) }
        return (code(from: rest), false)
    }
}

/// The step after the last earlier place, at most `reach` steps back, where the same `order` steps stood as at the end of `grid`,
/// or nil.
func repeatedStep(in grid: [Int32], width: Int, order: Int, reach: Int) -> Int? {
    let count = grid.count / width
    guard count > order else { return nil }
    let last = grid[((count - order) * width)...]
    for end in stride(from: count - 1, through: max(order, count - reach), by: -1)
    where grid[((end - order) * width)..<(end * width)].elementsEqual(last) {
        return end
    }
    return nil
}
