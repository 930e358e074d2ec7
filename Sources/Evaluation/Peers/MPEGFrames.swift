/// Counts the bytes of the audio frames of an MP3 file (ISO/IEC 11172-3 and 13818-3, layer III).
enum MPEGFrames {
    /// Bytes of all frames, without tags and the Xing or Info frame that encoders put first to describe the file.
    /// - Throws: `EvaluationError.malformedStream` for a place where a frame should start and none does.
    static func payload(_ bytes: [UInt8]) throws(EvaluationError) -> Int {
        var position = tagLength(bytes)
        var total = 0
        var isFirst = true
        while position < bytes.count, !isTrailer(bytes, position) {
            guard let frame = Frame(bytes, position) else {
                throw .malformedStream("no MPEG audio frame at byte \(position)")
            }
            let end = min(position + frame.length, bytes.count)
            if !(isFirst && isDescription(bytes[position..<end], frame)) { total += end - position }
            isFirst = false
            position = end
        }
        return total
    }

    /// Length of an ID3v2 tag at the start, 0 when there is none.
    private static func tagLength(_ bytes: [UInt8]) -> Int {
        guard bytes.count >= 10, bytes.starts(with: "ID3".utf8) else { return 0 }
        let size = bytes[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7F) }
        return min(bytes.count, 10 + size + (bytes[5] & 0x10 != 0 ? 10 : 0))
    }

    /// Whether an ID3v1 tag starts here.
    private static func isTrailer(_ bytes: [UInt8], _ position: Int) -> Bool {
        bytes.count - position == 128 && bytes[position...].starts(with: "TAG".utf8)
    }

    /// Whether the frame holds a table of contents behind its side information instead of audio.
    private static func isDescription(_ bytes: ArraySlice<UInt8>, _ frame: Frame) -> Bool {
        let place = bytes.dropFirst(4 + frame.sideInformation).prefix(4)
        return place.elementsEqual("Xing".utf8) || place.elementsEqual("Info".utf8)
    }

    /// What a frame's header says.
    private struct Frame {
        let length: Int
        let sideInformation: Int

        private static let bitrates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
        private static let bitrates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        private static let rates = [44100, 48000, 32000]

        init?(_ bytes: [UInt8], _ position: Int) {
            guard bytes.count - position >= 4, bytes[position] == 0xFF, bytes[position + 1] & 0xE6 == 0xE2 else { return nil }
            let (flags, third) = (bytes[position + 1], bytes[position + 2])
            // MPEG-1, or the low rates of MPEG-2 and "2.5".
            let version = Int(flags >> 3 & 3)
            let (bitrateIndex, rateIndex) = (Int(third >> 4), Int(third >> 2 & 3))
            guard version != 1, (1...14).contains(bitrateIndex), rateIndex < 3 else { return nil }
            let isFirstVersion = version == 3
            let bitrate = (isFirstVersion ? Self.bitrates1 : Self.bitrates2)[bitrateIndex]
            let rate = Self.rates[rateIndex] / (isFirstVersion ? 1 : version == 2 ? 2 : 4)
            length = (isFirstVersion ? 144_000 : 72_000) * bitrate / rate + Int(third >> 1 & 1)
            let isMono = bytes[position + 3] >> 6 == 3
            sideInformation = isFirstVersion ? (isMono ? 17 : 32) : (isMono ? 9 : 17)
        }
    }
}
