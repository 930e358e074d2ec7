import Tensors

/// How a sequence of layers cuts a long input: each layer gets blocks long enough that its weights are worth reading, and so
/// short that activations stay in the caches. Where frames are many and narrow, a block is a small part of one where they are few.
///
/// Neighbouring layers with blocks of one length form a group. From a group to one of longer blocks, the outputs of several
/// blocks are gathered; to one of shorter blocks, an output is cut into parts.
struct TimeBlocks: Sendable {
    /// Frames that weights are worth reading for.
    private static let leastFrames = 64.0
    /// Bytes of activations that a block shorter would not keep nearer to the processor.
    private static let leastBytes = 192.0 * 1024

    private struct Group {
        var layers: Range<Int>
        /// Length of its blocks in units, a power of two.
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
        /// Among the blocks of its group.
        var index: Int
        var group: Int
        var source: Source
        /// The units of time that it covers.
        fileprivate var units: Range<Int>
        /// When its turn comes, in units.
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
        // Layers all of one rate are as a rule part of a larger sequence, whose blocks they get and need not cut again.
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

    /// The blocks of `count` input frames in the order in which they are to be done, or nil if it is too short to be cut.
    func blocks(of count: Int) -> [Block]? {
        let units = Int(min(Double(count) / unit, Double(count)))
        guard units > 1 else { return nil }
        var blocks: [[Block]] = []
        for (number, group) in groups.enumerated() {
            var turn = 0
            blocks.append(
                stride(from: 0, to: units, by: group.length).enumerated().map { index, start in
                    let covered = start..<min(start + group.length, units)
                    let (source, earliest) = source(of: covered, length: group.length, before: blocks.last, units: units, frames: count)
                    turn = max(turn, earliest)
                    return Block(layers: group.layers, index: index, group: number, source: source, units: covered, turn: turn)
                })
        }
        return blocks.joined().sorted { ($0.turn, $0.group, $0.index) < ($1.turn, $1.group, $1.index) }
    }

    /// Where the block of the units `covered` has its input from, and its earliest turn.
    ///
    /// A block that gathers comes right after the last that it gathers. The parts of a block come one such block later than they could,
    /// so that the next one is under way on another thread meanwhile.
    private func source(
        of covered: Range<Int>, length: Int, before: [Block]?, units: Int, frames: Int
    ) -> (Block.Source, earliest: Int) {
        func frame(_ unit: Int) -> Int { unit * frames / units }
        guard let before else {
            return (.input(frame(covered.lowerBound)..<frame(covered.upperBound)), covered.lowerBound)
        }
        let size = before[0].units.count
        let first = covered.lowerBound / size
        let whole = before[first]
        if length > size || whole.units == covered {
            let end = (covered.upperBound + size - 1) / size
            return (.outputs(first..<end), before[end - 1].turn)
        }
        let offset = covered.lowerBound - whole.units.lowerBound
        let parts = (whole.units.count + length - 1) / length
        return (.part(offset / length, of: parts, block: first), whole.turn + offset + size)
    }
}

extension Int {
    /// The position of the highest bit that is set, of a number above 0.
    fileprivate var log2: Int { Self.bitWidth - 1 - leadingZeroBitCount }
}
