extension PageReader {
    func rewind() throws { try restart(atByte: bodyOffset, frame: base) }

    func jump(toward frame: Int, length: Int) throws -> Int {
        let end = try loadEnd(length: length)
        if let entry = end.entries.last(where: { $0.frame - base <= frame }) {
            try restart(atByte: start + entry.offset, frame: entry.frame)
        } else {
            try rewind()
        }
        return end.frames
    }

    func ending(length: Int) throws -> TokenEnding {
        let end = try loadEnd(length: length)
        return TokenEnding(frames: end.frames, samples: end.samples)
    }

    func checkLengthAhead(length: Int) throws {
        guard let end = try? blocks.aside({ try loadEnd(length: length) }), header.original.sampleCount.map({ $0 == end.samples }) ?? true
        else { return }
        try RecordingLength(samples: end.samples, frames: end.frames).checkPadding(header, hasSegments: false, offset: start + end.length)
    }

    /// Reads the end mark of this recording in a stream of `length` bytes, once: the last of a chain is found from the end of the stream, and each
    /// of the others from the beginning of the one behind it.
    private func loadEnd(length: Int) throws -> EndBlock {
        if let knownEnd { return knownEnd }
        let marks = try blocks.endMarks(length: length, from: start)
        guard let end = marks[start] else { throw TokenStreamError.truncated(part: "the end mark", offset: length) }
        guard end.entries.allSatisfy({ $0.offset >= bodyOffset - start && $0.offset < end.length && $0.frame >= base }),
            end.frames % header.layout.superframe == 0
        else {
            throw TokenStreamError.invalidField(
                part: "end mark", field: "index", found: "a place outside", expected: "places of pages", offset: start + end.length)
        }
        try RecordingLength(samples: end.samples, frames: end.frames).checkCover(header, offset: start + end.length)
        knownEnd = end
        return end
    }
}

extension BlockReader {
    /// The end marks of the recordings of a chain by the offsets of their preambles, from the one at `first` to the end of a stream of `length` bytes.
    /// - Throws: `TokenStreamError.truncated` where one is not found.
    fileprivate func endMarks(length: Int, from first: Int) throws -> [Int: EndBlock] {
        if let known = sections.endMarks, known[first] != nil { return known }
        var marks: [Int: EndBlock] = [:]
        var end = length
        while end > first {
            let (mark, begin) = try endMark(before: end)
            marks[begin] = mark
            end = begin
        }
        sections.endMarks = marks
        return marks
    }

    /// The end mark whose last byte stands before `end`, and where its recording begins.
    private func endMark(before end: Int) throws -> (mark: EndBlock, begin: Int) {
        let missing = TokenStreamError.truncated(part: "the end mark", offset: end)
        let tail = min(EndBlock.tailLength, end)
        let last = try bytes(at: end - tail, count: tail)
        guard let size = EndBlock.length(endingWith: last), size <= end else { throw missing }
        try seek(to: end - size)
        guard let block = try read(), block.header.kind == BlockKind.end else { throw missing }
        let mark = try EndBlock(block.payload, headerLength: block.header.length, offset: block.offset)
        guard mark.length >= Preamble.length, mark.length <= block.offset else {
            throw TokenStreamError.invalidField(
                part: "end mark", field: "length", found: "\(mark.length)", expected: "\(Preamble.length) to \(block.offset)", offset: block.payloadOffset)
        }
        return (mark, block.offset - mark.length)
    }
}
