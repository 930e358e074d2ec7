import Kernels

/// Rows that a model looks up and adds: Float32, or bytes with a scale per row where the model's weights have fewer bits.
struct EmbeddingTable: Sendable {
    private enum Rows: Sendable {
        case float([Float])
        case quantized(codes: [Int8], scales: [Float])
    }

    /// Values per row.
    let width: Int
    let rowCount: Int
    private let rows: Rows

    /// - Parameters:
    ///   - values: `[rows, width]`.
    ///   - precision: tables of 4-bit models have bytes all the same: what is read is a row per step, so that little is gained.
    init(_ values: [Float], width: Int, precision: WeightPrecision) {
        self.width = width
        rowCount = values.count / width
        switch precision {
        case .float: rows = .float(values)
        case .int8, .int4:
            let rounded = QuantizedWeights(rounding: values, inputs: width, bits: 8, group: width)
            rows = .quantized(codes: rounded.codes, scales: rounded.scales)
        }
    }

    var byteCount: Int {
        switch rows {
        case .float(let values): return 4 * values.count
        case .quantized(let codes, let scales): return codes.count + 4 * scales.count
        }
    }

    /// Adds row `row` to the `width` values at `target`.
    func add(row: Int, to target: UnsafeMutablePointer<Float>) {
        precondition((0..<rowCount).contains(row), "row \(row) of \(rowCount)")
        switch rows {
        case .float(let values):
            values.withUnsafeBufferPointer { values in
                for i in 0..<width { target[i] += values[row * width + i] }
            }
        case .quantized(let codes, let scales):
            let scale = scales[row]
            codes.withUnsafeBufferPointer { codes in
                for i in 0..<width { target[i] += scale * Float(codes[row * width + i]) }
            }
        }
    }

    /// Rows as frames.
    func frames(_ indices: [Int]) -> Frames {
        var frames = Frames(zeros: indices.count, channels: width)
        frames.withUnsafeMutableBufferPointer { values in
            guard let start = values.baseAddress else { return }
            for (place, row) in indices.enumerated() { add(row: row, to: start + place * width) }
        }
        return frames
    }
}
