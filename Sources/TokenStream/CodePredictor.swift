import Tensors

/// The state of an `EntropyModel` along one stream: says how likely each code is, given the codes before. Integers alone, so that
/// every machine says the same. Docs/container.md, "Learned payloads", specifies every step.
final class CodePredictor {
    private let model: EntropyModel
    private var tracks: [Track]
    /// Entry c is the sum of the weights of the codes before c of the codebook last predicted.
    private var cumulative: [Int]
    private var logits: [Int32]
    private var sums: [Int32]
    private var moreSums: [Int32]
    private var hidden: [Int16]
    /// Products with `last` and the state, alike for all codebooks of a frame but for the rows.
    private var accumulators: [Int]

    private struct Track {
        /// Sum of the embeddings of the frame's codes so far.
        var frame: [Int32]
        /// That of the whole frame before.
        var last: [Int16]
        var state: [Int16]
    }

    /// At the beginning of a stream.
    init(_ model: EntropyModel, trackCount: Int) {
        self.model = model
        let start = Track(
            frame: Array(repeating: 0, count: model.width), last: Array(repeating: 0, count: model.width),
            state: Array(repeating: 0, count: model.stateSize))
        tracks = Array(repeating: start, count: trackCount)
        cumulative = Array(repeating: 0, count: model.codebookSize + 1)
        logits = Array(repeating: 0, count: model.codebookSize)
        let most = max(3 * model.stateSize, model.headSize, model.codebookSize)
        sums = Array(repeating: 0, count: most)
        moreSums = Array(repeating: 0, count: most)
        hidden = Array(repeating: 0, count: model.headSize)
        accumulators = Array(repeating: 0, count: model.headSize)
    }

    /// Predicts the next code of `codebook` in `track`; the codes of a frame come in order of codebook.
    func predict(track: Int, codebook: Int) {
        if codebook == 0 { beginFrame(track) }
        runHead(track, codebook)
        let first = codebook * model.codebookSize
        model.output.matrix.multiply(rows: first..<first + model.codebookSize, by: hidden, into: &sums)
        var greatest = Int32.min
        for code in 0..<model.codebookSize {
            let row = first + code
            let logit = Self.scaled(Int(sums[code]) * Int(model.output.multipliers[row])) + Int(model.outputBias[row])
            logits[code] = Int32(truncatingIfNeeded: logit)
            greatest = max(greatest, logits[code])
        }
        var total = 0
        for code in 0..<model.codebookSize {
            total += model.tables.exponential[min(Int(greatest) - Int(logits[code]), EntropyTables.exponentialCount - 1)]
            cumulative[code + 1] = total
        }
    }

    /// The probability, in 1/65536, that a code of those in `codes` is not one of the first `half`; both are cut to the codebook.
    func probability(ofUpperHalf codes: Range<Int>, half: Int) -> Int {
        let middle = cumulative[codes.lowerBound + half]
        let end = cumulative[min(codes.upperBound, model.codebookSize)]
        return (end - middle) << 16 / (end - cumulative[codes.lowerBound])
    }

    /// Takes in the code that was predicted last.
    func learn(_ code: Int, track: Int, codebook: Int) {
        let start = (codebook * model.codebookSize + code) * model.width
        for i in 0..<model.width { tracks[track].frame[i] += Int32(model.embedding[start + i]) }
    }

    // MARK: The network

    /// Moves the recurrence on by the frame that is complete.
    private func beginFrame(_ t: Int) {
        let count = model.stateSize
        tracks[t].last = tracks[t].frame.map { Self.clamped(Int($0)) }
        for i in 0..<model.width { tracks[t].frame[i] = 0 }
        model.recurrentInput.matrix.multiply(rows: 0..<3 * count, by: tracks[t].last, into: &sums)
        model.recurrentState.matrix.multiply(rows: 0..<3 * count, by: tracks[t].state, into: &moreSums)
        func input(_ row: Int) -> Int {
            Self.scaled(Int(sums[row]) * Int(model.recurrentInput.multipliers[row])) + Int(model.recurrentInputBias[row])
        }
        func state(_ row: Int) -> Int {
            Self.scaled(Int(moreSums[row]) * Int(model.recurrentState.multipliers[row])) + Int(model.recurrentStateBias[row])
        }
        for i in 0..<count {
            let reset = Int(model.tables.sigmoid[EntropyTables.gate(input(i) + state(i))])
            let update = Int(model.tables.sigmoid[EntropyTables.gate(input(count + i) + state(count + i))])
            let candidate = Int(
                model.tables.tanh[EntropyTables.gate(input(2 * count + i) + (reset * state(2 * count + i)) >> 15)])
            let old = Int(tracks[t].state[i])
            tracks[t].state[i] = Self.clamped(candidate + (update * (old - candidate) + 1 << 14) >> 15)
        }
    }

    /// The hidden layer of `codebook`.
    private func runHead(_ t: Int, _ codebook: Int) {
        let rows = codebook * model.headSize..<(codebook + 1) * model.headSize
        for i in 0..<model.headSize { accumulators[i] = 0 }
        add(model.headState, rows, tracks[t].state)
        add(model.headLast, rows, tracks[t].last)
        if codebook > 0 { add(model.headFrame, rows, tracks[t].frame.map { Self.clamped(Int($0)) }) }
        for i in 0..<model.headSize {
            hidden[i] = max(0, Self.clamped(Self.scaled(accumulators[i]) + Int(model.headBias[rows.lowerBound + i])))
        }
    }

    private func add(_ matrix: ScaledMatrix, _ rows: Range<Int>, _ x: [Int16]) {
        matrix.matrix.multiply(rows: rows, by: x, into: &sums)
        for i in 0..<rows.count { accumulators[i] += Int(sums[i]) * Int(matrix.multipliers[rows.lowerBound + i]) }
    }

    /// x / 2³², rounded, halves up.
    private static func scaled(_ x: Int) -> Int { (x + 1 << 31) >> 32 }

    private static func clamped(_ x: Int) -> Int16 { Int16(min(max(x, -32767), 32767)) }
}
