import Kernels

/// Sequences of codes, `width` for each frame of a block, and what they leave of it.
struct CodePaths {
    let width: Int
    /// `[stage][frame · width + path]`.
    private(set) var codes: [[Int32]]
    /// `[frame · width + path, dimension]`.
    private(set) var residual: Frames

    init(width: Int, codes: [[Int32]], residual: Frames) {
        self.width = width
        self.codes = codes
        self.residual = residual
    }

    /// Chooses each stage's codeword anew, given those of all other stages, until a pass changes nothing or there were `passes`.
    ///
    /// Paths drop out one by one, so that what happens to one never depends on the others.
    mutating func refine(with codebooks: [PackedCodebook], passes: Int) {
        var active = Array(0..<residual.count)
        for _ in 0..<passes where !active.isEmpty {
            var rows = gather(active)
            var isChanged = [Bool](repeating: false, count: active.count)
            for (k, codebook) in codebooks.enumerated() {
                let old = active.map { codes[k][$0] }
                codebook.accumulate(old, into: &rows)
                let new = codebook.quantize(residual: &rows)
                for (i, row) in active.enumerated() where new[i] != old[i] {
                    isChanged[i] = true
                    codes[k][row] = new[i]
                }
            }
            scatter(rows, active)
            active = zip(active, isChanged).compactMap { $1 ? $0 : nil }
        }
    }

    /// The path of each frame that leaves the least energy, `[stage][frame]`; the first of equals.
    func bestOfEachFrame() -> [[Int32]] {
        let chosen = (0..<(residual.count / width)).map { frame in
            var best = (row: frame * width, energy: Double.infinity)
            for row in (frame * width)..<((frame + 1) * width) {
                let energy = residual.energy(at: row)
                if energy < best.energy { best = (row, energy) }
            }
            return best.row
        }
        return codes.map { stream in chosen.map { stream[$0] } }
    }

    private func gather(_ rows: [Int]) -> Frames {
        let channels = residual.channels
        return residual.withUnsafeBufferPointer { from in
            Frames(count: rows.count, channels: channels) { to in
                for (i, row) in rows.enumerated() {
                    for c in 0..<channels { to[i * channels + c] = from[row * channels + c] }
                }
            }
        }
    }

    private mutating func scatter(_ frames: Frames, _ rows: [Int]) {
        let channels = residual.channels
        residual.withUnsafeMutableBufferPointer { to in
            frames.withUnsafeBufferPointer { from in
                for (i, row) in rows.enumerated() {
                    for c in 0..<channels { to[row * channels + c] = from[i * channels + c] }
                }
            }
        }
    }
}
