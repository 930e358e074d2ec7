extension ChunkReader {
    func seek(toFrame frame: Int) throws -> Int {
        guard let length = sections.buffer.seekableLength else {
            throw TokenStreamError.usage("cannot seek to frame \(frame): the input is a pipe")
        }
        guard frame >= 0 else { throw TokenStreamError.usage("cannot seek to frame \(frame)") }
        do {
            let (end, chunks) = try loadFileIndex(length: length)
            guard frame <= Int(end.frames) else {
                throw TokenStreamError.usage("cannot seek to frame \(frame) of \(end.frames)")
            }
            if frame == Int(end.frames) {
                try restart(atByte: Int(end.indexOffset), frame: frame)
                return frame
            }
            let chunk = frame / geometry.framesPerChunk
            let start = header.entropy != .none ? AdaptiveChunks.start(of: chunk) : chunk
            let entry = start / chunks.spacing
            try restart(
                atByte: Int(chunks.offsets[entry]), frame: entry * chunks.spacing * geometry.framesPerChunk)
        } catch let error as TokenStreamError where error.isDamage {
            try sections.tolerate(error)
            try restart(atByte: bodyOffset, frame: 0)
        }
        while let chunk = try next() {
            if chunk.frames.contains(frame) {
                heldBack = chunk
                return chunk.firstFrame
            }
        }
        guard frame == expectedFrame else {
            throw TokenStreamError.usage("cannot seek to frame \(frame) of \(expectedFrame)")
        }
        return frame
    }

    /// Reads the end mark and the index of a file of `length` bytes, once.
    private func loadFileIndex(length: Int) throws -> (end: EndRecord, chunks: ChunkIndex) {
        if let fileIndex { return fileIndex }
        let endOffset = length - EndRecord.sectionLength
        guard endOffset >= bodyOffset else { throw TokenStreamError.truncated(part: "the end mark", offset: length) }
        let endSection = try section(at: endOffset, type: SectionType.end)
        let end = try EndRecord(endSection.payload, offset: endSection.payloadOffset)
        try end.check(geometry, offset: endSection.payloadOffset)
        guard end.indexOffset >= UInt64(bodyOffset), end.indexOffset < UInt64(endOffset) else {
            throw TokenStreamError.invalidField(
                part: "end mark", field: "index offset", found: "\(end.indexOffset)",
                expected: "\(bodyOffset) to \(endOffset - 1)", offset: endSection.payloadOffset)
        }
        let indexSection = try section(at: Int(end.indexOffset), type: SectionType.index)
        let chunks = try ChunkIndex(
            indexSection.payload, chunkCount: Int(end.chunkCount), offset: indexSection.payloadOffset)
        fileIndex = (end, chunks)
        return (end, chunks)
    }

    /// The section of `type` at byte `offset`, without resynchronisation.
    private func section(at offset: Int, type: UInt16) throws -> Section {
        try sections.buffer.seek(to: offset)
        guard let section = try sections.readSection(), section.type == type else {
            throw TokenStreamError.invalidField(
                part: "section", field: "type", found: "another", expected: SectionType.name(type), offset: offset)
        }
        return section
    }
}
