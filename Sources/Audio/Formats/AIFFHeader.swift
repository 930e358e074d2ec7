/// Headers of AIFF and AIFF-C files (Apple, 1989 and 1991), for writing.
///
/// Made here because libsndfile 1.2 counts the pad byte behind an odd number of 8-bit samples as a sample.
enum AIFFHeader {
    /// The header for samples of `coding`, and zero or one byte to put behind them. Its length does not depend on `samples`.
    /// - Parameter isAIFFC: whether it is AIFF-C even for plain integers, which AIFF holds.
    static func make(
        _ coding: PCMCoding, sampleRate: Int, channelCount: Int, samples: Int, isAIFFC: Bool
    ) -> (header: [UInt8], padding: Int) {
        let dataBytes = samples * coding.bytesPerSample * channelCount
        let padding = dataBytes % 2
        var common = bigEndian(channelCount, bytes: 2) + bigEndian(samples, bytes: 4) + bigEndian(8 * coding.bytesPerSample, bytes: 2)
        common += extended(sampleRate)
        var version: [UInt8] = []
        let compression = compression(coding.format) ?? (isAIFFC ? "NONE" : nil)
        if let compression {
            // Compression type, then its name as an empty Pascal string padded to two bytes.
            common += Array(compression.utf8) + [0, 0]
            version = chunk("FVER", bigEndian(0xA280_5140, bytes: 4))
        }
        let body = Array((compression == nil ? "AIFF" : "AIFC").utf8) + version + chunk("COMM", common)
        // Behind the size of the sound chunk stand an offset and a block size, both 0.
        let sound = Array("SSND".utf8) + bigEndian(8 + dataBytes, bytes: 4) + bigEndian(0, bytes: 8)
        let size = body.count + sound.count + dataBytes + padding
        return (Array("FORM".utf8) + bigEndian(size, bytes: 4) + body + sound, padding)
    }

    /// Most bytes of samples that the 32-bit sizes can describe beside any header that `make` writes.
    static let longestData = 0xFFFF_E000

    private static func chunk(_ id: String, _ content: [UInt8]) -> [UInt8] {
        Array(id.utf8) + bigEndian(content.count, bytes: 4) + content
    }

    /// Nil for plain signed integers.
    private static func compression(_ format: SampleFormat) -> String? {
        switch format {
        case .pcmU8: return "raw "
        case .float: return "fl32"
        case .double: return "fl64"
        case .mulaw: return "ulaw"
        case .alaw: return "alaw"
        default: return nil
        }
    }

    /// A positive integer as an 80-bit IEEE extended number: biased exponent, then a mantissa with its leading one.
    private static func extended(_ value: Int) -> [UInt8] {
        let zeros = value.leadingZeroBitCount
        return bigEndian(16_383 + 63 - zeros, bytes: 2) + bigEndian(value << zeros, bytes: 8)
    }
}
