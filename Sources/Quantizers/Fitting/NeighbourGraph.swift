import Kernels

/// An undirected weighted graph over vectors: each is joined to its nearest others by cosine.
struct NeighbourGraph {
    /// Neighbours and weights of each node; every edge stands at both its ends.
    let edges: [[Int: Double]]

    /// - Parameter neighbours: edges that each vector asks for; one that both ends ask for counts once.
    init(_ frames: Frames, neighbours: Int) {
        var edges = [[Int: Double]](repeating: [:], count: frames.count)
        let unit = Self.unitLength(frames)
        if frames.count > 1 {
            let codebook = PackedCodebook(codewords: unit.values, dimension: unit.channels)
            let blockSize = 64
            var scores = [Float](repeating: 0, count: blockSize * frames.count)
            for start in stride(from: 0, to: frames.count, by: blockSize) {
                let block = unit.slice(start..<min(start + blockSize, frames.count))
                block.withUnsafeBufferPointer { input in
                    scores.withUnsafeMutableBufferPointer { output in
                        if let input = input.baseAddress, let output = output.baseAddress {
                            codebook.scores(input, rows: block.count, into: output)
                        }
                    }
                }
                for row in 0..<block.count {
                    let node = start + row
                    for (other, score) in Self.greatest(neighbours, scores, row * frames.count, frames.count, but: node) {
                        // The score of unit vectors is their cosine less ½.
                        let weight = Double(score) + 0.5
                        if weight > 0 {
                            edges[node][other] = weight
                            edges[other][node] = weight
                        }
                    }
                }
            }
        }
        self.edges = edges
    }

    private static func unitLength(_ frames: Frames) -> Frames {
        var unit = frames
        for t in 0..<unit.count {
            let length = Float(frames.energy(at: t).squareRoot())
            for c in 0..<unit.channels where length > 0 { unit[t, c] /= length }
        }
        return unit
    }

    /// The `count` greatest of a row of scores, without `node` itself.
    private static func greatest(
        _ count: Int, _ scores: [Float], _ first: Int, _ length: Int, but node: Int
    ) -> [(Int, Float)] {
        var found: [(Int, Float)] = []
        scores.withUnsafeBufferPointer { scores in
            var bar = -Float.infinity
            for other in 0..<length where scores[first + other] > bar && other != node {
                let score = scores[first + other]
                let place = found.firstIndex { $0.1 < score } ?? found.count
                found.insert((other, score), at: place)
                if found.count > count { found.removeLast() }
                if found.count == count { bar = found[count - 1].1 }
            }
        }
        return found
    }
}
