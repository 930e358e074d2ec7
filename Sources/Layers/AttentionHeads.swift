import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The projections of multi-head attention and the softmax-weighted sum, shared by every pattern of attention.
struct AttentionHeads: Sendable {
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    let rotary: RotaryEmbedding?
    private let heads: Int
    private let keyHeads: Int
    private let headSize: Int

    init(
        query: Linear, key: Linear, value: Linear, output: Linear, heads: Int, keyHeads: Int, rotary: RotaryEmbedding?
    ) {
        precondition(heads > 0 && keyHeads > 0 && heads % keyHeads == 0, "\(heads) heads over \(keyHeads) key heads")
        precondition(query.outputChannels % heads == 0, "\(query.outputChannels) channels do not make \(heads) heads")
        let headSize = query.outputChannels / heads
        precondition(
            key.outputChannels == keyHeads * headSize && value.outputChannels == keyHeads * headSize
                && output.inputChannels == heads * headSize, "projections do not fit heads of \(headSize) channels")
        precondition(
            key.inputChannels == query.inputChannels && value.inputChannels == query.inputChannels,
            "projections differ in input")
        precondition(rotary.map { $0.headSize == headSize } ?? true, "rotary embedding of another head size")
        self.query = query
        self.key = key
        self.value = value
        self.output = output
        self.rotary = rotary
        self.heads = heads
        self.keyHeads = keyHeads
        self.headSize = headSize
    }

    /// Queries, keys and values of `input`, whose frames stand at `positions`.
    func project(
        _ input: Frames, positions: some RandomAccessCollection<Int>
    ) -> (queries: Frames, keys: Frames, values: Frames) {
        var (queries, keys) = (query.apply(input), key.apply(input))
        if let rotary {
            let table = rotary.table(positions: positions)
            rotary.rotate(&queries, by: table)
            rotary.rotate(&keys, by: table)
        }
        return (queries, keys, value.apply(input))
    }

    /// Each query's mix of the values: query t looks at the keys in `range(t)`, oldest first, whatever the chunking.
    /// - Returns: `[queries.count, heads·headSize]`, before the output projection.
    func attend(_ queries: Frames, keys: Frames, values: Frames, range: (Int) -> Range<Int>) -> Frames {
        var weights: [Float] = []
        return Frames(count: queries.count, channels: queries.channels) { mixed in
            mixed.initialize(repeating: 0)
            queries.withUnsafeBufferPointer { queries in
                keys.withUnsafeBufferPointer { keys in
                    values.withUnsafeBufferPointer { values in
                        for row in 0..<(mixed.count / (heads * headSize)) {
                            let seen = range(row)
                            for head in 0..<heads {
                                let start = (row * heads + head) * headSize
                                let first = (seen.lowerBound * keyHeads + head * keyHeads / heads) * headSize
                                mix(
                                    query: queries.baseAddress! + start, keys: keys.baseAddress! + first,
                                    values: values.baseAddress! + first, count: seen.count, weights: &weights,
                                    into: mixed.baseAddress! + start)
                            }
                        }
                    }
                }
            }
        }
    }

    /// One head of one query: softmax(q·k / √headSize) over `count` keys a `keyHeads·headSize` stride apart.
    private func mix(
        query: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>, count: Int,
        weights: inout [Float], into mixed: UnsafeMutablePointer<Float>
    ) {
        if weights.count < count { weights = [Float](repeating: 0, count: count) }
        let rowLength = keyHeads * headSize
        let scale = 1 / Float(headSize).squareRoot()
        weights.withUnsafeMutableBufferPointer { weights in
            var greatest = -Float.infinity
            for j in 0..<count {
                weights[j] = Rows.dot(query, keys + j * rowLength, headSize) * scale
                greatest = max(greatest, weights[j])
            }
            var sum: Float = 0
            for j in 0..<count {
                weights[j] = expf(weights[j] - greatest)
                sum += weights[j]
            }
            let normaliser = 1 / sum
            for j in 0..<count {
                Rows.add(values + j * rowLength, times: weights[j] * normaliser, to: mixed, headSize)
            }
        }
    }
}
