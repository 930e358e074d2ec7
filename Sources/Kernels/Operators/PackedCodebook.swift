import CKernels
import Platform

/// A codebook packed for nearest-codeword search.
///
/// It is packed when it is first searched. A large one then gives up its plain rows until somebody asks for them. So a decoder, which
/// only looks codewords up, and an encoder, which only searches, each hold the codewords once.
public struct PackedCodebook: Sendable {
    /// The number of codewords.
    public let size: Int
    /// Values of a codeword.
    public let dimension: Int
    private let instructionSet: InstructionSet
    private let memory: CodebookMemory

    /// A codebook that is searched with the instruction set of `Execution.current`.
    /// - Parameters:
    ///   - codewords: row-major `[size, dimension]`, at least one.
    ///   - dimension: values of a codeword.
    public init(codewords: [Float], dimension: Int) {
        precondition(dimension > 0 && codewords.count % dimension == 0 && !codewords.isEmpty, "codebook size")
        self.dimension = dimension
        size = codewords.count / dimension
        instructionSet = Execution.current.instructionSet
        memory = CodebookMemory(codewords: codewords, dimension: dimension)
    }

    /// Row-major codewords, `[size, dimension]`.
    public var codewords: [Float] { memory.codewords }

    /// The index of the codeword nearest to each frame by squared Euclidean distance, computed as
    /// the greatest x·e − ‖e‖²/2. The lowest index wins a tie; a frame of NaN gets 0.
    /// - Parameter input: `[time, dimension]`.
    public func nearest(_ input: Frames) -> [Int32] {
        input.withUnsafeBufferPointer { search($0, count: input.count, channels: input.channels, residual: nil) }
    }

    /// One stage of residual quantization: finds each frame's nearest codeword, as `nearest` does, and subtracts it.
    /// - Parameter residual: `[time, dimension]`; on return, what is left of it after the codewords are subtracted.
    /// - Returns: the index of each frame's codeword.
    public func quantize(residual: inout Frames) -> [Int32] {
        let (count, channels) = (residual.count, residual.channels)
        return residual.withUnsafeMutableBufferPointer {
            search(UnsafeBufferPointer($0), count: count, channels: channels, residual: $0.baseAddress)
        }
    }

    /// Writes x·e − ‖e‖²/2 of each frame x and codeword e: the values that `nearest` compares, greatest for the nearest codeword.
    /// - Parameters:
    ///   - input: `[rows, dimension]`.
    ///   - rows: the number of frames.
    ///   - output: `[rows, size]`; all of it is written.
    public func scores(_ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>) {
        ck_codebook_scores(instructionSet.code, memory.forSearch().panels.pointer, size, dimension, input, rows, output)
    }

    /// The least index in `range` at which `scores` has a value above `bar`, or the range's end if there is none.
    public func firstAbove(_ bar: Float, in scores: UnsafePointer<Float>, range: Range<Int>) -> Int {
        ck_first_above(instructionSet.code, scores, range.lowerBound, range.upperBound, bar)
    }

    private func search(
        _ input: UnsafeBufferPointer<Float>, count: Int, channels: Int, residual: UnsafeMutablePointer<Float>?
    ) -> [Int32] {
        precondition(channels == dimension, "a codebook of dimension \(dimension) was given \(channels) channels")
        if count == 0 { return [] }
        let (panels, codewords) = memory.forSearch()
        let execution = Execution.current
        return [Int32](uninitialized: count) { codes in
            withOptionalPointer(codewords) { codewords in
                execution.timed(.codebookSearch, ck_convolution(inputs: dimension, outputs: size), rows: count) {
                    ck_nearest(
                        instructionSet.code, execution.pool.pointer, panels.pointer, codewords, size, dimension,
                        input.baseAddress, count, codes.baseAddress, residual)
                }
            }
        }
    }
}
