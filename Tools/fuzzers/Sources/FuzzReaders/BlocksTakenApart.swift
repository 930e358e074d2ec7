import Platform

/// A file of edition 2 as its blocks. What does not look like a block, and all behind it, stays as it is.
struct BlocksTakenApart: TakenApart {
    private struct Block {
        var kind: UInt8
        var flags: UInt8 = 0
        var firstFrame = 0
        var frameCount = 0
        var payload: [UInt8]

        var isPage: Bool { kind == 2 }

        func head(_ payloadLength: Int) -> [UInt8] {
            var bytes: [UInt8] = [0xC5, 0x7A, kind]
            if isPage { bytes += [flags] + varint(firstFrame) + varint(frameCount) }
            bytes += varint(payloadLength)
            return bytes + little(UInt16(truncatingIfNeeded: CRC32C.checksum(bytes)))
        }

        var bytes: [UInt8] {
            let bytes = head(payload.count) + payload
            return bytes + little(CRC32C.checksum(bytes))
        }
    }

    private var preamble: [UInt8]
    private var blocks: [Block] = []
    private var tail: [UInt8]
    /// Blocks that a file may grow to.
    private static let blockLimit = 24

    /// - Parameter file: 16 bytes or more.
    init(_ file: [UInt8]) {
        preamble = Array(file[..<16])
        tail = Array(file[16...])
        while let (block, rest) = Self.block(tail[...]) {
            blocks.append(block)
            tail = Array(rest)
        }
    }

    private static func block(_ bytes: ArraySlice<UInt8>) -> (Block, ArraySlice<UInt8>)? {
        guard bytes.starts(with: [0xC5, 0x7A]), let kind = bytes.dropFirst(2).first else { return nil }
        var rest = bytes.dropFirst(3)
        var block = Block(kind: kind, payload: [])
        if block.isPage {
            guard let flags = rest.popFirst(), let first = takeVarint(&rest), let count = takeVarint(&rest) else { return nil }
            (block.flags, block.firstFrame, block.frameCount) = (flags, first, count)
        }
        guard let length = takeVarint(&rest), rest.count >= 6, length <= rest.count - 6 else { return nil }
        block.payload = Array(rest.dropFirst(2).prefix(length))
        return (block, rest.dropFirst(2 + length + 4))
    }

    mutating func mutate(_ operation: UInt8, _ feed: inout Feed) {
        guard !blocks.isEmpty else { return }
        let place = Int(feed.next() ?? 0) % blocks.count
        let value = feed.next() ?? 0
        let other = Int(value) % blocks.count
        switch operation % 12 {
        case 0: blocks.swapAt(place, other)
        case 1: if blocks.count < Self.blockLimit { blocks.insert(blocks[place], at: other) }
        case 2: blocks.remove(at: place)
        case 3: editPayload(place, &feed) { $0 ^= value }
        case 4: editPayload(place, &feed) { $0 &+= value }
        case 5: blocks[place].payload += [UInt8](repeating: value, count: 1 + Int(operation >> 6))
        case 6: blocks[place].payload.removeLast(min(Int(value % 8), blocks[place].payload.count))
        case 7: editHead(place, field: operation >> 4, value)
        case 8:
            let kind = operation.says(7) ? 0x80 | value : value % 8
            if blocks.count < Self.blockLimit { blocks.insert(Block(kind: kind, payload: []), at: place) }
        case 9: preamble[10] = value
        case 10: moveFrames(place, by: value % 16)
        default: tail += [value]
        }
    }

    private mutating func editPayload(_ place: Int, _ feed: inout Feed, _ change: (inout UInt8) -> Void) {
        let count = blocks[place].payload.count
        guard count > 0 else { return }
        change(&blocks[place].payload[Int(feed.next() ?? 0) % count])
    }

    private mutating func editHead(_ place: Int, field: UInt8, _ value: UInt8) {
        let step = Int(Int8(bitPattern: value))
        switch field & 3 {
        case 0: blocks[place].kind &+= value
        case 1: blocks[place].flags ^= value
        // Numbers have no sign; what is less than nothing becomes very large.
        case 2: blocks[place].firstFrame = (blocks[place].firstFrame &+ step) & .max
        default: blocks[place].frameCount = (blocks[place].frameCount &+ step) & .max
        }
    }

    /// Makes all pages from `place` on later, as if something were missing, and the end mark with them.
    private mutating func moveFrames(_ place: Int, by frames: UInt8) {
        for i in place..<blocks.count {
            blocks[i].firstFrame = (blocks[i].firstFrame &+ Int(frames)) & .max
            if blocks[i].kind == 3, !blocks[i].payload.isEmpty { blocks[i].payload[0] &+= frames }
        }
    }

    /// Numbers are those of places, and the end mark has them all: both kinds of mending are one.
    func mended(renumbering: Bool, indexing: Bool) -> [UInt8] {
        var file = Array(preamble[..<12])
        file += little(CRC32C.checksum(file))
        var entries: [(frame: Int, offset: Int)] = []
        for var block in blocks {
            if block.isPage, block.flags.says(2) { entries.append((block.firstFrame, file.count)) }
            if block.kind == 3, renumbering || indexing { Self.mend(&block, length: file.count, entries) }
            file += block.bytes
        }
        return file + tail
    }

    /// Writes the length of what is before an end mark, its index and its distance anew.
    private static func mend(_ end: inout Block, length: Int, _ entries: [(frame: Int, offset: Int)]) {
        var rest = end.payload[...]
        guard let frames = takeVarint(&rest), let samples = takeVarint(&rest), takeVarint(&rest) != nil, rest.count >= 8 else { return }
        var payload = varint(frames) + varint(samples) + varint(length) + rest.prefix(8) + varint(entries.count)
        var last = (frame: 0, offset: 0)
        for entry in entries {
            payload += varint((entry.frame - last.frame) & .max) + varint(entry.offset - last.offset)
            last = entry
        }
        for size in 1...2 {
            let distance = varint(end.head(payload.count + size).count + payload.count)
            guard distance.count == size else { continue }
            payload += distance.reversed()
            break
        }
        end.payload = payload
    }
}

private func varint(_ value: Int) -> [UInt8] {
    var (bytes, rest) = ([UInt8](), value)
    while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
    }
    return bytes + [UInt8(rest)]
}

private func takeVarint(_ bytes: inout ArraySlice<UInt8>) -> Int? {
    var value = 0
    for shift in stride(from: 0, to: 63, by: 7) {
        guard let byte = bytes.popFirst() else { return nil }
        value |= Int(byte & 0x7F) << shift
        if byte & 0x80 == 0 { return value }
    }
    return nil
}
