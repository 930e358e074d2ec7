import Kernels

/// The frames of every block of a `Sequential.step`, on their way from one group of layers to the next.
struct BlockOutputs {
    /// For each group, where in `frames` its first block is; and the end.
    private let starts: [Int]
    private var frames: [Frames]

    init(_ blocks: [TimeBlocks.Block]) {
        var counts: [Int] = []
        for block in blocks {
            while counts.count <= block.group { counts.append(0) }
            counts[block.group] += 1
        }
        starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        frames = Array(repeating: Frames(channels: 0), count: blocks.count)
    }

    /// Calls `body` with a view that several threads may change at the same time.
    mutating func withShared<R>(_ body: (Shared) -> R) -> R {
        let starts = starts
        return frames.withUnsafeMutableBufferPointer { body(Shared(starts: starts, frames: $0)) }
    }

    /// A view of all frames that several threads may change at the same time. It is safe to share. While a block passes the layers of
    /// its group, only the thread that works on it uses its frames. Afterwards only the blocks of the next group that need it as input
    /// do, one after the other, because the pipeline lets one block at a time into that group's first layer.
    struct Shared: @unchecked Sendable {
        fileprivate let starts: [Int]
        fileprivate let frames: UnsafeMutableBufferPointer<Frames>

        /// Removes and returns the frames of a block. They are removed so that the caller is their only owner: a layer that changes
        /// frames which have a second owner would copy them first.
        func take(_ block: TimeBlocks.Block) -> Frames { take(group: block.group, block.index) }

        /// Stores the frames of a block, after one of the layers.
        func put(_ frames: Frames, _ block: TimeBlocks.Block) { self.frames[starts[block.group] + block.index] = frames }

        /// The input of a block's first layer.
        func input(of block: TimeBlocks.Block, from input: Frames) -> Frames {
            switch block.source {
            case .input(let range): return input.slice(range)
            case .outputs(let range): return joined(group: block.group - 1, range)
            case .part(let part, let parts, let index):
                let whole = frames[starts[block.group - 1] + index]
                let range = (whole.count * part / parts)..<(whole.count * (part + 1) / parts)
                if part == parts - 1 { _ = take(group: block.group - 1, index) }
                return whole.slice(range)
            }
        }

        /// The whole output of the last group.
        func last(channels: Int) -> Frames {
            let group = starts.count - 2
            let all = joined(group: group, 0..<(starts[group + 1] - starts[group]))
            return all.isEmpty ? Frames(channels: channels) : all
        }

        private func take(group: Int, _ index: Int) -> Frames {
            let place = starts[group] + index
            let taken = frames[place]
            frames[place] = Frames(channels: 0)
            return taken
        }

        /// Removes and returns the frames of several blocks, joined in order. Where there are none, the number of channels says nothing.
        private func joined(group: Int, _ range: Range<Int>) -> Frames {
            if range.count == 1 { return take(group: group, range.lowerBound) }
            let parts = range.map { take(group: group, $0) }.filter { !$0.isEmpty }
            guard let first = parts.first else { return Frames(channels: 0) }
            var joined = Frames(channels: first.channels)
            joined.reserveCapacity(parts.reduce(0) { $0 + $1.count })
            for part in parts { joined.append(part, range: 0..<part.count) }
            return joined
        }
    }
}

extension TimeBlocks.Block.Source {
    /// Blocks of the group before that must be done.
    var needed: Int {
        switch self {
        case .input: 0
        case .outputs(let range): range.upperBound
        case .part(_, _, let block): block + 1
        }
    }
}
