import Kernels
import Platform

/// Two-dimensional structural entropy of a graph under a partition (Li and Pan 2016), and the greedy partition that lowers it:
///
///     H² = −Σⱼ [ Vⱼ/V · Σ_{i∈j} dᵢ/Vⱼ · log₂(dᵢ/Vⱼ) + gⱼ/V · log₂(Vⱼ/V) ]
///
/// with degrees dᵢ, volumes Vⱼ (a community's degrees), cuts gⱼ (weights of the edges that leave it) and V the sum of all degrees.
/// From communities of one node each, those two joined communities merge whose merger lowers H² most, until none does.
struct StructuralEntropy {
    /// The community of each node, numbered from 0 by their first nodes; nodes without edges stay by themselves.
    private(set) var communities: [Int]
    let count: Int

    init(_ graph: NeighbourGraph) {
        var merging = Merging(graph)
        merging.run()
        var numbers: [Int: Int] = [:]
        communities = graph.edges.indices.map { node in
            let root = merging.root(node)
            if let number = numbers[root] { return number }
            numbers[root] = numbers.count
            return numbers.count - 1
        }
        count = numbers.count
    }

    /// H² in bits of a partition.
    static func entropy(_ graph: NeighbourGraph, communities: [Int]) -> Double {
        let degrees = graph.edges.map { $0.values.sorted().reduce(0, +) }
        let total = degrees.reduce(0, +)
        guard total > 0 else { return 0 }
        var (volumes, cuts) = ([Int: Double](), [Int: Double]())
        for (node, edges) in graph.edges.enumerated() {
            volumes[communities[node], default: 0] += degrees[node]
            for (other, weight) in edges where communities[other] != communities[node] {
                cuts[communities[node], default: 0] += weight
            }
        }
        var sum = 0.0
        for (node, degree) in degrees.enumerated() where degree > 0 {
            sum -= degree / total * log2(degree / (volumes[communities[node]] ?? degree))
        }
        for (community, cut) in cuts { sum -= cut / total * log2((volumes[community] ?? total) / total) }
        return sum
    }

    /// Merges communities; a community is named by one of its nodes.
    private struct Merging {
        private var parent: [Int]
        private var links: [[Int: Double]]
        private var volume: [Double]
        private var cut: [Double]
        private let total: Double
        private var version: [Int]
        private var queue = MergeQueue()

        init(_ graph: NeighbourGraph) {
            links = graph.edges
            parent = Array(graph.edges.indices)
            // In order of their ends, so that sums do not depend on the order of a hash table.
            volume = graph.edges.map { $0.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value } }
            cut = volume
            total = volume.reduce(0, +)
            version = [Int](repeating: 0, count: parent.count)
            for (a, edges) in graph.edges.enumerated() { for b in edges.keys where b > a { offer(a, b) } }
        }

        func root(_ node: Int) -> Int {
            var node = node
            while parent[node] != node { node = parent[node] }
            return node
        }

        mutating func run() {
            while let merge = queue.pop() {
                guard version[merge.a] == merge.versions.0, version[merge.b] == merge.versions.1 else { continue }
                join(merge.a, merge.b)
            }
        }

        private mutating func join(_ first: Int, _ second: Int) {
            // The smaller list of links moves.
            let (a, b) = links[first].count >= links[second].count ? (first, second) : (second, first)
            let between = links[a][b] ?? 0
            parent[b] = a
            volume[a] += volume[b]
            cut[a] += cut[b] - 2 * between
            links[a][b] = nil
            for (other, weight) in links[b] where other != a {
                links[a][other, default: 0] += weight
                links[other][b] = nil
                links[other][a, default: 0] += weight
            }
            links[b] = [:]
            version[a] += 1
            version[b] = -1
            for other in links[a].keys { offer(a, other) }
        }

        /// Queues a merger that would lower the entropy.
        private mutating func offer(_ x: Int, _ y: Int) {
            let (a, b) = (min(x, y), max(x, y))
            let between = links[a][b] ?? 0
            let change = term(volume[a] + volume[b], cut[a] + cut[b] - 2 * between) - term(volume[a], cut[a]) - term(volume[b], cut[b])
            if change < -1e-15 { queue.push(Merge(change: change, a: a, b: b, versions: (version[a], version[b]))) }
        }

        /// What of H² depends on a community's volume and cut.
        private func term(_ volume: Double, _ cut: Double) -> Double {
            volume > 0 ? volume / total * log2(volume) - cut / total * log2(volume / total) : 0
        }
    }

    fileprivate struct Merge {
        var change: Double
        var a: Int
        var b: Int
        var versions: (Int, Int)

        /// The greater fall first; equal ones in the order of their nodes, so that the result is the same in every run.
        func precedes(_ other: Merge) -> Bool { (change, a, b) < (other.change, other.a, other.b) }
    }
}

/// A binary heap, the greatest fall of entropy at its root.
private struct MergeQueue {
    private var heap: [StructuralEntropy.Merge] = []

    mutating func push(_ merge: StructuralEntropy.Merge) {
        heap.append(merge)
        var i = heap.count - 1
        while i > 0, heap[i].precedes(heap[(i - 1) / 2]) {
            heap.swapAt(i, (i - 1) / 2)
            i = (i - 1) / 2
        }
    }

    mutating func pop() -> StructuralEntropy.Merge? {
        guard let first = heap.first else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var i = 0
        while true {
            var least = i
            for child in [2 * i + 1, 2 * i + 2] where child < heap.count && heap[child].precedes(heap[least]) { least = child }
            if least == i { break }
            heap.swapAt(i, least)
            i = least
        }
        return first
    }
}

extension QuantizerFit {
    /// Nodes of the graph, and edges that each asks for.
    static let graphNodes = 8192
    static let graphNeighbours = 10

    /// Residual stages whose codewords are the mean vectors of the communities of a graph over a sample (Wang et al. 2025,
    /// "SECodec"). How many there are follows from the data, up to `size`.
    func structural(_ source: any VectorSource, progress: (FitProgress) throws -> Void) throws -> ResidualVectorQuantizer {
        let rest = try ResidualVectors(source)
        return try ResidualVectorQuantizer(
            stages: (0..<codebooks).map { stage in
                var random = SeededRandom(seed: seed &+ UInt64(stage))
                let sample = try rest.sample(Self.graphNodes, &random)
                let words = try Self.communityMeans(sample, limit: size)
                let quantizer = VectorQuantizer(codebook: words)
                let error = try quantizer.remainder(of: sample).meanEnergy
                try progress(FitProgress(codebook: stage, codebooks: codebooks, pass: 1, passes: 1, error: error))
                if stage + 1 < codebooks { try rest.append(quantizer) }
                return quantizer
            })
    }

    /// Means of the communities, the largest first if there are more than `limit`.
    static func communityMeans(_ sample: Frames, limit: Int) throws -> PackedCodebook {
        let partition = StructuralEntropy(NeighbourGraph(sample, neighbours: graphNeighbours))
        var sums = [[Double]](repeating: [Double](repeating: 0, count: sample.channels), count: partition.count)
        var sizes = [Int](repeating: 0, count: partition.count)
        for (t, community) in partition.communities.enumerated() {
            sizes[community] += 1
            for c in 0..<sample.channels { sums[community][c] += Double(sample[t, c]) }
        }
        let kept = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }.prefix(limit)
        guard !kept.isEmpty else { throw QuantizerError.unfittable("no vectors") }
        return PackedCodebook(
            codewords: kept.flatMap { k in sums[k].map { Float($0 / Double(sizes[k])) } }, dimension: sample.channels)
    }
}
