import Kernels
import Platform

/// Rotary position embedding (Su et al. 2021): turns pair i of each head by position · base^(−2i/headSize).
public struct RotaryEmbedding: Sendable {
    /// Which channels of a head make a pair.
    public enum Pairing: Sendable, Hashable {
        /// 2i and 2i + 1, as in the paper and in Kyutai's own weights.
        case interleaved
        /// i and i + headSize/2, as in Hugging Face's weights.
        case halfSplit
    }

    public let headSize: Int
    public let pairing: Pairing
    private let frequencies: [Float]

    /// - Parameter headSize: channels of a head, an even number.
    public init(headSize: Int, pairing: Pairing, base: Float = 10_000) {
        precondition(headSize % 2 == 0, "a head of \(headSize) channels has no pairs")
        self.headSize = headSize
        self.pairing = pairing
        // In Float32 throughout, as the published models compute them: late positions would differ otherwise.
        frequencies = (0..<(headSize / 2)).map { 1 / powf(base, Float(2 * $0) / Float(headSize)) }
    }

    /// Cosines, then sines of every pair's angle, `[positions, headSize]`.
    func table(positions: some RandomAccessCollection<Int>) -> Frames {
        let pairs = headSize / 2
        return Frames(count: positions.count, channels: headSize) { table in
            for (row, position) in positions.enumerated() {
                for pair in 0..<pairs {
                    let angle = Float(position) * frequencies[pair]
                    table[row * headSize + pair] = cosf(angle)
                    table[row * headSize + pairs + pair] = sinf(angle)
                }
            }
        }
    }

    /// Turns every head of `frames` `[time, heads·headSize]` by its row of `table`.
    func rotate(_ frames: inout Frames, by table: Frames) {
        let pairs = headSize / 2
        let heads = frames.channels / headSize
        let (step, partner) = pairing == .interleaved ? (2, 1) : (1, pairs)
        let count = frames.count
        frames.withUnsafeMutableBufferPointer { x in
            table.withUnsafeBufferPointer { table in
                for t in 0..<count {
                    for head in 0..<heads {
                        let start = (t * heads + head) * headSize
                        for pair in 0..<pairs {
                            let (cosine, sine) = (table[t * headSize + pair], table[t * headSize + pairs + pair])
                            let (i, j) = (start + pair * step, start + pair * step + partner)
                            let (a, b) = (x[i], x[j])
                            x[i] = a * cosine - b * sine
                            x[j] = b * cosine + a * sine
                        }
                    }
                }
            }
        }
    }
}
