/// An entry of edition 2's index: a page that is flagged as a place to start from.
struct PageEntry: Equatable {
    /// The page's first frame.
    var frame: Int
    /// Of the page's block, from the first byte of the stream.
    var offset: Int

    static func put(_ entries: [PageEntry], into fields: inout FieldWriter) {
        fields.put(varint: entries.count)
        var last = PageEntry(frame: 0, offset: 0)
        for entry in entries {
            fields.put(varint: entry.frame - last.frame)
            fields.put(varint: entry.offset - last.offset)
            last = entry
        }
    }

    /// The entries of an end mark, whose places must rise.
    /// - Parameter place: of the end mark in the stream, for errors.
    static func take(_ fields: inout FieldReader, offset place: Int) throws(TokenStreamError) -> [PageEntry] {
        let count = try fields.takeVarint("entries of the index", in: 0...FormatLimits.indexEntries)
        var entries: [PageEntry] = []
        var last = PageEntry(frame: 0, offset: 0)
        for index in 0..<count {
            // Of a cut piece, the first frame may be any.
            let frame = try fields.takeVarint("frame of entry \(index)", in: 0...FormatLimits.sampleCount.upperBound)
            let offset = try fields.takeVarint("offset of entry \(index)", in: 1...FormatLimits.sampleCount.upperBound)
            guard index == 0 || frame > 0,
                last.frame + frame <= FormatLimits.sampleCount.upperBound, last.offset + offset <= FormatLimits.sampleCount.upperBound else {
                throw .invalidField(
                    part: "end mark", field: "entry \(index)", found: "frame \(last.frame + frame) at \(last.offset + offset)",
                    expected: "rising places", offset: place)
            }
            last = PageEntry(frame: last.frame + frame, offset: last.offset + offset)
            entries.append(last)
        }
        return entries
    }
}
