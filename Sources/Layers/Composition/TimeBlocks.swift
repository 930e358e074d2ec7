import Kernels

/// How a sequence of layers cuts a long input into blocks of time.
///
/// A layer's blocks are long enough that reading its weights pays, and short enough that activations stay in the caches. So layers
/// with many narrow frames per second get shorter blocks than layers with few wide ones.
///
/// Neighbouring layers with blocks of one length form a group. Where the next group has longer blocks, it gathers the outputs of
/// several blocks into one. Where it has shorter blocks, each output is cut into parts.
struct TimeBlocks: Sendable {
    /// Frames that a block has at least, so that reading the weights pays.
    private static let leastFrames = 64.0
    /// Bytes of activations that a block has at least. A shorter one would not be in a faster cache.
    private static let leastBytes = 192.0 * 1024

    private struct Group {
        var layers: Range<Int>
        /// The length of its blocks in units, a power of two.
        var length: Int
    }

    /// A block of one group, and where its input comes from.
    struct Block {
        enum Source {
            /// The frames of the sequence's input.
            case input(Range<Int>)
            /// The outputs of these blocks of the group before, by their indices.
            case outputs(Range<Int>)
            /// One of several parts of the output of a block of the group before.
            case part(Int, of: Int, block: Int)
        }

        var layers: Range<Int>
        /// Its place among the blocks of its group.
        var index: Int
        /// The group that it belongs to.
        var group: Int
        var source: Source
        /// The units of time that it covers.
        fileprivate var units: Range<Int>
        /// Blocks are begun in the order of this number, a time in units.
        fileprivate var turn: Int
    }

    private let groups: [Group]
    /// Input frames of the sequence in the shortest block.
    private let unit: Double

    init(_ layers: [AnyLayer]) {
        var rate = 1.0
        let lengths = layers.map { layer in
            let output = rate * Double(layer.rate.numerator) / Double(layer.rate.denominator)
            defer { rate = output }
            let bytes = 4 * max(rate * Double(layer.inputChannels), output * Double(layer.outputChannels))
            return max(Self.leastFrames / min(rate, output), Self.leastBytes / bytes)
        }
        // Layers that all have rate 1 are usually part of a larger sequence. They get its blocks and need not cut them again.
        let isPart = layers.allSatisfy { $0.rate == .one }
        let shortest = lengths.min() ?? 1
        unit = isPart ? .infinity : shortest
        groups = lengths.enumerated().reduce(into: []) { groups, next in
            let length = isPart ? 1 : 1 << Int((next.element / shortest).rounded(.down)).log2
            if groups.last?.length == length {
                groups[groups.count - 1].layers = groups[groups.count - 1].layers.lowerBound..<(next.offset + 1)
            } else {
                groups.append(Group(layers: next.offset..<(next.offset + 1), length: length))
            }
        }
    }

    /// The blocks of `count` input frames in the order in which they are to be begun, or nil if the input is too short to be cut.
    func blocks(of count: Int) -> [Block]? {
        let units = Int(min(Double(count) / unit, Double(count)))
        guard units > 1 else { return nil }
        var all: [Block] = []
        var last: [Block] = []
        for (number, group) in groups.enumerated() {
            let covered = Self.ranges(units: units, length: group.length)
            if number == 0 {
                last = covered.enumerated().map { index, range in
                    let frames = (range.lowerBound * count / units)..<(range.upperBound * count / units)
                    return Block(
                        layers: group.layers, index: index, group: 0, source: .input(frames), units: range, turn: range.lowerBound)
                }
            } else {
                let gathers = group.length > groups[number - 1].length
                last = gathers ? gather(last, for: covered, number) : cut(last, for: covered, number)
            }
            all += last
        }
        return all.sorted { ($0.turn, $0.group, $0.index) < ($1.turn, $1.group, $1.index) }
    }

    /// The units of each block of a group. The last block is longer by what the length does not divide. With threads it is cut in two,
    /// so that at the end of the input two threads have work: one follows the other through the layers.
    private static func ranges(units: Int, length: Int) -> [Range<Int>] {
        let count = max(1, units / length)
        var starts = (0..<count).map { $0 * length }
        let rest = units - starts[count - 1]
        if Execution.current.threadCount > 1 && length > 1 && rest >= length {
            starts.append(starts[count - 1] + (2 * rest >= 3 * length ? length : length / 2))
        }
        return zip(starts, starts.dropFirst() + [units]).map { $0..<$1 }
    }

    /// Blocks of the units `covered`, each of which gathers several blocks of the group before and needs all of them. Its turn comes after
    /// the last of these. With threads it comes a few blocks later still, so that the last one is done by then and no thread waits.
    private func gather(_ before: [Block], for covered: [Range<Int>], _ group: Int) -> [Block] {
        var next = 0
        let delay = (Execution.current.threadCount - 1) * groups[group - 1].length
        return covered.enumerated().map { index, units in
            let first = next
            while next < before.count && before[next].units.upperBound <= units.upperBound { next += 1 }
            return Block(
                layers: groups[group].layers, index: index, group: group, source: .outputs(first..<next), units: units,
                turn: before[next - 1].turn + delay)
        }
    }

    /// Blocks of the units `covered`, each of which is a part of a block of the group before. Their turns come one
    /// length of that longer block later than they could, so that another thread works on the next longer block meanwhile.
    private func cut(_ before: [Block], for covered: [Range<Int>], _ group: Int) -> [Block] {
        var blocks: [Block] = []
        for (number, whole) in before.enumerated() {
            let parts = covered[blocks.count...].prefix { $0.upperBound <= whole.units.upperBound }
            for (part, units) in parts.enumerated() {
                let turn = whole.turn + units.lowerBound - whole.units.lowerBound + whole.units.count
                blocks.append(
                    Block(
                        layers: groups[group].layers, index: blocks.count, group: group,
                        source: .part(part, of: parts.count, block: number), units: units, turn: max(turn, blocks.last?.turn ?? 0)))
            }
        }
        return blocks
    }
}

extension Int {
    /// The position of the highest bit that is set, of a number above 0.
    fileprivate var log2: Int { Self.bitWidth - 1 - leadingZeroBitCount }
}
