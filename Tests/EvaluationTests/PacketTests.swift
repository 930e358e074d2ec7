import Evaluation
import Testing

/// Counting what is sent apart from what holds it.
@Suite struct PacketTests {
    /// A page with these lacing values and bodies of zeros.
    private func page(_ laces: [Int], serial: UInt8 = 1) -> [UInt8] {
        let head: [UInt8] = Array("OggS".utf8) + [UInt8](repeating: 0, count: 10) + [serial, 0, 0, 0]
        return head + [UInt8](repeating: 0, count: 8) + [UInt8(laces.count)] + laces.map(UInt8.init)
            + [UInt8](repeating: 0, count: laces.reduce(0, +))
    }

    @Test func packetsAreCountedAcrossLacesAndPages() throws {
        // 255 goes on, 0 ends a packet of just 255; the last packet of the second page ends on the third.
        let stream = page([19]) + page([40, 255, 0, 255, 255]) + page([7, 3])
        #expect(try OggPackets.lengths(stream) == [19, 40, 255, 517, 3])
        #expect(try OggPackets.payload(stream, headers: 2) == 775)
    }

    @Test func damagedStreamsAreNamed() {
        let stream = page([19]) + page([40, 12])
        for broken in [Array(stream.dropLast()), Array(stream.dropFirst()), stream + [0], page([255]), page([1]) + page([1], serial: 2)] {
            #expect(throws: EvaluationError.self) { try OggPackets.lengths(broken) }
        }
        for length in 1..<stream.count where length != page([19]).count {
            #expect(throws: EvaluationError.self, "\(length)") { try OggPackets.lengths(Array(stream.prefix(length))) }
        }
        #expect(throws: EvaluationError.self) { try OggPackets.payload(stream, headers: 4) }
    }

    /// 32 kb/s at 24 kHz, mono, MPEG-2: 72000 · 32 / 24000 = 96 bytes.
    private func frame(padded: Bool = false, tag: String? = nil) -> [UInt8] {
        var bytes: [UInt8] = [0xFF, 0xF3, 0x44 | (padded ? 2 : 0), 0xC0] + [UInt8](repeating: 0, count: padded ? 93 : 92)
        if let tag { bytes.replaceSubrange(13..<17, with: tag.utf8) }
        return bytes
    }

    @Test func mp3FramesAreCountedWithoutTagsAndDescription() throws {
        let id3 = Array("ID3".utf8) + [4, 0, 0, 0, 0, 1, 2] + [UInt8](repeating: 9, count: 130)
        let trailer = Array("TAG".utf8) + [UInt8](repeating: 0, count: 125)
        let audio = frame() + frame(padded: true) + frame()
        #expect(try MPEGFrames.payload(audio) == 289)
        #expect(try MPEGFrames.payload(id3 + frame(tag: "Info") + audio + trailer) == 289)
        #expect(try MPEGFrames.payload(frame(tag: "Xing") + audio) == 289)
        // Only the first frame can be a description.
        #expect(try MPEGFrames.payload(audio + frame(tag: "Info")) == 385)
    }

    @Test func whatIsNoMP3FrameIsNamed() {
        for broken in [frame() + [1, 2, 3, 4], [0xFF, 0xF3], [0xFF, 0xF3, 0xF4, 0xC0], [0xFF, 0xEB, 0x44, 0xC0]] {
            #expect(throws: EvaluationError.self) { try MPEGFrames.payload(broken) }
        }
    }
}
