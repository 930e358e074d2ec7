import Checkpoints
import Kernels
import Layers

/// The residual blocks of one width of HiFi-Codec's networks, which are those of HiFi-GAN (Kong et al. 2020): blocks of
/// different kernels side by side, whose outputs are averaged.
///
///     block  unit ─ unit ─ unit
///     unit   x + (leaky ReLU ─ conv, dilated ─ leaky ReLU ─ conv)
struct HiFiCodecStage {
    /// Of the leaky ReLUs.
    static let slope: Float = 0.1

    private let blocks: [Sequential]
    private let channels: Int

    /// - Parameters:
    ///   - weights: the list of all stages' blocks.
    ///   - first: index of this stage's first block.
    ///   - kernels: one a block.
    ///   - dilations: of the block's three units.
    init(_ weights: WeightPath, first: Int, channels: Int, kernels: [Int], dilations: [[Int]]) throws {
        self.channels = channels
        blocks = try zip(kernels, dilations).enumerated().map { i, shape in
            try Sequential(
                shape.1.enumerated().map { j, dilation in
                    try Self.unit(weights / (first + i), index: j, channels: channels, kernel: shape.0, dilation: dilation)
                })
        }
    }

    private static func unit(
        _ block: WeightPath, index: Int, channels: Int, kernel: Int, dilation: Int
    ) throws -> Residual {
        let leaky = Activation.leakyReLU(slope: slope)
        return try Residual(
            Sequential([
                ActivationLayer(leaky, channels: channels),
                Conv1d(
                    block / "convs1" / index, channels, channels, kernel: kernel, dilation: dilation, padding: .centred,
                    activation: leaky),
                Conv1d(block / "convs2" / index, channels, channels, kernel: kernel, padding: .centred),
            ]))
    }

    /// The mean of the blocks' outputs, as a streaming layer: the decoder's.
    var mean: Sequential {
        let sum = blocks.dropFirst().reduce(blocks[0] as any StreamingLayer) { Residual($1, shortcut: $0) }
        return Sequential([sum, Scale([Float](repeating: share, count: channels))])
    }

    /// The encoder's way: the sum so far is normalised after each block, over all of time.
    func normedMean(_ norms: [GroupNorm]) -> NormedMean { NormedMean(blocks: blocks, norms: norms, share: share) }

    private var share: Float { 1 / Float(blocks.count) }

    /// norm(… norm(norm(block₀(x)) + block₁(x)) …) / blocks
    struct NormedMean: WholeSignalLayer {
        fileprivate let blocks: [Sequential]
        fileprivate let norms: [GroupNorm]
        fileprivate let share: Float

        var inputChannels: Int { blocks[0].inputChannels }
        var outputChannels: Int { blocks[0].outputChannels }
        /// Frames that go through a block at a time, so that what is between its layers stays small.
        private static let pieceLength = 4096

        func apply(_ signal: Frames) -> Frames {
            var sum = Frames(zeros: signal.count, channels: signal.channels)
            for (block, norm) in zip(blocks, norms) {
                add(block, of: signal, to: &sum)
                sum = norm.apply(sum)
            }
            sum.withUnsafeMutableBufferPointer { values in
                for i in values.indices { values[i] *= share }
            }
            return sum
        }

        private func add(_ block: Sequential, of signal: Frames, to sum: inout Frames) {
            var state = block.makeState()
            var done = 0
            func add(_ piece: Frames) {
                let first = done * signal.channels
                sum.withUnsafeMutableBufferPointer { values in
                    piece.withUnsafeBufferPointer { for (i, x) in $0.enumerated() { values[first + i] += x } }
                }
                done += piece.count
            }
            for start in stride(from: 0, to: signal.count, by: Self.pieceLength) {
                add(block.advance(signal.slice(start..<min(signal.count, start + Self.pieceLength)), state: &state))
            }
            add(block.complete(state: &state))
        }
    }
}
