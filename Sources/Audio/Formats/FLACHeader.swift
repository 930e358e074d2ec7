/// The FLAC stream without samples, which libsndfile does not write (it leaves nothing at all).
enum FLACHeader {
    /// Marker and STREAMINFO (RFC 9639 §8.2) with unknown frame sizes and no checksum.
    static func empty(sampleRate: Int, channelCount: Int, bits: Int) -> [UInt8] {
        let lastBlockOfInfo: [UInt8] = [0x80, 0, 0, 34]
        let blockSizes: [UInt8] = [0x10, 0, 0x10, 0]
        let fields = UInt64(sampleRate) << 44 | UInt64(channelCount - 1) << 41 | UInt64(bits - 1) << 36
        let packed = (0..<8).map { UInt8(truncatingIfNeeded: fields >> UInt64(56 - 8 * $0)) }
        let frameSizes = [UInt8](repeating: 0, count: 6)
        let checksum = [UInt8](repeating: 0, count: 16)
        return Array("fLaC".utf8) + lastBlockOfInfo + blockSizes + frameSizes + packed + checksum
    }
}
