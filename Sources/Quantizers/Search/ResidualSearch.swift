import Kernels

/// Better codes than the greedy ones for stages whose codewords add up.
///
/// Every frame is searched by itself with the same operations, however many frames a call has.
struct ResidualSearch: Sendable {
    /// The stages' codebooks in the space where codewords add up.
    let codebooks: [PackedCodebook]
    private let search: CodeSearch

    init(stages: [VectorQuantizer], search: CodeSearch) {
        codebooks = stages.map(\.outputCodebook)
        self.search = search
    }

    /// Codes `[codebooks][time]` of `target` `[time, dimension]`: the searched ones of each frame for which they leave
    /// less energy than the greedy codes, and the greedy ones of the others, among them all that are not finite.
    /// - Parameter residual: what the greedy codes leave of the target.
    func improve(_ greedy: [[Int32]], of target: Frames, leaving residual: Frames) -> [[Int32]] {
        let used = Array(codebooks.prefix(greedy.count))
        let beam = Beam(width: search.beamWidth, dimension: target.channels, codebooks: used, frames: target.count)
        var codes = greedy
        for start in stride(from: 0, to: target.count, by: beam.blockSize) {
            let block = start..<min(start + beam.blockSize, target.count)
            let latents = target.slice(block)
            var paths = beam.search(latents)
            if search.refinementPasses > 0 { paths.refine(with: used, passes: search.refinementPasses) }
            let best = paths.bestOfEachFrame()
            var left = latents
            for (codebook, stream) in zip(used, best) { codebook.accumulate(stream, sign: -1, into: &left) }
            for (i, t) in block.enumerated() where left.energy(at: i) < residual.energy(at: t) {
                for k in codes.indices { codes[k][t] = best[k][i] }
            }
        }
        return codes
    }
}

extension Frames {
    /// Sum of the squares of one time step.
    func energy(at time: Int) -> Double {
        withUnsafeBufferPointer { values in
            var sum = 0.0
            for i in (time * channels)..<((time + 1) * channels) { sum += Double(values[i]) * Double(values[i]) }
            return sum
        }
    }
}
