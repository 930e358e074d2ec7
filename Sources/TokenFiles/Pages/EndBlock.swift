/// The payload of edition 2's end mark: totals, the digest of the codes, the index, and how far the mark reaches back, for readers from the end.
struct EndBlock: Equatable {
    /// Base frames of the stream.
    var frames: Int
    /// Samples per channel of the original audio, without those that are skipped.
    var samples: Int
    /// Bytes of the recording before the end mark, from its preamble on: where it begins in a chain of several.
    var length: Int
    var contentHash: [UInt8]
    var entries: [PageEntry]

    init(frames: Int, samples: Int, length: Int, contentHash: [UInt8], entries: [PageEntry]) {
        (self.frames, self.samples, self.length, self.contentHash, self.entries) = (frames, samples, length, contentHash, entries)
    }

    /// - Parameter offset: of the end mark's block in the stream.
    init(_ payload: [UInt8], headerLength: Int, offset: Int) throws(TokenStreamError) {
        var fields = FieldReader(payload, part: "end mark", offset: offset + headerLength)
        let counts = 0...FormatLimits.sampleCount.upperBound
        frames = try fields.takeVarint("frame total", in: counts)
        samples = try fields.takeVarint("sample total", in: counts)
        length = try fields.takeVarint("length", in: counts)
        contentHash = Array(try fields.take(bytes: ContentHash.length))
        entries = try PageEntry.take(&fields, offset: offset)
        let distance = headerLength + payload.count - fields.remaining
        let found = Array(try fields.take(bytes: fields.remaining))
        guard found == Self.backwards(distance) else {
            throw .invalidField(part: "end mark", field: "distance", found: "another", expected: "\(distance)", offset: offset)
        }
    }

    /// The whole block.
    var block: [UInt8] {
        var fields = FieldWriter()
        fields.put(varint: frames)
        fields.put(varint: samples)
        fields.put(varint: length)
        fields.put(bytes: contentHash)
        PageEntry.put(entries, into: &fields)
        // The header's own length depends on the payload's, and that on the distance's.
        for length in 1...FieldWriter.varintLimit {
            let header = BlockHeader(kind: BlockKind.end, payloadLength: fields.bytes.count + length)
            let distance = Self.backwards(header.length + fields.bytes.count)
            guard distance.count == length else { continue }
            fields.put(bytes: distance)
            break
        }
        return BlockHeader.block(BlockKind.end, payload: fields.bytes)
    }

    /// A number of variable length with its bytes in reverse, to be read from the end.
    private static func backwards(_ value: Int) -> [UInt8] {
        var fields = FieldWriter()
        fields.put(varint: value)
        return fields.bytes.reversed()
    }

    /// Most bytes that `length(of:)` needs.
    static let tailLength = FieldWriter.varintLimit + BlockHeader.trailerLength

    /// The length of the end mark's block, from the last bytes of a stream; nil where these are not of an end mark.
    static func length(endingWith tail: ArraySlice<UInt8>) -> Int? {
        var distance = 0
        for (count, byte) in tail.dropLast(BlockHeader.trailerLength).reversed().prefix(FieldWriter.varintLimit).enumerated() {
            distance |= Int(byte & 0x7F) << (7 * count)
            if byte & 0x80 == 0 { return distance < 1 << 48 ? distance + count + 1 + BlockHeader.trailerLength : nil }
        }
        return nil
    }
}
