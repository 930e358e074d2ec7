import Tokens

/// The payload of a segments section: for each track u16 count, then for each segment u16 frame within the chunk and the f32 scale.
enum SegmentRecord {
    static func encode(_ tracks: [[CodeSegment]]) -> [UInt8] {
        var fields = FieldWriter()
        for segments in tracks {
            fields.put(UInt16(segments.count))
            for segment in segments {
                fields.put(UInt16(segment.frame))
                fields.put(segment.scale.bitPattern)
            }
        }
        return fields.bytes
    }

    /// Most bytes for a chunk of `frames` frames.
    static func lengthLimit(tracks: Int, frames: Int) -> Int { tracks * (2 + 6 * frames) }

    /// `frames` are those of the chunk, `offset` is the payload's place in the stream.
    static func decode(_ payload: [UInt8], tracks: Int, frames: Int, offset: Int) throws(TokenStreamError) -> [[CodeSegment]] {
        var fields = FieldReader(payload, part: "segments", offset: offset)
        var decoded: [[CodeSegment]] = []
        for _ in 0..<tracks {
            var segments: [CodeSegment] = []
            for _ in 0..<(try fields.take(UInt16.self)) {
                let frame = Int(try fields.take(UInt16.self))
                segments.append(CodeSegment(frame: frame, scale: Float(bitPattern: try fields.take(UInt32.self))))
            }
            if let (field, found) = flaw(segments, frames: frames) {
                throw .invalidField(part: "segments", field: field, found: found, expected: expectation(frames), offset: offset)
            }
            decoded.append(segments)
        }
        try fields.finish()
        guard decoded.contains(where: { !$0.isEmpty }) else {
            throw .invalidField(part: "segments", field: "count", found: "0", expected: "at least 1", offset: offset)
        }
        return decoded
    }

    /// What is wrong with the segments of `frames` frames: the field and its value.
    static func flaw(_ segments: [CodeSegment], frames: Int) -> (field: String, found: String)? {
        var next = 0
        for segment in segments {
            guard segment.frame >= next && segment.frame < frames else { return ("frame", "\(segment.frame)") }
            guard segment.scale.isFinite && segment.scale >= 0 else { return ("scale", "\(segment.scale)") }
            next = segment.frame + 1
        }
        return nil
    }

    static func expectation(_ frames: Int) -> String { "rising frames below \(frames) and finite scales of at least 0" }
}
