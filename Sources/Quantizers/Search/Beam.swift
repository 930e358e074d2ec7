import Kernels

/// Beam search over stages whose codewords add up, with room for one block of frames at a time.
///
/// A path's cost is half the energy that it leaves: −x·e + ‖e‖²/2 added for each codeword e, x being what was left before.
final class Beam {
    /// Frames in a block.
    let blockSize: Int
    private let width: Int
    private let dimension: Int
    private let codebooks: [PackedCodebook]

    // Of the paths before the stage at hand, `[frame · live + path]`.
    private var live = 1
    private var residual: [Float]
    private var costs: [Double]
    // Of those after it, in order of rising cost.
    private var nextResidual: [Float]
    private var nextCosts: [Double]
    private var scores: [Float]
    /// `[stage · capacity + row]`: the code chosen, and the path of the stage before that it goes on from.
    private var codes: [Int32]
    private var parents: [Int32]

    /// Scores that stay in the L2 cache, and rows that keep the matrix product busy.
    private static let scoreLimit = 1 << 18
    private static let rowLimit = 192

    /// - Parameter frames: how many there are to search at a time; no room is made for more.
    init(width: Int, dimension: Int, codebooks: [PackedCodebook], frames: Int) {
        self.width = width
        self.dimension = dimension
        self.codebooks = codebooks
        let maxSize = codebooks.map(\.size).max() ?? 1
        blockSize = max(1, min(min(Self.rowLimit, Self.scoreLimit / maxSize) / width, frames))
        let rows = blockSize * width
        residual = [Float](repeating: 0, count: rows * dimension)
        nextResidual = residual
        costs = [Double](repeating: 0, count: rows)
        nextCosts = costs
        scores = [Float](repeating: 0, count: rows * maxSize)
        codes = [Int32](repeating: 0, count: rows * codebooks.count)
        parents = codes
    }

    /// What codes cost besides the energy that they leave.
    struct Price {
        /// Bits of the codes of a stage after each of some paths: an array per path.
        let bits: (_ stage: Int, _ paths: [[Int32]]) -> [[Float]]
        /// The energy that a bit weighs as much as, halved like all energies here.
        let ofBit: Float
    }

    /// The best paths through all stages for each of at most `blockSize` frames `[time, dimension]`, in order of rising cost.
    /// - Parameter price: of continuing the paths of a single frame.
    func search(_ latents: Frames, price: Price? = nil) -> CodePaths {
        precondition(price == nil || latents.count == 1, "prices are those of one frame")
        live = 1
        latents.withUnsafeBufferPointer { values in
            for i in values.indices { residual[i] = values[i] }
        }
        for f in 0..<latents.count { costs[f] = latents.energy(at: f) / 2 }
        var widths = [1]
        for (k, codebook) in codebooks.enumerated() {
            score(codebook, count: latents.count)
            if let price {
                let streams = trace(widths, count: 1)
                let bits = price.bits(k, (0..<live).map { path in streams.map { $0[path] } })
                precondition(bits.count == live && bits.allSatisfy { $0.count == codebook.size }, "prices of another number of codes")
                charge(bits, price.ofBit)
            }
            advance(stage: k, codebook, count: latents.count)
            widths.append(live)
        }
        return CodePaths(
            width: live, codes: trace(widths, count: latents.count),
            residual: Frames(
                count: latents.count * live, channels: dimension, values: Array(residual[..<(latents.count * live * dimension)])))
    }

    /// Scores all continuations of all paths.
    private func score(_ codebook: PackedCodebook, count: Int) {
        residual.withUnsafeBufferPointer { from in
            scores.withUnsafeMutableBufferPointer { scores in
                guard let input = from.baseAddress, let output = scores.baseAddress else { return }
                codebook.scores(input, rows: count * live, into: output)
            }
        }
    }

    /// Takes the price of continuing each path off its scores.
    private func charge(_ bits: [[Float]], _ ofBit: Float) {
        scores.withUnsafeMutableBufferPointer { scores in
            var row = 0
            for bits in bits {
                bits.withUnsafeBufferPointer { bits in
                    for code in bits.indices { scores[row + code] -= bits[code] * ofBit }
                }
                row += bits.count
            }
        }
    }

    /// One stage: from `live` paths per frame to the best `width` of their continuations.
    private func advance(stage: Int, _ codebook: PackedCodebook, count: Int) {
        let kept = live * codebook.size < width ? live * codebook.size : width
        let first = stage * blockSize * width
        for frame in 0..<count { select(frame, kept: kept, first: first, codebook) }
        codebook.codewords.withUnsafeBufferPointer { words in
            residual.withUnsafeBufferPointer { from in
                nextResidual.withUnsafeMutableBufferPointer { to in
                    for row in 0..<(count * kept) {
                        let parent = (row / kept * live + Int(parents[first + row])) * dimension
                        let word = Int(codes[first + row]) * dimension
                        for c in 0..<dimension { to[row * dimension + c] = from[parent + c] - words[word + c] }
                    }
                }
            }
        }
        swap(&residual, &nextResidual)
        swap(&costs, &nextCosts)
        live = kept
    }

    /// The `kept` cheapest continuations of one frame's paths, the earlier path and the lower code first among equals.
    /// Places for which no continuation has a finite cost keep code 0 and an infinite cost.
    private func select(_ frame: Int, kept: Int, first: Int, _ codebook: PackedCodebook) {
        let base = frame * kept
        for i in base..<(base + kept) {
            nextCosts[i] = .infinity
            codes[first + i] = 0
            parents[first + i] = 0
        }
        scores.withUnsafeBufferPointer { scores in
            guard let scores = scores.baseAddress else { return }
            for path in 0..<live {
                let cost = costs[frame * live + path]
                let row = scores + (frame * live + path) * codebook.size
                var code = -1
                while true {
                    // Rounded down: the comparison of costs below is the one that counts.
                    let bar = Float(cost - nextCosts[base + kept - 1]).nextDown
                    code = codebook.firstAbove(bar, in: row, range: (code + 1)..<codebook.size)
                    if code == codebook.size { break }
                    insert(cost - Double(row[code]), Int32(code), Int32(path), base: base, kept: kept, first: first)
                }
            }
        }
    }

    private func insert(_ cost: Double, _ code: Int32, _ path: Int32, base: Int, kept: Int, first: Int) {
        guard cost < nextCosts[base + kept - 1] else { return }
        var at = base + kept - 1
        while at > base && cost < nextCosts[at - 1] {
            nextCosts[at] = nextCosts[at - 1]
            codes[first + at] = codes[first + at - 1]
            parents[first + at] = parents[first + at - 1]
            at -= 1
        }
        nextCosts[at] = cost
        codes[first + at] = code
        parents[first + at] = path
    }

    /// Follows the paths from their ends back to the first stage: `[stage][frame · live + path]`.
    /// - Parameter widths: paths per frame before each stage so far and after the last of them.
    private func trace(_ widths: [Int], count: Int) -> [[Int32]] {
        var streams = Array(repeating: [Int32](repeating: 0, count: count * live), count: widths.count - 1)
        for row in 0..<(count * live) {
            var at = row
            for k in streams.indices.reversed() {
                let entry = k * blockSize * width + at
                streams[k][row] = codes[entry]
                at = at / widths[k + 1] * widths[k] + Int(parents[entry])
            }
        }
        return streams
    }
}
