import Platform
import Tokens

/// A digest of codes and the levels of segments that does not depend on how a file codes or cuts them.
///
/// The first 8 bytes of the SHA-256 of all codes as u32, little endian, in order of time, those that start at one frame by codebook, then by track.
/// Where segments begin at a frame, each stands before the frame's codes as 0xFFFFFFFF, its track, and the bits of its scale.
struct ContentHash {
    static let length = 8
    private let header: TokenHeader
    private var hash = SHA256()

    init(_ header: TokenHeader) { self.header = header }

    var bytes: [UInt8] { Array(hash.finalize().bytes.prefix(Self.length)) }

    /// Adds whole superframes: `codes[track][k]` are their codes, `segments` of each track count from the first of these frames.
    mutating func update(_ codes: [[ArraySlice<Int32>]], segments: [[CodeSegment]], frames: Int) {
        var fields = FieldWriter()
        let starts = segments.contains { !$0.isEmpty } ? segments : []
        header.forEachCode(frames: frames) { track, k, index in
            if !starts.isEmpty && k == 0 && track == 0 {
                for (track, segments) in starts.enumerated() {
                    for segment in segments where segment.frame == index {
                        fields.put(UInt32.max)
                        fields.put(UInt32(track))
                        fields.put(segment.scale.bitPattern)
                    }
                }
            }
            let stream = codes[track][k]
            fields.put(stream[stream.startIndex + index])
        }
        hash.update(fields.bytes)
    }
}
