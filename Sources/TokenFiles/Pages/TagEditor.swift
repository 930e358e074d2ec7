import Platform

/// Gives a recording of edition 2 other tags. All else stays as it is, byte for byte, but for the places in the index.
public enum TagEditor {
    /// Copies all recordings of `source` to `sink` and changes the tags of the first.
    /// - Parameter change: is given the tags, and changes them.
    /// - Throws: `TokenStreamError` for a stream that is damaged in its blocks, and `.usage` for one of edition 1 or for tags that the format does
    ///   not allow; what the source, the sink and `change` throw.
    public static func rewrite(_ source: any ByteSource, to sink: any ByteSink, change: (inout [String: String]) throws -> Void) throws {
        let sections = SectionReader(source, mode: .strict)
        try copyRecording(sections, to: sink, change)
        while try BlockReader(sections).isAtPreamble() { try copyRecording(sections, to: sink) { _ in } }
        guard try !sections.buffer.fill(1) else { throw TokenStreamError.trailingBytes(offset: sections.buffer.position) }
    }

    private static func copyRecording(
        _ sections: SectionReader, to sink: any ByteSink, _ change: (inout [String: String]) throws -> Void
    ) throws {
        let start = sections.buffer.position
        let version = try sections.readPreamble()
        guard version.major == PagedHeader.major else {
            throw TokenStreamError.usage("files of format version \(version.major) have no tags, those of version \(PagedHeader.major) do")
        }
        let out = CountingSink(sink)
        try out.emit(Preamble.bytes(major: version.major, minor: version.minor))
        let blocks = BlockReader(sections)
        try copyHeader(blocks, to: out, change)
        while let block = try blocks.read() {
            guard block.header.kind == BlockKind.end else {
                try out.emit(BlockHeader.block(block.header.kind, place: block.header.place, payload: block.payload))
                continue
            }
            var end = try EndBlock(block.payload, headerLength: block.header.length, offset: block.offset)
            guard end.length == block.offset - start else {
                throw TokenStreamError.disagreement(
                    field: "length", recorded: "\(end.length)", found: "\(block.offset - start)", offset: block.payloadOffset)
            }
            let moved = out.byteCount - end.length
            end.length = out.byteCount
            // The places are at most 2⁴⁸, and so is what tags can move them by.
            for index in end.entries.indices { end.entries[index].offset += moved }
            return try out.emit(end.block)
        }
        throw TokenStreamError.truncated(part: "the end mark", offset: blocks.position)
    }

    /// Copies the header and the changed tags.
    private static func copyHeader(
        _ blocks: BlockReader, to out: CountingSink, _ change: (inout [String: String]) throws -> Void
    ) throws {
        let missing = TokenStreamError.truncated(part: "the header", offset: blocks.position)
        guard let header = try blocks.read(), header.header.kind == BlockKind.header else { throw missing }
        let content = try PagedHeader.decode(header.payload, offset: header.payloadOffset)
        var tags = content.hasTags ? try PageReader.readTags(blocks) ?? [:] : [:]
        try change(&tags)
        if let flaw = TokenTags.flaw(tags) { throw TokenStreamError.usage("tags have \(flaw.field) \(flaw.found), expected \(flaw.expected)") }
        try out.emit(BlockHeader.block(BlockKind.header, payload: PagedHeader.announcing(tags: !tags.isEmpty, header.payload)))
        if !tags.isEmpty { try out.emit(BlockHeader.block(BlockKind.tags, payload: TagsRecord.encode(tags))) }
        // Only now, so that pages are checked against it.
        blocks.header = content.header
    }
}
