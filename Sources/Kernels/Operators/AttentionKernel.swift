import CKernels

extension Kernels {
    /// Softmax attention: for each head of each query, the mean of the values of the keys that it sees, weighted by
    /// softmax(q·k / √headSize).
    ///
    /// A query's result depends on the query and the keys and values in its range alone, to the bit. Where there are fewer key heads
    /// than query heads, neighbouring query heads share a key head (Ainslie et al. 2023).
    /// - Parameters:
    ///   - queries: `[time, heads·headSize]`.
    ///   - keys: `[keyTime, keyHeads·headSize]`; `keyHeads` divides the number of heads.
    ///   - values: `[keyTime, keyHeads·headSize]`.
    ///   - headSize: channels of a head.
    ///   - range: takes a query's index and returns the range of the keys that it sees, at least one.
    /// - Returns: `[time, heads·headSize]`.
    public static func attend(
        _ queries: Frames, keys: Frames, values: Frames, headSize: Int, range: (Int) -> Range<Int>
    ) -> Frames {
        precondition(
            queries.channels % headSize == 0 && keys.channels % headSize == 0 && queries.channels % keys.channels == 0,
            "\(queries.channels) query and \(keys.channels) key channels in heads of \(headSize)")
        precondition(keys.count == values.count && keys.channels == values.channels, "keys and values differ in shape")
        let heads = queries.channels / headSize
        let group = queries.channels / keys.channels
        let scale = 1 / Float(headSize).squareRoot()
        let execution = Execution.current
        let (set, count) = (execution.instructionSet.code, queries.count)
        let seen = (0..<count).map(range)
        let (starts, ends) = (seen.map(\.lowerBound), seen.map(\.upperBound))
        precondition(seen.allSatisfy { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= keys.count }, "range")
        let most = seen.reduce(1) { max($0, $1.count) }
        var scores = [Float](repeating: 0, count: Int(CK_ATTEND_QUERIES) * most)
        let shape = ck_convolution(inputs: keys.channels, outputs: queries.channels, groups: heads)
        return execution.timed(.attention, shape, rows: count) {
            Frames(count: count, channels: queries.channels) { output in
                withPointers(queries, keys, values) { query, key, value in
                    for head in 0..<heads {
                        let (own, shared) = (head * headSize, head / group * headSize)
                        scores.withUnsafeMutableBufferPointer {
                            ck_attend(
                                set, query + own, count, queries.channels, starts, ends, key + shared,
                                value + shared, keys.channels, headSize, scale, $0.baseAddress!, most, output.baseAddress! + own)
                        }
                    }
                }
            }
        }
    }
}

/// Calls `body` with the values of three frames, unless one of them is empty.
private func withPointers(
    _ a: Frames, _ b: Frames, _ c: Frames,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
) {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            c.withUnsafeBufferPointer { c in
                guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
                body(a, b, c)
            }
        }
    }
}
