/// Where in the degraded signal each stretch of the reference is found.
///
/// Dynamic programming chooses later frames for later patches so that the sum of similarities is largest. A patch may be
/// skipped, as one that was lost on the way, where that leaves a larger sum.
struct PatchMatching {
    /// A patch of the reference and the frame where the degraded one starts; nil for a patch that was lost.
    struct Match {
        let referenceFrame: Int
        let degradedFrame: Int?
        /// Similarity of each band, zeros for a lost patch.
        let bandMeans: [Double]
        let similarity: Double
    }

    private let reference: [NeurogramPatch]
    private let starts: [Int]
    private let degraded: [NeurogramPatch]
    private let radius: Int
    private var measure: NeurogramSimilarity

    /// Patches searched on both sides of a patch's own place.
    private static let searchRadius = 60

    /// - Parameter starts: the reference frames where patches of `length` frames start, ascending.
    init(_ reference: GammatoneSpectrogram, _ degraded: GammatoneSpectrogram, starts: [Int], length: Int) {
        let starts = starts.filter { $0 - length / 2 <= degraded.frames }
        self.starts = starts
        self.reference = starts.map { reference.patch($0, length: length) }
        self.degraded = (0..<degraded.frames).map { degraded.patch($0, length: length) }
        radius = Self.searchRadius * length
        measure = NeurogramSimilarity(frames: length, bands: reference.bands)
    }

    /// The best match of every patch that the degraded signal is long enough for.
    mutating func matches() -> [Match] {
        guard !starts.isEmpty, !degraded.isEmpty else { return [] }
        var sums: [Double] = []
        var origins: [[Int]] = []
        for p in starts.indices {
            let row = nextRow(p, after: sums)
            sums = row.sums
            origins.append(row.origins)
        }
        var frame = range(starts.count - 1).lowerBound
        for t in range(starts.count - 1) where sums[t] > sums[frame] { frame = t }
        var matches: [Match] = []
        for p in starts.indices.reversed() {
            let isLost = origins[p][frame] == frame
            let similarity = measure.measure(reference[p], degraded[frame])
            matches.append(
                Match(
                    referenceFrame: starts[p], degradedFrame: isLost ? nil : frame,
                    bandMeans: isLost ? measure.bandMeans.map { _ in 0 } : measure.bandMeans,
                    similarity: isLost ? 0 : similarity))
            frame = origins[p][frame]
        }
        return matches.reversed()
    }

    /// The degraded frames at which patch `p` is looked for.
    private func range(_ p: Int) -> ClosedRange<Int> {
        let high = min(degraded.count - 1, starts[p] + radius)
        return min(max(0, starts[p] - radius), high)...high
    }

    /// For each degraded frame, the largest sum with patch `p` there, and where the patch before it is then; a patch that is
    /// skipped stays where the one before it is.
    private mutating func nextRow(_ p: Int, after previous: [Double]) -> (sums: [Double], origins: [Int]) {
        var sums = [Double](repeating: -.infinity, count: degraded.count)
        var origins = [Int](repeating: -1, count: degraded.count)
        var best = (sum: -Double.infinity, frame: -1)
        let first = p > 0 ? range(p - 1).lowerBound : 0
        var scanned = first
        for frame in range(p) {
            var sum = measure.measure(reference[p], degraded[frame])
            if p > 0 {
                while scanned < frame {
                    if previous[scanned] >= best.sum, previous[scanned] > -.infinity { best = (previous[scanned], scanned) }
                    scanned += 1
                }
                sum += best.sum
                origins[frame] = best.frame
                if previous[frame] > sum {
                    sum = previous[frame]
                    origins[frame] = frame
                }
            }
            sums[frame] = sum
        }
        return (sums, origins)
    }
}

extension GammatoneSpectrogram {
    /// `length` frames from `start` on; zeros stand in for frames that are not there.
    func patch(_ start: Int, length: Int) -> NeurogramPatch {
        var patch = Array(values[(start * bands)..<min((start + length) * bands, values.count)])
        patch += [Double](repeating: 0, count: length * bands - patch.count)
        return NeurogramPatch(values: patch, bands: bands)
    }
}
