/// The header of a frame of MPEG audio: ISO/IEC 11172-3 §2.4.1.3 (MPEG 1), 13818-3 (MPEG 2), and Fraunhofer's MPEG 2.5.
struct MPEGFrameHeader: Equatable {
    enum Version: Equatable { case one, two, twoAndAHalf }

    let version: Version
    /// 1 to 3.
    let layer: Int
    /// Hz.
    let sampleRate: Int
    let channelCount: Int
    /// Bytes of the whole frame, with the header.
    let bytes: Int
    /// Whether a checksum of two bytes stands behind the header.
    let hasChecksum: Bool

    static let size = 4
    /// Longest frame: 384 kb/s at 32 kHz in layer II, or 160 kb/s at 8 kHz.
    static let longest = 2_881
    /// A frame of free format that holds its header and a checksum or some side information.
    private static let shortest = 16

    /// - Parameter freeBytes: length of the stream's frames of "free format" without padding; nil where it has none.
    /// - Returns: nil for bytes that are no header.
    init?(_ bytes: UnsafeRawBufferPointer, freeBytes: Int? = nil) {
        guard bytes.count >= Self.size, bytes[0] == 0xFF, bytes[1] & 0xE0 == 0xE0 else { return nil }
        let layerBits = Int(bytes[1] >> 1 & 3)
        let rateIndex = Int(bytes[2] >> 4)
        let frequencyIndex = Int(bytes[2] >> 2 & 3)
        guard layerBits != 0, frequencyIndex != 3, rateIndex != 0 || freeBytes != nil, rateIndex != 15 else { return nil }
        switch bytes[1] >> 3 & 3 {
        case 0: version = .twoAndAHalf
        case 2: version = .two
        case 3: version = .one
        default: return nil
        }
        layer = 4 - layerBits
        let frequency = [44_100, 48_000, 32_000][frequencyIndex]
        switch version {
        case .one: sampleRate = frequency
        case .two: sampleRate = frequency / 2
        case .twoAndAHalf: sampleRate = frequency / 4
        }
        channelCount = bytes[3] >> 6 == 3 ? 1 : 2
        hasChecksum = bytes[1] & 1 == 0
        let padding = layer == 1 ? 4 * Int(bytes[2] >> 1 & 1) : Int(bytes[2] >> 1 & 1)
        if let freeBytes, rateIndex == 0 {
            self.bytes = freeBytes + padding
            return
        }
        let bitrate = 1000 * Self.kilobits(version, layer)[rateIndex - 1]
        if layer == 1 {
            self.bytes = 4 * (12 * bitrate / sampleRate) + padding
        } else {
            let slots = layer == 3 && version != .one ? 72 : 144
            self.bytes = slots * bitrate / sampleRate + padding
        }
    }

    /// Length without padding of the frames of "free format" that begin here: only the distance of their headers tells it. Nil unless three
    /// frames of one length stand here, or two and the end.
    static func freeBytes(_ bytes: UnsafeRawBufferPointer) -> Int? {
        func header(at offset: Int, _ freeBytes: Int) -> MPEGFrameHeader? {
            guard offset + size <= bytes.count, bytes[offset + 1] == bytes[1], bytes[offset + 2] & 0xFD == bytes[2] & 0xFD else { return nil }
            return MPEGFrameHeader(UnsafeRawBufferPointer(rebasing: bytes[offset...]), freeBytes: freeBytes)
        }
        guard bytes.count > shortest, bytes[2] >> 4 == 0, let padded = header(at: 0, 0) else { return nil }
        for distance in shortest..<min(bytes.count, longest + 1) {
            let length = distance - padded.bytes
            guard let second = header(at: distance, length) else { continue }
            let third = distance + second.bytes
            if third == bytes.count || header(at: third, length) != nil { return length }
        }
        return nil
    }

    /// Samples per channel.
    var samples: Int {
        switch layer {
        case 1: return 384
        case 2: return 1152
        default: return version == .one ? 1152 : 576
        }
    }

    /// Whether a frame with this header may follow `other` in one stream.
    func continues(_ other: MPEGFrameHeader) -> Bool {
        version == other.version && layer == other.layer && sampleRate == other.sampleRate
    }

    /// Bytes of side information behind the header of a frame of layer III.
    var sideBytes: Int {
        switch (version, channelCount) {
        case (.one, 1): return 17
        case (.one, _): return 32
        case (_, 1): return 9
        default: return 17
        }
    }

    private static func kilobits(_ version: Version, _ layer: Int) -> [Int] {
        switch (version, layer) {
        case (.one, 1): return (1...14).map { 32 * $0 }
        case (.one, 2): return [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384]
        case (.one, _): return [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
        case (_, 1): return [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256]
        default: return [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        }
    }
}
