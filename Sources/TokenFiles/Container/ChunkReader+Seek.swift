import Platform

extension ChunkReader {
    func rewind() throws { try restart(atByte: bodyOffset, frame: 0) }

    func jump(toward frame: Int, length: Int) throws -> Int {
        let (end, chunks) = try loadFileIndex(length: length)
        let frames = Int(end.frames)
        if frame >= frames {
            try restart(atByte: Int(end.indexOffset), frame: frames)
        } else {
            let chunk = frame / geometry.framesPerChunk
            let start = header.entropy != .none ? AdaptiveChunks.start(of: chunk) : chunk
            let entry = start / chunks.spacing
            try restart(
                atByte: Int(chunks.offsets[entry]), frame: entry * chunks.spacing * geometry.framesPerChunk)
        }
        return frames
    }

    func checkLengthAhead(length: Int) throws {
        let buffer = sections.buffer
        let (place, offset) = (buffer.position, length - EndRecord.sectionLength)
        guard offset >= bodyOffset else { return }
        try buffer.seek(to: offset)
        let bytes = try buffer.fill(EndRecord.sectionLength) ? Array(buffer.peek(EndRecord.sectionLength)) : []
        try buffer.seek(to: place)
        let payload = Array(bytes.dropFirst(SectionHeader.length))
        guard SectionHeader.isSound(bytes.prefix(SectionHeader.length)),
            let header = try? SectionHeader(bytes.prefix(SectionHeader.length), offset: offset), header.type == SectionType.end,
            CRC32C.checksum(payload) == header.payloadChecksum, let end = try? EndRecord(payload, offset: offset),
            (try? end.check(geometry, offset: offset)) != nil
        else { return }
        try end.checkPadding(geometry, hasSegments: false, offset: offset + SectionHeader.length)
    }

    func ending(length: Int) throws -> TokenEnding {
        let end = try loadFileIndex(length: length).end
        return TokenEnding(frames: Int(end.frames), samples: Int(end.samples))
    }

    /// Files of edition 1 stand alone.
    func nextLink(entropyModel: (TokenHeader) throws -> EntropyModel?) throws -> (any ContainerInput)? { nil }

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
