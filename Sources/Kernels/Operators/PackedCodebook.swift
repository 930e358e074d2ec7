import CKernels

/// A codebook packed for nearest-codeword search.
///
/// It is packed when it is first searched, and a large one then gives its rows up until they are asked for: who only looks codewords
/// up, as decoders do, or only searches, as encoders do, holds them once.
public struct PackedCodebook: Sendable {
    public let size: Int
    public let dimension: Int
    private let instructionSet: InstructionSet
    private let memory: CodebookMemory

    /// To be searched with the kernels of the current `Kernels.instructionSet`.
    /// - Parameter codewords: row-major `[size, dimension]`, at least one.
    public init(codewords: [Float], dimension: Int) {
        precondition(dimension > 0 && codewords.count % dimension == 0 && !codewords.isEmpty, "codebook size")
        self.dimension = dimension
        size = codewords.count / dimension
        instructionSet = Kernels.instructionSet
        memory = CodebookMemory(codewords: codewords, dimension: dimension)
    }

    /// Row-major codewords, `[size, dimension]`.
    public var codewords: [Float] { memory.codewords }

    /// Index of the codeword nearest to each frame by squared Euclidean distance, computed as
    /// the greatest x·e − ‖e‖²/2; the lowest index wins a tie, a frame of NaN gets 0.
    /// - Parameter input: `[time, dimension]`.
    public func nearest(_ input: Frames) -> [Int32] {
        input.withUnsafeBufferPointer { search($0, count: input.count, channels: input.channels, residual: nil) }
    }

    /// One stage of residual quantization: finds each frame's nearest codeword, as `nearest` does, and subtracts it.
    /// - Parameter residual: `[time, dimension]`; what the codewords leave, on return.
    public func quantize(residual: inout Frames) -> [Int32] {
        let (count, channels) = (residual.count, residual.channels)
        return residual.withUnsafeMutableBufferPointer {
            search(UnsafeBufferPointer($0), count: count, channels: channels, residual: $0.baseAddress)
        }
    }

    /// Writes x·e − ‖e‖²/2 of each frame x and codeword e, greatest for the nearest codeword, as `nearest` compares them.
    /// - Parameters:
    ///   - input: `[rows, dimension]`.
    ///   - output: `[rows, size]`, all of which is written.
    public func scores(_ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>) {
        ck_codebook_scores(instructionSet.code, memory.forSearch().panels.pointer, size, dimension, input, rows, output)
    }

    /// The least index in `range` of `scores` whose value is above `bar`, or the range's end.
    public func firstAbove(_ bar: Float, in scores: UnsafePointer<Float>, range: Range<Int>) -> Int {
        ck_first_above(instructionSet.code, scores, range.lowerBound, range.upperBound, bar)
    }

    private func search(
        _ input: UnsafeBufferPointer<Float>, count: Int, channels: Int, residual: UnsafeMutablePointer<Float>?
    ) -> [Int32] {
        precondition(channels == dimension, "a codebook of dimension \(dimension) was given \(channels) channels")
        if count == 0 { return [] }
        let (panels, codewords) = memory.forSearch()
        return [Int32](unsafeUninitializedCapacity: count) { codes, filled in
            withOptionalPointer(codewords) {
                ck_nearest(
                    instructionSet.code, panels.pointer, $0, size, dimension, input.baseAddress, count, codes.baseAddress, residual)
            }
            filled = count
        }
    }
}
