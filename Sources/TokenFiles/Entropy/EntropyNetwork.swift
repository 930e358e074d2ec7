import Kernels

/// Computes the network of an `EntropyModel`, in integers alone. Docs/container-1.md, "Learned payloads", specifies every step.
struct EntropyNetwork {
    /// A track's place in its stream, behind the last whole frame.
    struct Place {
        /// Sum of the embeddings of that frame.
        fileprivate(set) var last: [Int16]
        fileprivate(set) var state: [Int16]
    }

    let model: EntropyModel
    /// Logits of the codes last predicted, `[frame · codes + code]`, in 1/256.
    private(set) var logits: [Int32]
    private var sums: [Int32]
    private var moreSums: [Int32]
    /// The part of the hidden layer's input that depends on the place alone, not on the frame's codes so far.
    private var base: [Int]
    private var codebook = 0

    init(_ model: EntropyModel) {
        self.model = model
        logits = Array(repeating: 0, count: model.codebookSize)
        let most = max(3 * model.stateSize, model.headSize)
        sums = Array(repeating: 0, count: most)
        moreSums = Array(repeating: 0, count: most)
        base = Array(repeating: 0, count: model.headSize)
    }

    /// The beginning of a stream.
    func start() -> Place {
        Place(last: Array(repeating: 0, count: model.width), state: Array(repeating: 0, count: model.stateSize))
    }

    /// The sum of the embeddings of no codes.
    var emptyFrame: [Int32] { Array(repeating: 0, count: model.width) }

    /// Adds the embedding of `code` to the sum of a frame.
    func add(_ code: Int, of codebook: Int, to frame: inout [Int32]) {
        let start = (codebook * model.codebookSize + code) * model.width
        for i in 0..<model.width { frame[i] += Int32(model.embedding[start + i]) }
    }

    /// Moves on by a frame whose embeddings sum to `frame`.
    mutating func advance(_ place: inout Place, by frame: [Int32]) {
        let count = model.stateSize
        place.last = Self.clamped(frame)
        let (input, state) = (model.recurrentInput, model.recurrentState)
        input.matrix.multiply(rows: 0..<3 * count, by: place.last, into: &sums)
        state.matrix.multiply(rows: 0..<3 * count, by: place.state, into: &moreSums)
        _ = IntegerMatrix.scale(
            &sums, count: 3 * count, multipliers: input.multipliers, biases: model.recurrentInputBias, first: 0)
        _ = IntegerMatrix.scale(
            &moreSums, count: 3 * count, multipliers: state.multipliers, biases: model.recurrentStateBias, first: 0)
        for i in 0..<count {
            let reset = Int(model.tables.sigmoid[EntropyTables.gate(Int(sums[i]) + Int(moreSums[i]))])
            let update = Int(model.tables.sigmoid[EntropyTables.gate(Int(sums[count + i]) + Int(moreSums[count + i]))])
            let candidate = Int(
                model.tables.tanh[EntropyTables.gate(Int(sums[2 * count + i]) + (reset * Int(moreSums[2 * count + i])) >> 15)])
            let old = Int(place.state[i])
            place.state[i] = Self.clamped(candidate + (update * (old - candidate) + 1 << 14) >> 15)
        }
    }

    /// Goes to the codes of `codebook` of the frame that follows `place`.
    mutating func prepare(_ codebook: Int, at place: Place) {
        self.codebook = codebook
        var sum = Array(repeating: 0, count: model.headSize)
        add(model.headState, place.state, to: &sum)
        add(model.headLast, place.last, to: &sum)
        base = sum
    }

    /// Predicts the codes of the codebook that was prepared, after codes of its frame whose embeddings sum to one of `frames`.
    /// - Returns: the greatest of the `logits` for each of `frames`.
    mutating func predict(after frames: [[Int32]]) -> [Int32] {
        let firstUnit = codebook * model.headSize
        var hidden: [Int16] = []
        hidden.reserveCapacity(frames.count * model.headSize)
        for frame in frames {
            var accumulators = base
            if codebook > 0 { add(model.headFrame, Self.clamped(frame), to: &accumulators) }
            for (i, sum) in accumulators.enumerated() {
                hidden.append(max(0, Self.clamped(((sum + 1 << 31) >> 32) + Int(model.headBias[firstUnit + i]))))
            }
        }
        let (size, first) = (model.codebookSize, codebook * model.codebookSize)
        if logits.count != frames.count * size { logits = Array(repeating: 0, count: frames.count * size) }
        model.output.matrix.multiply(rows: first..<first + size, by: hidden, vectors: frames.count, into: &logits)
        return frames.indices.map { frame in
            IntegerMatrix.scale(
                &logits, from: frame * size, count: size, multipliers: model.output.multipliers, biases: model.outputBias, first: first)
        }
    }

    private mutating func add(_ matrix: ScaledMatrix, _ x: [Int16], to accumulators: inout [Int]) {
        let rows = codebook * model.headSize..<(codebook + 1) * model.headSize
        matrix.matrix.multiply(rows: rows, by: x, into: &sums)
        for i in 0..<rows.count { accumulators[i] += Int(sums[i]) * Int(matrix.multipliers[rows.lowerBound + i]) }
    }

    private static func clamped(_ x: Int) -> Int16 { Int16(min(max(x, -32767), 32767)) }

    private static func clamped(_ x: [Int32]) -> [Int16] { x.map { clamped(Int($0)) } }
}
