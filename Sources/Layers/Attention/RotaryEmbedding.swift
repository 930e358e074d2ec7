import Kernels
import Platform

/// Rotary position embedding (Su et al. 2021): rotates pair i of each head by the angle position · base^(−2i/headSize).
public struct RotaryEmbedding: Sendable {
    /// Which two channels of a head make up pair i.
    public enum Pairing: Sendable, Hashable {
        /// Channels 2i and 2i + 1, as in the paper and in Kyutai's own weights.
        case interleaved
        /// Channels i and i + headSize/2, as in Hugging Face's weights.
        case halfSplit
    }

    /// Channels of a head.
    public let headSize: Int
    /// Which two channels of a head make up a pair.
    public let pairing: Pairing
    private let frequencies: [Float]

    /// - Parameters:
    ///   - headSize: channels of a head, an even number.
    ///   - pairing: which two channels of a head make up a pair.
    ///   - base: the base of the frequencies.
    public init(headSize: Int, pairing: Pairing, base: Float = 10_000) {
        precondition(headSize % 2 == 0, "a head of \(headSize) channels has no pairs")
        self.headSize = headSize
        self.pairing = pairing
        // All in Float32, as in the published models: late positions would differ otherwise.
        frequencies = (0..<(headSize / 2)).map { 1 / powf(base, Float(2 * $0) / Float(headSize)) }
    }

    /// The cosines and then the sines of the angles of all pairs, `[positions, headSize]`.
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

    /// Rotates every head of `frames` `[time, heads·headSize]`; each frame has its row of `table`.
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
