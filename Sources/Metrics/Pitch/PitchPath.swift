import Platform

/// The most probable path through voiced and unvoiced pitches (Viterbi, 1967), frame by frame: pitch moves by at most four
/// semitones a frame with triangular probabilities, voicing changes with probability 0.01.
///
/// The state is `[voiced bins, unvoiced bins]`. Log probabilities are kept relative to the best, so single precision holds.
struct PitchPath {
    /// Log probabilities of the best paths to every state.
    private var score: [Float]
    /// For every frame but the last, the log probabilities of the best paths to every state: origins are found again from
    /// them for the one path that is wanted, which is quicker than noting those of all.
    private var history: [Float] = []
    private var frameCount = 0

    private static let bins = PitchGrid.count
    private static let reach = 20
    private static let stay = logf(0.99)
    private static let change = logf(0.01)
    /// In place of −∞ for pitches that a frame does not have, so that a path may cross them where nothing else is left.
    private static let impossible = -708 as Float
    /// ln of the triangle over −reach … reach.
    private static let triangle: [Float] = (-reach...reach).map { logf(Float(reach + 1 - abs($0)) / Float(reach + 1)) }
    /// ln of what the triangle sums to from each bin: less near the ends, where it is cut.
    private static let norm: [Float] = (0..<bins).map { i in
        let targets = max(0, i - reach)...min(bins - 1, i + reach)
        return logf(targets.reduce(0) { $0 + Float(reach + 1 - abs($1 - i)) / Float(reach + 1) })
    }

    init(frames: Int) {
        score = [Float](repeating: 0, count: 2 * Self.bins)
        history.reserveCapacity(frames * 2 * Self.bins)
    }

    mutating func push(_ observation: PitchObservation) {
        if frameCount > 0 { move() }
        frameCount += 1
        let voiced = observation.voiced
        let unvoiced = max(logf(Float(1 - voiced) / Float(Self.bins)), Self.impossible)
        var logs = [Float](repeating: Self.impossible, count: Self.bins)
        for (bin, probability) in observation.bins { logs[bin] = logf(Float(probability)) }
        for bin in 0..<Self.bins {
            score[bin] += logs[bin]
            score[Self.bins + bin] += unvoiced
        }
        let best = score.max() ?? 0
        for i in score.indices { score[i] -= best }
    }

    /// One step of time for every state.
    private mutating func move() {
        let (bins, before) = (Self.bins, score)
        history += before
        var source = [Float](repeating: -.infinity, count: bins + 2 * Self.reach)
        score.withUnsafeMutableBufferPointer { score in
            before.withUnsafeBufferPointer { before in
                guard let score = score.baseAddress, let before = before.baseAddress else { return }
                for half in 0..<2 {
                    Self.gather(before, half: half, to: &source)
                    Self.spread(source, to: score + half * bins)
                }
            }
        }
    }

    /// For every pitch the better of the two voicings before a half of the states (0: voiced), less the norm of its triangle,
    /// with room for the triangle on both sides.
    private static func gather(_ score: UnsafePointer<Float>, half: Int, to source: inout [Float]) {
        let norm = norm
        for bin in 0..<bins {
            let (voiced, unvoiced) = arrivals(score, half: half, bin: bin)
            source[reach + bin] = max(voiced, unvoiced) - norm[bin]
        }
    }

    /// The log probabilities of a pitch with and without voice, times those of going to a half of the states.
    private static func arrivals(_ score: UnsafePointer<Float>, half: Int, bin: Int) -> (voiced: Float, unvoiced: Float) {
        (score[bin] + (half == 0 ? stay : change), score[bins + bin] + (half == 0 ? change : stay))
    }

    /// best[j] = max over −reach … reach of source[j + step] + triangle[step].
    private static func spread(_ source: UnsafePointer<Float>, to best: UnsafeMutablePointer<Float>) {
        let bins = bins
        for j in 0..<bins { best[j] = -.infinity }
        for (offset, weight) in triangle.enumerated() {
            let source = source + offset
            for j in 0..<bins {
                let candidate = source[j] + weight
                best[j] = candidate > best[j] ? candidate : best[j]
            }
        }
    }

    /// The state before `state` on the best path to it, given the log probabilities of the frame before.
    private static func origin(of state: Int, in score: UnsafePointer<Float>) -> Int {
        let (half, bin) = (state / bins, state % bins)
        var best = (value: -Float.infinity, state: state)
        for (offset, weight) in triangle.enumerated() {
            let from = bin + offset - reach
            guard (0..<bins).contains(from) else { continue }
            let (voiced, unvoiced) = arrivals(score, half: half, bin: from)
            let value = max(voiced, unvoiced) - norm[from] + weight
            if value > best.value { best = (value, unvoiced > voiced ? bins + from : from) }
        }
        return best.state
    }

    /// The bin of every frame on the best path, nil where it is unvoiced.
    func finish() -> [Int?] {
        guard frameCount > 0, var state = score.indices.max(by: { score[$0] < score[$1] }) else { return [] }
        var states = [state]
        history.withUnsafeBufferPointer { history in
            guard let history = history.baseAddress else { return }
            for frame in stride(from: frameCount - 2, through: 0, by: -1) {
                state = Self.origin(of: state, in: history + frame * 2 * Self.bins)
                states.append(state)
            }
        }
        return states.reversed().map { $0 < Self.bins ? $0 : nil }
    }
}
