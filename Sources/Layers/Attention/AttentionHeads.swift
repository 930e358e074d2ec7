import Kernels

/// The projections of multi-head attention, shared by every pattern of attention.
struct AttentionHeads: Sendable {
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    let rotary: RotaryEmbedding?
    private let headSize: Int

    init(
        query: Linear, key: Linear, value: Linear, output: Linear, heads: Int, keyHeads: Int, rotary: RotaryEmbedding?
    ) {
        precondition(heads > 0 && keyHeads > 0 && heads % keyHeads == 0, "\(heads) heads over \(keyHeads) key heads")
        precondition(query.outputChannels % heads == 0, "\(query.outputChannels) channels do not make \(heads) heads")
        headSize = query.outputChannels / heads
        let keyWidth = query.outputChannels / heads * keyHeads
        precondition(
            key.outputChannels == keyWidth && value.outputChannels == keyWidth
                && output.inputChannels == query.outputChannels, "projections do not fit \(heads) heads over \(keyHeads)")
        precondition(
            key.inputChannels == query.inputChannels && value.inputChannels == query.inputChannels,
            "projections differ in input")
        precondition(rotary.map { $0.headSize == query.outputChannels / heads } ?? true, "rotary embedding of another head size")
        self.query = query
        self.key = key
        self.value = value
        self.output = output
        self.rotary = rotary
    }

    /// Queries, keys and values of `input`, whose frames have the places `positions` in the signal.
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

    /// For each query the mean of the values weighted by its attention, before the output projection. Query t sees the keys in `range(t)`.
    func attend(_ queries: Frames, keys: Frames, values: Frames, range: (Int) -> Range<Int>) -> Frames {
        Kernels.attend(queries, keys: keys, values: values, headSize: headSize, range: range)
    }
}
