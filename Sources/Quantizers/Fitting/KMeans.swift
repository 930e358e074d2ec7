import Kernels
import Platform

/// How far a fit has come.
public struct FitProgress: Sendable {
    /// The codebook that is being fitted, counted from 0.
    public var codebook: Int
    /// How many codebooks are fitted in all.
    public var codebooks: Int
    /// Passes over the vectors done for this codebook.
    public var pass: Int
    /// Most passes that there will be.
    public var passes: Int
    /// Mean squared distance of the last pass.
    public var error: Double
}

/// k-means for any number of vectors in bounded memory.
///
/// A sample seeds the codewords (k-means++, Arthur and Vassilvitskii 2007) and settles them by a few Lloyd rounds. Then come
/// passes over all vectors: a mini-batch one, in which codewords follow each block (Sculley 2010), and Lloyd passes until the
/// error falls by less than `tolerance`. Codewords that no vector chooses are moved onto vectors drawn by their error.
public struct KMeans: Sendable {
    /// Codewords.
    public var size: Int
    /// Most passes over all vectors.
    public var passes: Int
    /// Relative fall of the error that is still worth a pass.
    public var tolerance: Double
    /// Seed of the random numbers: the same vectors, options and seed give the same result.
    public var seed: UInt64

    /// `size` codewords; `seed` decides the sample and the first codewords.
    public init(size: Int, passes: Int = 12, tolerance: Double = 5e-4, seed: UInt64 = 0) {
        (self.size, self.passes, self.tolerance, self.seed) = (size, passes, tolerance, seed)
    }

    /// Vectors of the sample per codeword.
    private static let samplesPerCodeword = 16
    private static let sampleRounds = 6

    /// The codewords, `[size, dimension]`.
    /// - Parameter progress: called after each pass with the passes done and the mean squared distance.
    /// - Throws: `QuantizerError.unfittable` for fewer vectors than codewords or values that are not finite.
    public func fit(_ source: some VectorSource, progress: (Int, Double) throws -> Void = { _, _ in }) throws -> PackedCodebook {
        guard size >= 1, size <= 1 << 20 else { throw QuantizerError.unfittable("\(size) codewords; expected 1 to \(1 << 20)") }
        guard source.count >= size else { throw QuantizerError.unfittable("\(source.count) vectors for \(size) codewords") }
        var random = SeededRandom(seed: seed)
        let sample = try source.sample(max(size * Self.samplesPerCodeword, 4096), &random)
        var words = Words(try PlusPlus.seed(size, from: sample, &random))
        let holdsAll = sample.count == source.count
        let settling = MemoryVectors(sample)
        if !holdsAll {
            for _ in 0..<Self.sampleRounds { _ = try words.lloyd(settling, &random) }
            try words.miniBatch(source)
        }
        var before: Double?
        for pass in 1...max(1, passes) {
            let error = holdsAll ? try words.lloyd(settling, &random) : try words.lloyd(source, &random)
            try progress(pass, error)
            if let before, before - error <= tolerance * before && words.revived == 0 { break }
            before = error
        }
        return words.codebook
    }

    /// Codewords on their way.
    private struct Words {
        var codebook: PackedCodebook
        /// Codewords that the last pass moved because nothing chose them.
        var revived = 0

        init(_ frames: Frames) { codebook = PackedCodebook(codewords: frames.values, dimension: frames.channels) }

        /// One pass: every codeword becomes the mean of the vectors that are nearest to it.
        /// - Returns: the mean squared distance to the codewords before the pass.
        mutating func lloyd(_ source: some VectorSource, _ random: inout SeededRandom) throws -> Double {
            var sums = Sums(codebook)
            var spare = Spare(limit: codebook.size)
            var (error, count) = (0.0, 0)
            try source.forEachBlock { block in
                var residual = block
                sums.add(block, codebook.quantize(residual: &residual))
                for t in 0..<block.count {
                    let energy = residual.energy(at: t)
                    error += energy
                    spare.offer(block, t, weight: energy, &random)
                }
                count += block.count
            }
            guard error.isFinite else { throw QuantizerError.unfittable("values that are not finite, or too large to square") }
            var words = sums.means(orElse: codebook)
            revived = 0
            for (k, uses) in sums.counts.enumerated() where uses == 0 {
                guard let vector = spare.next() else { break }
                words.replaceSubrange((k * codebook.dimension)..<((k + 1) * codebook.dimension), with: vector)
                revived += 1
            }
            codebook = PackedCodebook(codewords: words, dimension: codebook.dimension)
            return error / Double(max(count, 1))
        }

        /// One pass in which each codeword is the running mean of the vectors that chose it so far.
        mutating func miniBatch(_ source: some VectorSource) throws {
            var sums = Sums(codebook)
            try source.forEachBlock { block in
                sums.add(block, codebook.nearest(block))
                codebook = PackedCodebook(codewords: sums.means(orElse: codebook), dimension: codebook.dimension)
            }
        }
    }
}

/// Sums of the vectors of each codeword.
private struct Sums {
    private(set) var counts: [Int]
    private var sums: [Double]
    private let dimension: Int

    init(_ codebook: PackedCodebook) {
        counts = [Int](repeating: 0, count: codebook.size)
        sums = [Double](repeating: 0, count: codebook.size * codebook.dimension)
        dimension = codebook.dimension
    }

    mutating func add(_ block: Frames, _ codes: [Int32]) {
        sums.withUnsafeMutableBufferPointer { sums in
            block.withUnsafeBufferPointer { values in
                for (t, code) in codes.enumerated() {
                    counts[Int(code)] += 1
                    let row = Int(code) * dimension
                    for c in 0..<dimension { sums[row + c] += Double(values[t * dimension + c]) }
                }
            }
        }
    }

    /// Row-major means; a codeword without vectors stays.
    func means(orElse codebook: PackedCodebook) -> [Float] {
        var words = codebook.codewords
        for (k, count) in counts.enumerated() where count > 0 {
            for i in (k * dimension)..<((k + 1) * dimension) { words[i] = Float(sums[i] / Double(count)) }
        }
        return words
    }
}

/// A few vectors drawn with a probability that grows with their weight (Efraimidis and Spirakis 2006).
private struct Spare {
    private let limit: Int
    private var kept: [(key: Double, vector: [Float])] = []
    private var least = -Double.infinity

    /// More are never needed; those of one pass in which more codewords die wait for the next.
    init(limit: Int) { self.limit = min(limit, 64) }

    mutating func offer(_ block: Frames, _ time: Int, weight: Double, _ random: inout SeededRandom) {
        let draw = random.unit()
        guard weight > 0 else { return }
        // log(u)/w is monotonic in u^(1/w) and does not underflow.
        let key = log(draw) / weight
        if kept.count == limit && key <= least { return }
        if kept.count == limit { kept.removeLast() }
        let place = kept.firstIndex { $0.key < key } ?? kept.count
        kept.insert((key, block.slice(time..<(time + 1)).values), at: place)
        least = kept.last?.key ?? least
    }

    /// The next, most likely ones first.
    mutating func next() -> [Float]? { kept.isEmpty ? nil : kept.removeFirst().vector }
}

/// Seeding by k-means++: each codeword is a vector drawn with a probability that grows with its squared distance from the
/// codewords before it; of a few draws the one that lowers the error most.
private struct PlusPlus {
    private let sample: Frames
    /// Squared lengths.
    private let squares: [Float]
    /// Squared distances to the nearest codeword so far.
    private var distances: [Float]
    private let trials: Int

    static func seed(_ size: Int, from sample: Frames, _ random: inout SeededRandom) throws -> Frames {
        var seeding = PlusPlus(sample, trials: 2 + Int(log(Double(size)) / 2))
        var chosen = Frames(channels: sample.channels)
        while chosen.count < size {
            let index = try seeding.next(&random)
            chosen.append(sample, range: index..<(index + 1))
        }
        return chosen
    }

    private init(_ sample: Frames, trials: Int) {
        self.sample = sample
        self.trials = trials
        squares = (0..<sample.count).map { Float(sample.energy(at: $0)) }
        distances = []
    }

    private mutating func next(_ random: inout SeededRandom) throws -> Int {
        let isFirst = distances.isEmpty
        let total = distances.reduce(0) { $0 + Double($1) }
        guard total.isFinite, squares.allSatisfy(\.isFinite) else {
            throw QuantizerError.unfittable("values that are too large to square")
        }
        let indices = (0..<(isFirst ? 1 : trials)).map { _ in isFirst ? Int(random.next(below: UInt64(sample.count))) : draw(total, &random) }
        var words = Frames(channels: sample.channels)
        for index in indices { words.append(sample, range: index..<(index + 1)) }
        let candidates = distances(toEach: PackedCodebook(codewords: words.values, dimension: sample.channels))
        let sums = candidates.map { $0.reduce(0) { $0 + Double($1) } }
        let best = sums.indices.min { sums[$0] < sums[$1] } ?? 0
        distances = candidates[best]
        distances[indices[best]] = 0
        return indices[best]
    }

    /// An index drawn with probability distance / total; any index if all distances are 0.
    private func draw(_ total: Double, _ random: inout SeededRandom) -> Int {
        if total <= 0 { return Int(random.next(below: UInt64(distances.count))) }
        var rest = random.unit() * total
        for (index, distance) in distances.enumerated() {
            rest -= Double(distance)
            if rest < 0 { return index }
        }
        return distances.lastIndex { $0 > 0 } ?? 0
    }

    /// Squared distances to each of `words`, no greater than those so far.
    private func distances(toEach words: PackedCodebook) -> [[Float]] {
        let (count, size) = (sample.count, words.size)
        let scores = [Float](uninitialized: count * size) { scores in
            sample.withUnsafeBufferPointer { input in
                if let input = input.baseAddress, let scores = scores.baseAddress { words.scores(input, rows: count, into: scores) }
            }
        }
        return (0..<size).map { k in
            (0..<count).map { t in
                let distance = max(0, squares[t] - 2 * scores[t * size + k])
                return distances.isEmpty ? distance : min(distance, distances[t])
            }
        }
    }
}
