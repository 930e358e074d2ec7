/// What an encoder says of a stream in its first frame, which holds no audio: the tags Xing and Info (LAME's layout), and VBRI.
///
/// All of it is a claim. Joined, cut and re-tagged files keep the tag of what they once were.
struct MPEGInfoFrame {
    /// Frames of audio behind this one; nil when not said.
    private(set) var frames: Int?
    /// Bytes of the stream with this frame; nil when not said.
    private(set) var bytes: Int?
    /// Samples that the encoder put in front of the recording.
    private(set) var delay: Int?
    /// Samples that it put behind.
    private(set) var padding = 0

    /// Samples by which a decoder of layer III is late: 528, and one that decoders drop.
    static let decoderDelay = 529

    /// Samples of decoded audio in front of the recording.
    var leading: Int { delay.map { $0 + Self.decoderDelay } ?? 0 }
    /// Samples of decoded audio behind the recording, in a stream that ends where the tag says.
    var trailing: Int { delay == nil ? 0 : max(0, padding - Self.decoderDelay) }

    /// Nil when the frame holds audio.
    init?(_ frame: [UInt8], _ header: MPEGFrameHeader) {
        guard header.layer == 3 else { return nil }
        let start = MPEGFrameHeader.size + header.sideBytes
        // A checksum moves the tag in the files of some encoders.
        for offset in header.hasChecksum ? [start, start + 2] : [start] {
            if Self.text(frame, at: offset, is: "Xing") || Self.text(frame, at: offset, is: "Info") {
                readXing(frame, at: offset + 4)
                return
            }
        }
        let fraunhofer = MPEGFrameHeader.size + 32
        guard Self.text(frame, at: fraunhofer, is: "VBRI"), frame.count >= fraunhofer + 18 else { return nil }
        bytes = Int(bigEndian32(frame, at: fraunhofer + 10))
        frames = Int(bigEndian32(frame, at: fraunhofer + 14))
    }

    private mutating func readXing(_ frame: [UInt8], at start: Int) {
        guard frame.count >= start + 4 else { return }
        let flags = bigEndian32(frame, at: start)
        var offset = start + 4
        func field(_ bit: UInt32, _ size: Int) -> Int? {
            guard flags & bit != 0, frame.count >= offset + size else { return nil }
            defer { offset += size }
            return Int(bigEndian32(frame, at: offset))
        }
        frames = field(1, 4)
        bytes = field(2, 4)
        _ = field(4, 100)
        _ = field(8, 4)
        // The version of the encoder, then 12 bytes of settings.
        guard ["LAME", "Lavf", "Lavc"].contains(where: { Self.text(frame, at: offset, is: $0) }), frame.count >= offset + 24 else { return }
        let gaps = Int(frame[offset + 21]) << 16 | Int(frame[offset + 22]) << 8 | Int(frame[offset + 23])
        delay = gaps >> 12
        padding = gaps & 0xFFF
    }

    private static func text(_ bytes: [UInt8], at offset: Int, is text: String) -> Bool {
        bytes.count >= offset + text.utf8.count && bytes[offset..<offset + text.utf8.count].elementsEqual(text.utf8)
    }
}
