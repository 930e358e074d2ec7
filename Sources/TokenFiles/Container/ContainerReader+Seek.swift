import Platform

extension ContainerReader {
    /// Makes the chunk that holds base frame `frame` the next one, by the index at the file's end.
    ///
    /// In entropy modes `adaptive` and `lm` the chunks from the last fresh model on, at most 63, are decoded on the way.
    ///
    /// Checks that need the whole file (its checksum, the index against the chunks) do not run after a seek. In lenient mode a
    /// damaged index is replaced by reading from the start.
    /// - Returns: the first frame of that chunk, or the number of frames when `frame` is the end. Callers drop the
    ///   `frame - firstFrame` frames before the one they want.
    /// - Throws: `TokenStreamError.usage` when the source cannot seek or the file has fewer frames, and as `next()`; after an error
    ///   the place in the stream is undefined until the next successful seek.
    public func seek(toFrame frame: Int) throws -> Int {
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

    /// Looks at the end mark of a source that can seek, before the chunks are read, and stays in place: in files without segments the frames must
    /// not hold far more than the samples, and a decoder had better know before it hands samples out. Strict readers check it at the end
    /// all the same; what else is wrong with the end mark is left to them, and so are pipes and lenient readers.
    /// - Throws: `TokenStreamError.invalidField`, the one that `next()` throws at the end; what the source throws.
    public func checkLengthAhead() throws {
        let buffer = sections.buffer
        guard mode == .strict, let length = buffer.seekableLength, length - EndRecord.sectionLength >= bodyOffset else { return }
        let (place, offset) = (buffer.position, length - EndRecord.sectionLength)
        try buffer.seek(to: offset)
        let bytes = try buffer.fill(EndRecord.sectionLength) ? Array(buffer.peek(EndRecord.sectionLength)) : []
        try buffer.seek(to: place)
        let payload = Array(bytes.dropFirst(SectionHeader.length))
        guard SectionHeader.isSound(bytes.prefix(SectionHeader.length)),
            let header = try? SectionHeader(bytes.prefix(SectionHeader.length), offset: offset), header.type == SectionType.end,
            CRC32C.checksum(payload) == header.payloadChecksum, let end = try? EndRecord(payload, offset: offset),
            (try? end.check(geometry, offset: offset)) != nil
        else { return }
        try end.checkPadding(geometry, offset: offset + SectionHeader.length)
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
