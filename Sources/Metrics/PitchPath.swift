#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The most probable path through voiced and unvoiced pitches (Viterbi, 1967), frame by frame: pitch moves by at most four
/// semitones a frame with triangular probabilities, voicing changes with probability 0.01.
///
/// The state is `[voiced bins, unvoiced bins]`. Log probabilities are kept relative to the best, so single precision holds.
struct PitchPath {
    /// Log probabilities of the best paths to every state.
    private var score: [Float]
    /// For every frame and state, the state before on the best path to it.
    private var origin: [UInt16] = []
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
        origin.reserveCapacity(frames * 2 * Self.bins)
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
        let (bins, reach) = (Self.bins, Self.reach)
        var next = [Float](repeating: -.infinity, count: 2 * bins)
        var steps = [Int32](repeating: 0, count: bins)
        for half in 0..<2 {
            // The better of the two voicings for every pitch, with room for the triangle on both sides.
            var source = [Float](repeating: -.infinity, count: bins + 2 * reach)
            var isUnvoiced = [Bool](repeating: false, count: bins)
            for bin in 0..<bins {
                let a = score[bin] + (half == 0 ? Self.stay : Self.change)
                let b = score[bins + bin] + (half == 0 ? Self.change : Self.stay)
                isUnvoiced[bin] = b > a
                source[reach + bin] = max(a, b) - Self.norm[bin]
            }
            next.withUnsafeMutableBufferPointer { next in
                let best = UnsafeMutableBufferPointer(rebasing: next[(half * bins)..<((half + 1) * bins)])
                Self.spread(source, to: best, steps: &steps)
            }
            for bin in 0..<bins {
                let from = bin + Int(steps[bin])
                origin.append(UInt16(isUnvoiced[from] ? bins + from : from))
            }
        }
        score = next
    }

    /// best[j] = max over −reach … reach of source[j + step] + triangle[step], and the step.
    private static func spread(_ source: [Float], to best: UnsafeMutableBufferPointer<Float>, steps: inout [Int32]) {
        source.withUnsafeBufferPointer { source in
            steps.withUnsafeMutableBufferPointer { steps in
                for (offset, weight) in triangle.enumerated() {
                    let step = Int32(offset - reach)
                    for j in 0..<bins {
                        let candidate = source[j + offset] + weight
                        let isBetter = candidate > best[j]
                        best[j] = isBetter ? candidate : best[j]
                        steps[j] = isBetter ? step : steps[j]
                    }
                }
            }
        }
    }

    /// The bin of every frame on the best path, nil where it is unvoiced.
    func finish() -> [Int?] {
        guard frameCount > 0, var state = score.indices.max(by: { score[$0] < score[$1] }) else { return [] }
        var states = [state]
        for frame in stride(from: frameCount - 2, through: 0, by: -1) {
            state = Int(origin[frame * 2 * Self.bins + state])
            states.append(state)
        }
        return states.reversed().map { $0 < Self.bins ? $0 : nil }
    }
}
