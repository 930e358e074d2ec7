extension PageReader {
    func rewind() throws { try restart(atByte: bodyOffset, frame: base) }

    func jump(toward frame: Int, length: Int) throws -> Int {
        let end = try loadEnd(length: length).end
        if let entry = end.entries.last(where: { $0.frame - base <= frame }) {
            try restart(atByte: entry.offset, frame: entry.frame)
        } else {
            try rewind()
        }
        return end.frames
    }

    func checkLengthAhead(length: Int) throws {
        let span = SampleSpan(header)
        guard let (end, offset) = try? blocks.aside({ try loadEnd(length: length) }),
            end.frames % header.layout.superframe == 0, span.covers(samples: end.samples, frames: end.frames),
            header.original.sampleCount.map({ $0 == end.samples }) ?? true
        else { return }
        try span.checkPadding(samples: end.samples, frames: end.frames, hasSegments: false, offset: offset)
    }

    /// Reads the end mark of a stream of `length` bytes, once. Its offset is that of the payload.
    private func loadEnd(length: Int) throws -> (end: EndBlock, offset: Int) {
        if let knownEnd { return knownEnd }
        let missing = TokenStreamError.truncated(part: "the end mark", offset: length)
        let tail = min(EndBlock.tailLength, length - bodyOffset)
        guard tail > 0 else { throw missing }
        let last = try blocks.bytes(at: length - tail, count: tail)
        guard let size = EndBlock.length(endingWith: last), size <= length - bodyOffset else { throw missing }
        try blocks.seek(to: length - size)
        guard let block = try blocks.read(), block.header.kind == BlockKind.end else { throw missing }
        let end = try EndBlock(block.payload, headerLength: block.header.length, offset: block.offset)
        guard end.entries.allSatisfy({ $0.offset >= bodyOffset && $0.frame >= base }) else {
            throw TokenStreamError.invalidField(
                part: "end mark", field: "index", found: "a place outside", expected: "places of pages", offset: block.payloadOffset)
        }
        knownEnd = (end, block.payloadOffset)
        return (end, block.payloadOffset)
    }
}
